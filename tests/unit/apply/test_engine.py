"""Intents before calls, outcomes after; one failure never stops the containment that follows."""

from __future__ import annotations

import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, get_args

import pytest

from fakes.cloud import LONG_AGO, Call, FakeCloud, refusal
from fakes.fences import ORGANIZATION
from fakes.plans import CALLER, CUTOFF, DENY, KEY_ID, ROLE, USER, deny, plan, step
from fakes.ways_in import ALL, all_off
from unleak.apply.engine import MAX_CALLS, apply
from unleak.apply.journal import Journal
from unleak.errors import Interrupted, MissingPermission, UnleakError, Unreachable
from unleak.model import action as actions
from unleak.model.action import Action, KeyState, RoleRecord, SetKeyStatus
from unleak.model.plan import Stage, StepState
from unleak.model.vault_action import VaultAction

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from unleak.model.outcome import Outcome
    from unleak.model.plan import Step

KEY_OFF = step(
    "key",
    SetKeyStatus(user="bob", key_id=KEY_ID, before=KeyState.ACTIVE, after=KeyState.INACTIVE),
)
DENY_ROLE = step("role", deny(ROLE))
DENY_USER = step("user", deny(USER))
DELETE_KEY = step("gone", actions.DeleteKey(user="bob", key_id=KEY_ID), stage=Stage.AFTER_CONTAIN)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal.open(tmp_path, now=lambda: CUTOFF) as opened:
        yield opened


@pytest.fixture
def cloud() -> FakeCloud:
    cloud = FakeCloud()
    cloud.add_role("deploy")
    cloud.add_user("bob", keys=[KEY_ID])
    cloud.over = ORGANIZATION
    cloud.at(USER).password_made_at = LONG_AGO
    cloud.rest_of("bob").add(*ALL)
    return cloud


def run(
    journal: Journal, cloud: FakeCloud, steps: Sequence[Step]
) -> tuple[str, tuple[Outcome, ...]]:
    incident = journal.create(plan(*steps), CALLER, "us-east-1")
    return incident, apply(steps, incident=incident, journal=journal, writer=cloud)


def states(outcomes: Sequence[Outcome]) -> dict[str, str]:
    return {each.step_id: each.state for each in outcomes}


def test_every_step_is_done_and_written_down(journal: Journal, cloud: FakeCloud) -> None:
    incident, outcomes = run(journal, cloud, [KEY_OFF, DENY_USER, DENY_ROLE])

    assert states(outcomes) == {"key": "done", "user": "done", "role": "done"}
    assert set(journal.incident(incident).outcomes) == set(outcomes)
    assert cloud.at(ROLE).inline == {"AWSRevokeOlderSessions": DENY}
    assert cloud.at(USER).keys == {KEY_ID: KeyState.INACTIVE}


def test_outcomes_come_in_the_order_of_the_steps(journal: Journal, cloud: FakeCloud) -> None:
    late_first = replace(DENY_ROLE, stage=Stage.LAST)

    _, outcomes = run(journal, cloud, [late_first, KEY_OFF])

    assert [each.step_id for each in outcomes] == ["role", "key"]


def test_intents_of_a_stage_are_on_disk_before_its_first_call(
    journal: Journal, cloud: FakeCloud
) -> None:
    seen: list[set[str | None]] = []

    def look(_: Call) -> None:
        entries = journal.incident("latest").entries
        seen.append({each.step_id for each in entries if each.kind == "intent"})

    cloud.on_call = look

    run(journal, cloud, [KEY_OFF, DENY_ROLE, replace(DENY_USER, stage=Stage.LAST)])

    assert all({"key", "role"} <= each for each in seen)
    assert "user" not in seen[0]
    assert "user" in seen[-1]


def test_later_stages_wait_for_earlier_ones(journal: Journal, cloud: FakeCloud) -> None:
    own = replace(DENY_USER, stage=Stage.OWN_SESSION)

    run(journal, cloud, [own, DELETE_KEY, KEY_OFF])

    assert [each.method for each in cloud.calls] == [
        "set_key_status",
        "delete_key",
        "put_inline_policy",
    ]


def test_steps_of_one_stage_go_out_together(journal: Journal, cloud: FakeCloud) -> None:
    meeting = threading.Barrier(3, timeout=10)

    def meet(_: Call) -> None:
        meeting.wait()

    cloud.on_call = meet

    _, outcomes = run(journal, cloud, [KEY_OFF, DENY_ROLE, DENY_USER])

    assert set(states(outcomes).values()) == {"done"}


