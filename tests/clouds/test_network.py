"""Round trips, retries and clocks: what the deny costs, and what the network may do to it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from lab.proxy import Proxy, Rule
from lab.trouble import BROKEN, THROTTLED, Delay, Drop, DropAnswer, Reply, Trouble

if TYPE_CHECKING:
    from lab.scene import Scene

pytestmark = pytest.mark.clouds


def test_at_most_two_waves_of_calls_come_before_the_deny(scene: Scene, proxy: Proxy) -> None:
    role = scene.role()
    thief = scene.cloud.assume(role, "thief")
    scene.assert_served(thief)
    # calls that are under way together are told from a chain of calls by making each one slow
    proxy.rules.append(Rule(action="*", trouble=Delay(seconds=0.15)))

    done = scene.shell.behind(proxy.endpoint).run("revoke", f"role/{role}", "--yes", "--json")

    assert done.code == 0, str(done)
    scene.assert_refused(thief)
    assert proxy.waves_before("PutRolePolicy") <= 2, proxy.actions
    assert len(proxy.named("PutRolePolicy")) == 1


def test_the_deny_goes_out_before_the_report_reads(scene: Scene, proxy: Proxy) -> None:
    role = scene.role()

    scene.shell.behind(proxy.endpoint).run("revoke", f"role/{role}", "--yes", "--json")

    early = proxy.actions[: proxy.actions.index("PutRolePolicy")]
    assert not {"ListAttachedRolePolicies", "SimulatePrincipalPolicy", "LookupEvents"} & set(early)


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param(THROTTLED, id="throttled"),
        pytest.param(BROKEN, id="503"),
        pytest.param(Reply(status=500, code="InternalFailure"), id="500"),
        pytest.param(Drop(), id="connection dropped"),
        pytest.param(DropAnswer(), id="answer dropped"),
    ],
)
@pytest.mark.parametrize("action", ["PutRolePolicy", "GetRole"])
def test_a_transient_failure_is_retried(
    scene: Scene, proxy: Proxy, action: str, trouble: Trouble
) -> None:
    role = scene.role()
    thief = scene.cloud.assume(role, "thief")
    scene.assert_served(thief)
    proxy.rules.append(Rule(action=action, trouble=trouble, times=1))

    done = scene.shell.behind(proxy.endpoint).run("revoke", f"role/{role}", "--yes", "--json")

    assert done.code == 0, str(done)
    scene.assert_refused(thief)
    scene.assert_new_session_served(role, done)


def test_a_deny_that_never_gets_through_is_a_failure_and_said(scene: Scene, proxy: Proxy) -> None:
    role = scene.role()
    proxy.rules.append(Rule(action="PutRolePolicy", trouble=THROTTLED))

    done = scene.shell.behind(proxy.endpoint).run(
        "revoke", f"role/{role}", "--yes", "--json", "--timeout", "5"
    )

    assert done.code in {1, 5}, str(done)
    assert done.document.text("status") in {"failed", "partial"}
    assert [row.text("state") for row in done.document.rows("actions")] == ["failed"]
    assert scene.policies(f"role/{role}") == {"work"}


def test_one_refused_step_does_not_stop_the_other(aws: Scene, aws_proxy: Proxy) -> None:
    user, key = aws.user()
    session = aws.cloud.session_token(key)
    aws.assert_served(session)
    denied = Reply(status=403, code="AccessDenied")
    aws_proxy.rules.append(Rule(action="UpdateAccessKey", trouble=denied))

    done = aws.shell.behind(aws_proxy.endpoint).run(
        "revoke", "-", "--yes", "--json", "--timeout", "5", stdin=key.export_lines
    )

    aws.assert_refused(session)
    aws.assert_served(key)
    assert done.code in {1, 5}, str(done)
    assert done.document.text("status") == "partial"
    assert done.document.value("verification", "effective") is not True
    aws_proxy.rules.clear()
    resumed = aws.shell.behind(aws_proxy.endpoint).run("resume", done.incident, "--yes", "--json")
    assert resumed.code in {0, 3}, str(resumed)
    aws.assert_dead(key)
    assert aws.status_of_key(user, key) == "Inactive"


@pytest.mark.parametrize("hours", [2, -2])
def test_the_cut_off_follows_the_clock_of_aws(scene: Scene, proxy: Proxy, hours: int) -> None:
    role = scene.role()
    proxy.shift_seconds = hours * 3600

    done = scene.shell.behind(proxy.endpoint).run(
        "revoke", f"role/{role}", "--yes", "--json", "--timeout", "5"
    )

    theirs = datetime.now(UTC) + timedelta(hours=hours)
    assert abs(done.cutoff - theirs) < timedelta(seconds=60), str(done)
    assert done.document.text("cutoff")[:16] in scene.policy(f"role/{role}")


def test_the_cut_off_is_a_whole_second_not_in_the_past_of_aws(scene: Scene) -> None:
    role = scene.role()
    before = datetime.now(UTC)

    done = scene.revoke(f"role/{role}")

    assert done.cutoff.microsecond == 0
    assert done.cutoff > before


def test_a_session_minted_just_before_the_command_is_refused(scene: Scene) -> None:
    role = scene.role()
    thief = scene.cloud.assume(role, "thief")

    done = scene.revoke(f"role/{role}")

    scene.assert_refused(thief)
    scene.assert_new_session_served(role, done)
