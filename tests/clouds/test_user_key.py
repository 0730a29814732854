"""A leaked key of a user, and the sessions that it minted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lab.cloud import Ability, wait_until_after
from lab.scene import REVOKE_POLICY, Scene
from lab.wire import Keys

if TYPE_CHECKING:
    from lab.rgw import RadosGateway

pytestmark = pytest.mark.clouds


@pytest.fixture
def leak(aws: Scene) -> tuple[Scene, str, Keys, list[Keys]]:
    """A user whose key and the two kinds of session made with it all work."""
    user, key = aws.user()
    children = [aws.cloud.session_token(key), aws.cloud.federation_token(key, "fed")]
    for keys in (key, *children):
        aws.assert_served(keys)
    return aws, user, key, children


def test_a_pasted_key_is_dead_and_its_sessions_are_refused(
    leak: tuple[Scene, str, Keys, list[Keys]],
) -> None:
    aws, user, key, children = leak

    done = aws.revoke("-", stdin=key.export_lines)

    aws.assert_dead(key)
    for child in children:
        aws.assert_refused(child)
    aws.expect(done, code=0, status="contained")
    assert done.document.text("verification", "level") == "live", str(done)
    states = {row.text("kind"): row.text("state") for row in done.document.rows("actions")}
    assert states == {"update-access-key": "done", "put-user-policy": "done"}
    assert aws.status_of_key(user, key) == "Inactive"
    assert aws.policies(f"user/{user}") == {"work", REVOKE_POLICY}


def test_a_bare_key_id_is_enough(leak: tuple[Scene, str, Keys, list[Keys]]) -> None:
    aws, user, key, children = leak

    done = aws.revoke(key.access_key_id)

    aws.assert_dead(key)
    for child in children:
        aws.assert_refused(child)
    assert done.code in {0, 3}, str(done)
    assert aws.status_of_key(user, key) == "Inactive"
    credential = done.document.rows("credentials")[0]
    assert credential.text("kind") == "user-key"
    assert credential.text("principal", "name") == user


def test_the_users_other_key_goes_on_working(aws: Scene) -> None:
    user, key = aws.user()
    made = aws.cloud.admin.call("iam", "create_access_key", UserName=user).part("AccessKey")
    other = Keys(access_key_id=made.text("AccessKeyId"), secret=made.text("SecretAccessKey"))
    aws.assert_served(key)

    done = aws.revoke("-", stdin=key.export_lines)

    aws.assert_dead(key)
    aws.assert_served(other)
    wait_until_after(done.cutoff)
    aws.assert_served(aws.cloud.session_token(other))


def test_a_session_of_a_user_is_cut_off_and_the_key_goes_on(aws: Scene) -> None:
    user, key = aws.user()
    aws.wait_for_next_second()
    leaked = aws.cloud.session_token(key)
    aws.assert_served(leaked)

    done = aws.revoke("-", "--dismiss", key.access_key_id, stdin=leaked.export_lines)

    aws.assert_refused(leaked)
    aws.assert_served(key)
    aws.expect(done, code=0, status="contained")
    assert done.document.rows("credentials")[0].text("kind") == "user-session"
    assert aws.status_of_key(user, key) == "Active"
    wait_until_after(done.cutoff)
    aws.assert_served(aws.cloud.session_token(key))


def test_a_federated_session_is_cut_off_by_a_deny_on_the_user_behind_it(aws: Scene) -> None:
    user, key = aws.user()
    aws.wait_for_next_second()
    leaked = aws.cloud.federation_token(key, "contractor")
    aws.assert_served(leaked)

    owned = ("--owner", f"user/{user}", "--dismiss", key.access_key_id)
    done = aws.revoke("-", *owned, stdin=leaked.export_lines)

    aws.assert_refused(leaked)
    aws.expect(done, code=0, status="contained")
    assert done.document.rows("credentials")[0].text("kind") == "federated-session"
    assert REVOKE_POLICY in aws.policies(f"user/{user}")
    wait_until_after(done.cutoff)
    aws.assert_served(aws.cloud.federation_token(key, "contractor"))


def test_a_user_by_name_loses_all_keys_and_sessions(
    leak: tuple[Scene, str, Keys, list[Keys]],
) -> None:
    aws, user, key, children = leak

    aws.revoke(f"user/{user}")

    aws.assert_dead(key)
    for child in children:
        aws.assert_refused(child)


def test_several_credentials_in_one_paste_are_all_cut_off(aws: Scene) -> None:
    user, key = aws.user()
    role = aws.role()
    thief = aws.cloud.assume(role, "thief")
    aws.assert_served(thief)
    aws.assert_served(key)

    done = aws.revoke("-", stdin=f"{key.export_lines}\nand then\n{thief.export_lines}")

    aws.assert_dead(key)
    aws.assert_refused(thief)
    aws.expect(done, code=0, status="contained")
    assert aws.status_of_key(user, key) == "Inactive"


@pytest.mark.rgw
def test_where_keys_cannot_be_switched_off_the_answer_is_partial_and_honest(
    rgw: RadosGateway, rgw_scene: Scene
) -> None:
    user, key = rgw_scene.user()
    rgw_scene.assert_served(key)
    assert Ability.ACCESS_KEYS not in rgw.abilities

    done = rgw_scene.revoke("-", "--owner", f"user/{user}", stdin=key.export_lines)

    # no such API there: the key lives on, and nobody may say that it does not
    rgw_scene.assert_served(key)
    rgw_scene.expect(done, code=5, status="partial")
    states = {row.text("kind"): row.text("state") for row in done.document.rows("actions")}
    assert states["update-access-key"] == "failed"
    assert done.document.value("verification", "effective") is not True