def test_a_failed_step_does_not_stop_the_containment_that_follows(
    journal: Journal, cloud: FakeCloud
) -> None:
    cloud.failing["set_key_status"] = refusal(code="ServiceFailure", operation="UpdateAccessKey")
    last = replace(DENY_ROLE, stage=Stage.LAST)

    incident, outcomes = run(journal, cloud, [KEY_OFF, DENY_USER, last])

    assert states(outcomes) == {"key": "failed", "user": "done", "role": "done"}
    assert outcomes[0].error_code == "ServiceFailure"
    assert journal.incident(incident).plan.steps[0].state is StepState.FAILED


@pytest.mark.parametrize(
    "error",
    [MissingPermission("not you"), Unreachable("nobody answers")],
    ids=lambda error: type(error).__name__,
)
def test_an_error_without_a_code_of_aws_says_what_happened(
    journal: Journal, cloud: FakeCloud, error: UnleakError
) -> None:
    cloud.failing["put_inline_policy"] = error

    _, outcomes = run(journal, cloud, [DENY_ROLE])

    assert (outcomes[0].detail, outcomes[0].error_code) == (error.message, "")


def test_what_builds_on_a_failed_step_is_skipped(journal: Journal, cloud: FakeCloud) -> None:
    cloud.failing["set_key_status"] = refusal(code="ServiceFailure", operation="UpdateAccessKey")

    incident, outcomes = run(journal, cloud, [KEY_OFF, DENY_ROLE, DELETE_KEY])

    assert states(outcomes) == {"key": "failed", "role": "done", "gone": "skipped"}
    assert "key failed" in outcomes[2].detail
    assert journal.incident(incident).plan.steps[2].state is StepState.SKIPPED
    assert KEY_ID in cloud.at(USER).keys


def test_a_failure_elsewhere_does_not_skip_a_step(journal: Journal, cloud: FakeCloud) -> None:
    cloud.failing["put_inline_policy"] = refusal(code="LimitExceeded", operation="PutRolePolicy")

    _, outcomes = run(journal, cloud, [KEY_OFF, DENY_ROLE, DELETE_KEY])

    assert states(outcomes) == {"key": "done", "role": "failed", "gone": "done"}


def test_a_stand_in_that_could_not_be_made_is_not_attached(
    journal: Journal, cloud: FakeCloud
) -> None:
    arn = cloud.arn_of_policy("UnleakRevoke-1")
    create = actions.CreatePolicy(policy_arn=arn, policy_name="UnleakRevoke-1", document=DENY)
    use = actions.AttachPolicy(holder=ROLE, policy_arn=arn)
    first = replace(step("c", create), is_fallback_of="role")
    second = replace(step("u", use, stage=Stage.AFTER_CONTAIN), is_fallback_of="role")
    cloud.failing["create_policy"] = refusal(code="LimitExceeded", operation="CreatePolicy")

    _, outcomes = run(journal, cloud, [first, second, KEY_OFF])

    assert states(outcomes) == {"c": "failed", "u": "skipped", "key": "done"}


def test_a_stand_in_builds_on_its_own_parts_only(journal: Journal, cloud: FakeCloud) -> None:
    arn = cloud.arn_of_policy("UnleakRevoke-1")
    cloud.policies[arn] = DENY
    use = actions.AttachPolicy(holder=ROLE, policy_arn=arn)
    second = replace(step("u", use, stage=Stage.AFTER_CONTAIN), is_fallback_of="role")
    cloud.failing["put_inline_policy"] = refusal(code="ServiceFailure", operation="PutRolePolicy")

    _, outcomes = run(journal, cloud, [replace(DENY_ROLE, id="other"), second])

    assert states(outcomes) == {"other": "failed", "u": "done"}


def test_calls_that_still_wait_for_their_turn_are_stopped(
    journal: Journal, cloud: FakeCloud
) -> None:
    steps = [step(f"s{number}", replace(deny(), policy_name=f"P{number}")) for number in range(30)]
    incident = journal.create(plan(*steps), CALLER, "us-east-1")

    outcomes = apply(
        steps,
        incident=incident,
        journal=journal,
        writer=cloud,
        should_stop=lambda: bool(cloud.calls),
    )

    assert 1 <= len(outcomes) <= MAX_CALLS
    assert len(journal.incident(incident).plan.pending) == 30 - len(outcomes)


