"""A drill from end to end: the role is gone afterwards, whatever happened on the way."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from lab.proxy import Rule
from lab.trouble import After, Before

if TYPE_CHECKING:
    from lab.proxy import Proxy
    from lab.scene import Scene

pytestmark = pytest.mark.clouds

PATH = "/unleak-drill/"
HOME_ONLY = ("--in-region", "us-east-1")
KILLED = -9 if sys.platform != "win32" else 1


def drill_roles(scene: Scene) -> list[str]:
    """Return the roles of drills, as a client sees them that is not unleak's."""
    listed = scene.cloud.admin.call("iam", "list_roles")
    return [row.text("RoleName") for row in listed.rows("Roles") if row.text("Path") == PATH]


def test_a_drill_measures_the_bite_proves_a_new_session_and_leaves_nothing(
    aws: Scene, aws_proxy: Proxy
) -> None:
    shell = aws.shell.behind(aws_proxy.endpoint)

    done = shell.run("drill", "--yes", "--json", *HOME_ONLY)

    assert done.code == 0, str(done)
    assert done.document.value("status") == "contained"
    assert done.document.value("new_sessions_work") is True
    assert done.document.value("removed") is True
    assert isinstance(done.document.value("seconds_to_bite"), float)
    assert [row.text("region") for row in done.document.rows("regions")] == ["us-east-1"]
    assert len(aws_proxy.named("CreateRole")) == 1
    assert drill_roles(aws) == []
    assert "secret" not in (done.stdout + done.stderr).lower()


def test_a_dry_run_makes_no_changing_call_and_takes_no_session(
    aws: Scene, aws_proxy: Proxy
) -> None:
    done = aws.shell.behind(aws_proxy.endpoint).run("drill", "--dry-run", "--json")

    assert done.code == 0, str(done)
    assert done.document.text("role").startswith("unleak-drill-")
    assert aws_proxy.changes == []
    assert aws_proxy.named("AssumeRole") == []


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C cannot be sent to one process there")
@pytest.mark.parametrize("action", ["CreateRole", "AssumeRole", "the deny", "DeleteRolePolicy"])
def test_ctrl_c_at_any_moment_removes_everything(aws: Scene, aws_proxy: Proxy, action: str) -> None:
    shell = aws.shell.behind(aws_proxy.endpoint)
    stop = Before(hook=shell.interrupt, then=0.5)
    if action == "the deny":
        rule = Rule(action="PutRolePolicy", trouble=stop, times=1, about="AWSRevokeOlderSessions")
    else:
        rule = Rule(action=action, trouble=stop, times=1)
    aws_proxy.rules.append(rule)

    done = shell.run("drill", "--yes", "--json", *HOME_ONLY)

    made = aws_proxy.named("CreateRole")
    assert len(made) == 1, aws_proxy.actions
    assert drill_roles(aws) == []
    # once the result is there, a Ctrl-C while tidying up takes nothing away from it
    assert done.code == (0 if action == "DeleteRolePolicy" else 130), str(done)


@pytest.mark.parametrize("action", ["CreateRole", "AssumeRole"])
def test_what_a_killed_drill_has_left_is_removed_by_clean(
    aws: Scene, aws_proxy: Proxy, action: str
) -> None:
    shell = aws.shell.behind(aws_proxy.endpoint)
    stranger = aws.name("not-a-drill")
    aws.cloud.admin.call(
        "iam",
        "create_role",
        RoleName=stranger,
        Path=PATH,
        AssumeRolePolicyDocument='{"Version":"2012-10-17","Statement":[]}',
    )
    aws_proxy.rules.append(Rule(action=action, trouble=After(hook=shell.kill), times=1))

    killed = shell.run("drill", "--yes", "--json", *HOME_ONLY)
    assert killed.code == KILLED, str(killed)
    left = [name for name in drill_roles(aws) if name != stranger]
    looked = aws.shell.run("drill", "--clean", "--dry-run", "--json")
    done = aws.shell.run("drill", "--clean", "--yes", "--json")

    assert len(left) == 1
    assert looked.document.names("removed") == tuple(left)
    assert done.code == 0, str(done)
    assert done.document.names("removed") == tuple(left)
    assert drill_roles(aws) == [stranger]


def test_without_yes_and_without_a_terminal_nothing_is_touched(
    aws: Scene, aws_proxy: Proxy
) -> None:
    done = aws.shell.behind(aws_proxy.endpoint).run("drill", "--json")

    assert done.code == 2, str(done)
    assert aws_proxy.actions == []
