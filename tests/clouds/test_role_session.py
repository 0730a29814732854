"""A leaked session of a role: working before, refused after, a new session served."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lab.cloud import Ability
from lab.http import fetch_status
from lab.ministack import trusting
from lab.scene import REVOKE_POLICY, Scene
from lab.wire import Keys, Wire

pytestmark = pytest.mark.clouds


@pytest.mark.needs(Ability.KEY_IDS)
def test_a_pasted_session_is_dead_and_proven_dead_and_new_sessions_work(scene: Scene) -> None:
    role = scene.role()
    thief, worker = scene.cloud.assume(role, "thief"), scene.cloud.assume(role, "worker")
    scene.assert_served(thief)
    scene.assert_served(worker)

    done = scene.revoke("-", "--ask-leaked", stdin=f"oops:\n{thief.export_lines}")

    scene.assert_refused(thief)
    scene.assert_refused(worker)
    scene.expect(done, code=0, status="contained")
    verification = done.document.part("verification")
    assert verification.text("level") == "live", str(done)
    assert verification.value("effective") is True
    assert verification.value("new_sessions_work") is True
    assert verification.value("seconds_to_effect") is not None
    actions = [(row.text("kind"), row.text("state")) for row in done.document.rows("actions")]
    assert actions == [("put-role-policy", "done")]
    assert done.document.rows("credentials")[0].text("access_key_id") == thief.access_key_id
    assert scene.policies(f"role/{role}") == {"work", REVOKE_POLICY}
    scene.assert_new_session_served(role, done)


def test_a_role_named_without_any_secret_is_cut_off_and_a_canary_proves_it(scene: Scene) -> None:
    role = scene.role()
    thief = scene.cloud.assume(role, "thief")
    scene.assert_served(thief)

    done = scene.revoke(f"role/{role}")

    scene.assert_refused(thief)
    scene.expect(done, code=0, status="contained")
    assert done.document.text("verification", "level") == "canary", str(done)
    scene.assert_new_session_served(role, done)


def test_the_deny_is_the_document_that_the_console_writes_under_our_own_id(scene: Scene) -> None:
    role = scene.role()
    thief = scene.cloud.assume(role, "thief")
    scene.assert_served(thief)

    done = scene.revoke(f"role/{role}")

    document = json.loads(scene.policy(f"role/{role}"))
    (statement,) = document["Statement"]
    instant = statement["Condition"]["DateLessThan"]["aws:TokenIssueTime"]
    assert instant.endswith("Z")
    assert instant[:19] == done.document.text("cutoff")[:19]
    assert {**statement, "Condition": None} == {
        "Sid": "UnleakOlderSessions",
        "Effect": "Deny",
        "Action": ["*"],
        "Resource": ["*"],
        "Condition": None,
    }
    scene.assert_refused(thief)


def test_one_session_is_cut_off_and_the_others_of_the_role_go_on(scene: Scene) -> None:
    role = scene.role()
    thief, worker = scene.cloud.assume(role, "thief"), scene.cloud.assume(role, "worker")
    scene.assert_served(thief)

    done = scene.revoke(f"session/{role}/thief", "--scope", "session")

    scene.assert_refused(thief)
    scene.assert_served(worker)
    assert done.code in {0, 3}, str(done)
    assert REVOKE_POLICY not in scene.policies(f"role/{role}")
    scene.assert_new_session_served(role, done)


def test_a_pasted_session_can_be_cut_off_alone(aws: Scene) -> None:
    role = aws.role()
    thief, worker = aws.cloud.assume(role, "thief"), aws.cloud.assume(role, "worker")
    aws.assert_served(thief)

    done = aws.revoke("-", "--scope", "session", stdin=thief.export_lines)

    aws.assert_refused(thief)
    aws.assert_served(worker)
    aws.expect(done, code=0, status="contained")
    assert done.document.text("verification", "level") == "live", str(done)


def test_an_arn_of_an_assumed_role_names_the_role(aws: Scene) -> None:
    role = aws.role()
    thief = aws.cloud.assume(role, "thief")
    aws.assert_served(thief)

    done = aws.revoke(f"arn:aws:sts::{aws.cloud.account}:assumed-role/{role}/thief")

    aws.assert_refused(thief)
    aws.expect(done, code=0, status="contained")
    aws.assert_new_session_served(role, done)


def test_a_presigned_url_of_the_leaked_session_stops_working(scene: Scene) -> None:
    role, bucket = scene.role(), scene.name("bucket")
    scene.cloud.admin.call("s3", "create_bucket", Bucket=bucket)
    scene.cloud.admin.call("s3", "put_object", Bucket=bucket, Key="plan", Body=b"secret plan")
    thief = scene.cloud.assume(role, "thief")
    url = Wire(endpoint=scene.cloud.endpoint, keys=thief).presign(bucket, "plan")
    assert fetch_status(url) == 200

    scene.revoke(f"role/{role}")

    assert fetch_status(url) == 403
    scene.assert_refused(thief)


def test_the_json_of_assume_role_in_a_file_is_evidence(aws: Scene, tmp_path: Path) -> None:
    role = aws.role()
    thief = aws.cloud.assume(role, "thief")
    aws.assert_served(thief)
    leaked = tmp_path / "leaked.json"
    leaked.write_text(json.dumps({"Credentials": as_json(thief)}, indent=2))

    done = aws.revoke("--file", str(leaked))

    aws.assert_refused(thief)
    aws.expect(done, code=0, status="contained")


def test_what_leaked_is_in_this_shell_and_the_profile_is_the_responders(aws: Scene) -> None:
    role = aws.role()
    thief = aws.cloud.assume(role, "thief")
    aws.assert_served(thief)
    profile = aws.shell.home / "credentials"
    responder = aws.cloud.responder
    profile.write_text(
        f"[me]\naws_access_key_id = {responder.access_key_id}\n"
        f"aws_secret_access_key = {responder.secret}\n"
    )
    aws.shell.keys = thief
    aws.shell.extra = {"AWS_SHARED_CREDENTIALS_FILE": str(profile)}

    done = aws.revoke("--from-env", "--profile", "me")

    aws.assert_refused(thief)
    aws.expect(done, code=0, status="contained")
    assert done.document.rows("credentials")[0].text("access_key_id") == thief.access_key_id


def test_read_back_alone_is_exit_3_and_says_unproven(ministack_scene: Scene) -> None:
    # the other double's simulation weighs issue times, and so proves more than this
    role = ministack_scene.role(trust=trusting("999999999999"))

    done = ministack_scene.revoke(f"role/{role}")

    ministack_scene.expect(done, code=3, status="unproven")
    verification = done.document.part("verification")
    assert verification.text("level") == "read-back", str(done)
    assert verification.value("effective") is None
    assert verification.value("new_sessions_work") is None
    assert ministack_scene.policies(f"role/{role}") == {"work", REVOKE_POLICY}


def test_read_back_is_enough_where_no_more_is_asked_for(aws: Scene) -> None:
    role = aws.role(trust=trusting("999999999999"))

    done = aws.revoke(f"role/{role}", "--proof", "read-back")

    aws.expect(done, code=0, status="contained")


def test_a_live_proof_that_cannot_be_had_is_exit_3(aws: Scene) -> None:
    role = aws.role()
    thief = aws.cloud.assume(role, "thief")

    done = aws.revoke(f"role/{role}", "--proof", "live")

    aws.expect(done, code=3, status="unproven")
    aws.assert_refused(thief)


def test_a_dead_session_pasted_again_is_already_contained(aws: Scene) -> None:
    role = aws.role()
    thief = aws.cloud.assume(role, "thief")
    first = aws.revoke("-", stdin=thief.export_lines)

    second = aws.revoke("-", stdin=thief.export_lines)

    aws.assert_refused(thief)
    aws.expect(second, code=0, status="contained")
    aws.assert_new_session_served(role, second)
    assert second.document.text("cutoff") >= first.document.text("cutoff")


def as_json(keys: Keys) -> dict[str, str | None]:
    """Return `Credentials` as `aws sts assume-role` prints them."""
    return {
        "AccessKeyId": keys.access_key_id,
        "SecretAccessKey": keys.secret,
        "SessionToken": keys.token,
        "Expiration": "2099-01-01T00:00:00+00:00",
    }