def test_only_planned_steps_are_done(journal: Journal, cloud: FakeCloud) -> None:
    finished = replace(DENY_ROLE, state=StepState.ALREADY)

    _, outcomes = run(journal, cloud, [finished])

    assert outcomes == ()
    assert cloud.calls == []


def test_nothing_to_do_is_no_error(journal: Journal, cloud: FakeCloud) -> None:
    assert run(journal, cloud, [])[1] == ()


def test_a_step_that_is_stopped_before_it_starts_stays_planned(
    journal: Journal, cloud: FakeCloud
) -> None:
    incident = journal.create(plan(DENY_ROLE, DELETE_KEY), CALLER, "us-east-1")

    outcomes = apply(
        [DENY_ROLE, DELETE_KEY],
        incident=incident,
        journal=journal,
        writer=cloud,
        should_stop=lambda: bool(cloud.calls),
    )

    assert states(outcomes) == {"role": "done"}
    assert journal.incident(incident).plan.pending == (DELETE_KEY,)


def test_progress_is_heard_in_the_callers_thread(journal: Journal, cloud: FakeCloud) -> None:
    heard: list[tuple[str, str]] = []
    threads: set[int] = set()

    def progress(told: Step, state: StepState) -> None:
        heard.append((told.id, state))
        threads.add(threading.get_ident())

    incident = journal.create(plan(KEY_OFF, DENY_ROLE), CALLER, "us-east-1")
    apply([KEY_OFF, DENY_ROLE], incident=incident, journal=journal, writer=cloud, progress=progress)

    assert set(heard) == {
        (name, state) for name in ("key", "role") for state in ("planned", "done")
    }
    assert threads == {threading.get_ident()}


def test_a_terminal_that_has_gone_away_does_not_stop_containment(
    journal: Journal, cloud: FakeCloud
) -> None:
    def progress(_: Step, __: StepState) -> None:
        raise BrokenPipeError

    incident = journal.create(plan(KEY_OFF, DENY_ROLE), CALLER, "us-east-1")
    outcomes = apply(
        [KEY_OFF, DENY_ROLE], incident=incident, journal=journal, writer=cloud, progress=progress
    )

    assert states(outcomes) == {"key": "done", "role": "done"}


@pytest.mark.parametrize("number", [1, 2], ids=["alone", "together"])
def test_a_bug_is_not_hidden(journal: Journal, cloud: FakeCloud, number: int) -> None:
    def break_down(_: Call) -> None:
        message = "a bug"
        raise ZeroDivisionError(message)

    cloud.on_call = break_down

    with pytest.raises(ZeroDivisionError):
        run(journal, cloud, [KEY_OFF, DENY_ROLE][:number])


@pytest.mark.skipif(os.name != "posix", reason="a signal to oneself ends the process on Windows")
@pytest.mark.parametrize("together", [False, True], ids=["alone", "together"])
def test_ctrl_c_waits_for_the_calls_in_flight_and_starts_no_other(
    journal: Journal, cloud: FakeCloud, *, together: bool
) -> None:
    in_flight = threading.Barrier(2, timeout=10)

    def press(_: Call) -> None:
        if together:
            in_flight.wait()
        os.kill(os.getpid(), signal.SIGINT)

    cloud.on_call = press
    first = [KEY_OFF, DENY_ROLE] if together else [KEY_OFF]
    last = replace(DENY_USER, stage=Stage.LAST)
    incident = journal.create(plan(*first, last), CALLER, "us-east-1")

    with pytest.raises(Interrupted) as caught:
        apply([*first, last], incident=incident, journal=journal, writer=cloud)

    found = journal.incident(incident)
    assert [each.state for each in found.plan.steps] == ["done"] * len(first) + ["planned"]
    assert found.is_interrupted
    assert caught.value.hint == f"`unleak resume {incident}` goes on from here"
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_handler_for_ctrl_c_that_somebody_else_installed_is_left_alone(
    journal: Journal, cloud: FakeCloud
) -> None:
    def theirs(_number: int, _frame: object) -> None:
        """Do nothing."""

    seen: list[object] = []
    cloud.on_call = lambda _: seen.append(signal.getsignal(signal.SIGINT))
    before = signal.signal(signal.SIGINT, theirs)
    try:
        run(journal, cloud, [DENY_ROLE])
    finally:
        signal.signal(signal.SIGINT, before)

    assert seen == [theirs]


def test_a_plan_can_be_applied_from_another_thread(journal: Journal, cloud: FakeCloud) -> None:
    with ThreadPoolExecutor(max_workers=1) as pool:
        _, outcomes = pool.submit(run, journal, cloud, [KEY_OFF, DENY_ROLE]).result()

    assert states(outcomes) == {"key": "done", "role": "done"}


