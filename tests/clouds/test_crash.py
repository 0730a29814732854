"""Killed or interrupted at any instant: `resume` finishes, and each change is made exactly once."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from lab.cloud import Ability
from lab.contract import check_incidents, check_response
from lab.proxy import Proxy, Rule
from lab.scene import REVOKE_POLICY, Scene
from lab.trouble import After, Before, Drop, Trouble

pytestmark = pytest.mark.clouds

KILLED = -9 if sys.platform != "win32" else 1


def before(hook: Callable[[], None]) -> Trouble:
    """The process dies while its request is on the way."""
    return Before(hook=hook)


def lost(hook: Callable[[], None]) -> Trouble:
    """The process dies and its request never arrives."""
    return Drop(hook=hook)


def after(hook: Callable[[], None]) -> Trouble:
    """The process dies when AWS has done it, before it hears so."""
    return After(hook=hook)


PROVEN = {True: "contained", False: "unproven"}
INSTANTS = [
    pytest.param(before, id="on the way"),
    pytest.param(lost, id="never arrived"),
    pytest.param(after, id="done but not heard"),
]


def only_incident(scene: Scene) -> str:
    """Return the id of the one incident in the state folder."""
    listed = scene.shell.run("incidents", "--json")
    check_incidents(listed.document)
    (row,) = listed.document.rows("incidents")
    return row.text("incident")


@pytest.mark.parametrize("trouble", INSTANTS)
def test_killed_at_the_deny_and_resumed(
    scene: Scene, proxy: Proxy, trouble: Callable[[Callable[[], None]], Trouble]
) -> None:
    role = scene.role()
    thief = scene.cloud.assume(role, "thief")
    scene.assert_served(thief)
    shell = scene.shell.behind(proxy.endpoint)
    proxy.rules.append(Rule(action="PutRolePolicy", trouble=trouble(shell.kill), times=1))

    killed = shell.run("revoke", f"role/{role}", "--yes", "--json")
    assert killed.code == KILLED, str(killed)
    resumed = shell.run("resume", only_incident(scene), "--yes", "--json")

    check_response(resumed.document)
    # once the deny is in place no session from before it can be had to prove it with
    is_proven = trouble is lost or Ability.TIMED_SIMULATION in scene.cloud.abilities
    scene.expect(resumed, code=0 if is_proven else 3, status=PROVEN[is_proven])
    scene.assert_refused(thief)
    writes = [seen for seen in proxy.named("PutRolePolicy") if seen.reached]
    assert len(writes) == 1, proxy.actions
    assert scene.policies(f"role/{role}") == {"work", REVOKE_POLICY}
    scene.assert_new_session_served(role, resumed)


@pytest.mark.parametrize("trouble", INSTANTS)
@pytest.mark.parametrize("action", ["UpdateAccessKey", "PutUserPolicy"])
def test_killed_at_either_step_of_a_user_key_and_resumed(
    aws: Scene,
    aws_proxy: Proxy,
    action: str,
    trouble: Callable[[Callable[[], None]], Trouble],
) -> None:
    user, key = aws.user()
    session = aws.cloud.session_token(key)
    aws.assert_served(key)
    aws.assert_served(session)
    shell = aws.shell.behind(aws_proxy.endpoint)
    aws_proxy.rules.append(Rule(action=action, trouble=trouble(shell.kill), times=1))

    killed = shell.run("revoke", "-", "--yes", "--json", stdin=key.export_lines)
    assert killed.code == KILLED, str(killed)
    resumed = shell.run("resume", only_incident(aws), "--yes", "--json")

    assert resumed.code in {0, 3}, str(resumed)
    aws.assert_dead(key)
    aws.assert_refused(session)
    assert aws.status_of_key(user, key) == "Inactive"
    turned_off = [seen for seen in aws_proxy.named("UpdateAccessKey") if seen.reached]
    assert len(turned_off) == 1, aws_proxy.actions
    # the second one moves the cut-off past the key's death; the first is never made twice
    denied = [seen for seen in aws_proxy.named("PutUserPolicy") if seen.reached]
    assert len(denied) in {1, 2}, aws_proxy.actions


@pytest.mark.parametrize("action", ["GetRolePolicy", "AssumeRole"])
def test_killed_while_measuring_and_resumed(scene: Scene, proxy: Proxy, action: str) -> None:
    role = scene.role()
    thief = scene.cloud.assume(role, "thief")
    scene.assert_served(thief)
    shell = scene.shell.behind(proxy.endpoint)

    def arm() -> None:
        proxy.rules.append(Rule(action=action, trouble=Drop(hook=shell.kill), times=1))

    proxy.rules.append(Rule(action="PutRolePolicy", trouble=After(hook=arm), times=1))

    killed = shell.run("revoke", f"role/{role}", "--yes", "--json")
    assert killed.code == KILLED, str(killed)
    resumed = shell.run("resume", only_incident(scene), "--yes", "--json")

    scene.assert_refused(thief)
    # the deny bites: no session from before it can be had any more to prove it with
    is_proven = Ability.TIMED_SIMULATION in scene.cloud.abilities
    scene.expect(resumed, code=0 if is_proven else 3, status=PROVEN[is_proven])
    assert resumed.document.value("verification", "effective") is (True if is_proven else None)
    assert len(proxy.named("PutRolePolicy")) == 1


def test_resume_of_a_finished_incident_changes_nothing(scene: Scene, proxy: Proxy) -> None:
    role = scene.role()
    thief = scene.cloud.assume(role, "thief")
    made = scene.revoke(f"role/{role}")

    done = scene.shell.behind(proxy.endpoint).run("resume", made.incident, "--yes", "--json")

    assert done.code == 0, str(done)
    assert proxy.changes == []
    scene.assert_refused(thief)


def test_undo_killed_on_the_way_is_finished_by_the_next_undo(scene: Scene, proxy: Proxy) -> None:
    role = scene.role()
    made = scene.revoke(f"role/{role}", "--cutoff", "2020-01-01T00:00:00Z", "--proof", "read-back")
    shell = scene.shell.behind(proxy.endpoint)
    proxy.rules.append(Rule(action="DeleteRolePolicy", trouble=After(hook=shell.kill), times=1))

    killed = shell.run("undo", made.incident, "--yes", "--json")
    assert killed.code == KILLED, str(killed)
    done = shell.run("undo", made.incident, "--yes", "--json")

    assert done.code == 0, str(done)
    assert scene.policies(f"role/{role}") == {"work"}


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C cannot be sent to one process there")
@pytest.mark.parametrize("action", ["GetRole", "PutRolePolicy", "AssumeRole"])
def test_ctrl_c_is_clean_and_resume_goes_on(aws: Scene, aws_proxy: Proxy, action: str) -> None:
    role = aws.role()
    thief = aws.cloud.assume(role, "thief")
    aws.assert_served(thief)
    shell = aws.shell.behind(aws_proxy.endpoint)
    trouble = Before(hook=shell.interrupt, then=0.5)
    aws_proxy.rules.append(Rule(action=action, trouble=trouble, times=1))

    stopped = shell.run("revoke", f"role/{role}", "--yes", "--json")

    assert stopped.code == 130, str(stopped)
    assert stopped.document.text("error", "code") == "interrupted", str(stopped)
    assert "Traceback" not in stopped.stderr
    if action == "GetRole":
        assert aws_proxy.changes == []
        aws.assert_served(thief)
        return
    resumed = shell.run("resume", only_incident(aws), "--yes", "--json")
    is_proven = Ability.TIMED_SIMULATION in aws.cloud.abilities
    aws.expect(resumed, code=0 if is_proven else 3, status=PROVEN[is_proven])
    aws.assert_refused(thief)
    assert len([seen for seen in aws_proxy.named("PutRolePolicy") if seen.reached]) == 1


def test_two_at_once_on_one_incident_and_the_second_steps_back(
    aws: Scene, aws_proxy: Proxy
) -> None:
    role = aws.role()
    thief = aws.cloud.assume(role, "thief")
    first = aws.shell.behind(aws_proxy.endpoint)
    second = aws.shell.behind(aws_proxy.endpoint)
    codes: list[int] = []

    def meanwhile() -> None:
        done = second.run("resume", only_incident(aws), "--yes", "--json")
        codes.append(done.code)
        assert done.document.text("error", "code") == "incident-busy"

    aws_proxy.rules.append(Rule(action="PutRolePolicy", trouble=Before(hook=meanwhile), times=1))

    done = first.run("revoke", f"role/{role}", "--yes", "--json")

    assert codes == [2]
    assert done.code == 0, str(done)
    aws.assert_refused(thief)
    assert len(aws_proxy.named("PutRolePolicy")) == 1
