"""The blunt ways: each does what it says, and has the way back that it promised."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from lab.cloud import ALLOW_ALL, Ability

if TYPE_CHECKING:
    from lab.scene import Scene

pytestmark = pytest.mark.clouds


def test_deny_all_refuses_new_sessions_too_and_force_undoes_it(scene: Scene) -> None:
    role = scene.role()
    thief = scene.cloud.assume(role, "thief")
    scene.assert_served(thief)

    done = scene.revoke(f"role/{role}", "--strategy", "deny-all")

    assert done.code in {0, 3}, str(done)
    scene.assert_refused(thief)
    scene.assert_refused(scene.cloud.assume(role, "after"))
    undone = scene.shell.run("undo", done.incident, "--force", "--yes", "--json")
    assert undone.code == 0, str(undone)
    assert scene.policies(f"role/{role}") == {"work"}


def test_deny_all_of_a_user_kills_the_key_and_its_sessions(aws: Scene) -> None:
    user, key = aws.user()
    session = aws.cloud.session_token(key)
    aws.assert_served(session)

    done = aws.revoke("-", "--strategy", "deny-all", stdin=key.export_lines)

    assert done.code in {0, 3}, str(done)
    aws.assert_refused(key)
    aws.assert_refused(session)
    assert len(aws.policies(f"user/{user}")) >= 2


def test_strip_permissions_takes_everything_and_force_puts_it_back(scene: Scene) -> None:
    role = scene.role()
    thief = scene.cloud.assume(role, "thief")
    scene.assert_served(thief)
    before = scene.policy(f"role/{role}", "work")

    done = scene.revoke(f"role/{role}", "--strategy", "strip-permissions")

    scene.assert_refused(thief)
    assert "work" not in scene.policies(f"role/{role}")
    undone = scene.shell.run("undo", done.incident, "--force", "--yes", "--json")
    assert undone.code == 0, str(undone)
    assert scene.policy(f"role/{role}", "work") == before


@pytest.mark.needs(Ability.MANAGED_POLICIES)
def test_strip_permissions_detaches_managed_policies_and_puts_them_back(scene: Scene) -> None:
    role = scene.role()
    made = scene.cloud.admin.call(
        "iam", "create_policy", PolicyName=scene.name("all"), PolicyDocument=ALLOW_ALL
    )
    arn = made.text("Policy", "Arn")
    scene.cloud.admin.call("iam", "attach_role_policy", RoleName=role, PolicyArn=arn)
    thief = scene.cloud.assume(role, "thief")
    scene.assert_served(thief)

    done = scene.revoke(f"role/{role}", "--strategy", "strip-permissions")

    scene.assert_refused(thief)
    assert attached(scene, role) == []
    scene.shell.run("undo", done.incident, "--force", "--yes", "--json")
    assert attached(scene, role) == [arn]


@pytest.mark.needs(Ability.MANAGED_POLICIES)
def test_delete_of_a_role_ends_its_sessions(scene: Scene) -> None:
    role = scene.role()
    thief = scene.cloud.assume(role, "thief")
    scene.assert_served(thief)

    done = scene.revoke(f"role/{role}", "--strategy", "delete")

    scene.assert_refused(thief)
    assert done.code in {0, 3}, str(done)
    with pytest.raises(ClientError, match="NoSuchEntity"):
        scene.cloud.admin.call("iam", "get_role", RoleName=role)


def test_delete_of_a_key_ends_it_for_good(aws: Scene) -> None:
    user, key = aws.user()
    session = aws.cloud.session_token(key)
    aws.assert_served(key)

    done = aws.revoke("-", "--strategy", "delete", stdin=key.export_lines)

    aws.assert_dead(key)
    aws.assert_refused(session)
    assert done.code in {0, 3}, str(done)
    listed = aws.cloud.admin.call("iam", "list_access_keys", UserName=user)
    assert listed.rows("AccessKeyMetadata") == ()


def attached(scene: Scene, role: str) -> list[str]:
    """Return the ARNs of the managed policies of a role."""
    answer = scene.cloud.admin.call("iam", "list_attached_role_policies", RoleName=role)
    return [row.text("PolicyArn") for row in answer.rows("AttachedPolicies")]