def test_a_ctrl_c_that_somebody_else_turned_into_an_exception_ends_the_same_way(
    journal: Journal, cloud: FakeCloud
) -> None:
    def press(_: Call) -> None:
        raise KeyboardInterrupt

    cloud.on_call = press
    incident = journal.create(plan(DENY_ROLE), CALLER, "us-east-1")

    with pytest.raises(Interrupted):
        apply([DENY_ROLE], incident=incident, journal=journal, writer=cloud)

    assert journal.incident(incident).is_interrupted


def test_hostile_words_of_a_server_are_harmless_in_the_journal(
    journal: Journal, cloud: FakeCloud
) -> None:
    cloud.failing["put_inline_policy"] = Unreachable("\x1b[2Jgo\u202eaway\r\n" + "x" * 10_000)

    incident, _ = run(journal, cloud, [DENY_ROLE])

    detail = journal.incident(incident).outcomes[0].detail
    assert detail.isprintable()
    assert len(detail) <= 500


def test_a_secret_in_the_words_of_a_server_does_not_reach_the_journal(
    journal: Journal, cloud: FakeCloud
) -> None:
    secret = "wJalrXUtn" + "FEMIK7MDENGbPxRfiCYzz91kQ2vT8sLm"
    words = f"The Canonical String should have been x-amz-security-token:{secret}"
    cloud.failing["put_inline_policy"] = Unreachable(words)

    incident, _ = run(journal, cloud, [DENY_ROLE])

    assert secret not in journal.incident(incident).outcomes[0].detail


RECORD = RoleRecord(
    name="fresh",
    path="/",
    trust_policy="{}",
    description="",
    max_session_seconds=3600,
    boundary=None,
    tags=(),
)
OWN_ARN = "arn:aws:iam::123456789012:policy/Own"
EACH_ACTION: tuple[tuple[Action, str], ...] = (
    (KEY_OFF.action, "set_key_status"),
    (DELETE_KEY.action, "delete_key"),
    (actions.DeleteRootKey(account="123456789012", key_id=KEY_ID), "delete_root_key"),
    (deny(ROLE), "put_inline_policy"),
    (replace(deny(ROLE), before="{}", after=None), "delete_inline_policy"),
    (actions.CreatePolicy(policy_arn=OWN_ARN, policy_name="Own", document="{}"), "create_policy"),
    (actions.DeletePolicy(policy_arn=OWN_ARN, policy_name="Own", document="{}"), "delete_policy"),
    (actions.AttachPolicy(holder=ROLE, policy_arn=OWN_ARN), "attach_policy"),
    (actions.DetachPolicy(holder=ROLE, policy_arn=OWN_ARN), "detach_policy"),
    (actions.SetBoundary(holder=ROLE, before=None, after=OWN_ARN), "put_boundary"),
    (actions.SetBoundary(holder=ROLE, before=OWN_ARN, after=None), "delete_boundary"),
    (actions.LeaveGroup(user="bob", group="dev"), "remove_from_group"),
    (actions.JoinGroup(user="bob", group="dev"), "add_to_group"),
    (actions.DeleteRole(record=replace(RECORD, name="deploy")), "delete_role"),
    (actions.CreateRole(record=RECORD), "create_role"),
    (actions.LeaveInstanceProfile(role="deploy", profile="web"), "remove_from_instance_profile"),
    (actions.JoinInstanceProfile(role="deploy", profile="web"), "add_to_instance_profile"),
    *zip(
        all_off("bob"),
        (
            "set_service_credential_status",
            "set_ssh_key_status",
            "set_certificate_status",
            "delete_login_profile",
            "deactivate_mfa",
        ),
        strict=True,
    ),
    (actions.SetFence(account="123456789012", before=None, after="{}"), "set_fence"),
    (actions.SetFence(account="123456789012", before="{}", after=None), "remove_fence"),
)


@pytest.mark.parametrize(("action", "method"), EACH_ACTION, ids=lambda value: str(value)[:30])
def test_each_action_is_one_call(
    journal: Journal, cloud: FakeCloud, action: Action, method: str
) -> None:
    run(journal, cloud, [step("s1", action)])

    assert [each.method for each in cloud.calls] == [method]


def test_no_action_is_left_out_above() -> None:
    in_aws = set(get_args(Action)) - set(get_args(VaultAction))
    assert {type(action) for action, _ in EACH_ACTION} == in_aws
