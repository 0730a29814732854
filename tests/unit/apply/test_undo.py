"""Undo puts back exactly what was there, and refuses what would revive the leak."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.cloud import Call, FakeCloud, refusal
from fakes.plans import CALLER, CUTOFF, DENY, KEY_ID, ROLE, SAFE, USER, by_hand, deny, plan, step
from unleak.apply.engine import apply
from unleak.apply.journal import Journal
from unleak.apply.undo import UndoPlan, plan_undo, put_back
from unleak.errors import Interrupted, Unreachable
from unleak.model import action as actions
from unleak.model.action import KeyState, SetKeyStatus
from unleak.model.outcome import Outcome
from unleak.model.plan import Stage, StepState

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from unleak.model.plan import Step

KEY_OFF = by_hand(
    step(
        "key",
        SetKeyStatus(user="bob", key_id=KEY_ID, before=KeyState.ACTIVE, after=KeyState.INACTIVE),
    )
)
OLD = '{ "Version": "2012-10-17",\n  "Statement": [] }'
DENY_ROLE = step("role", deny(ROLE, before=OLD))
LATER = DENY.replace("07:00:00", "08:00:00")


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal.open(tmp_path, now=lambda: CUTOFF) as opened:
        yield opened


@pytest.fixture
def cloud() -> FakeCloud:
    cloud = FakeCloud()
    cloud.add_role("deploy")
    cloud.at(ROLE).inline["AWSRevokeOlderSessions"] = OLD
    cloud.add_user("bob", keys=[KEY_ID])
    return cloud


def done(journal: Journal, cloud: FakeCloud, *steps: Step) -> str:
    name = journal.create(plan(*steps), CALLER, "us-east-1")
    outcomes = apply(steps, incident=name, journal=journal, writer=cloud)
    assert {each.state for each in outcomes} == {StepState.DONE}
    return name


def undo(
    journal: Journal,
    cloud: FakeCloud,
    name: str,
    *,
    force: bool = False,
    at: datetime | None = SAFE,
) -> tuple[Outcome, ...]:
    planned = plan_undo(journal.incident(name), now=at, force=force)
    return put_back(planned.steps, incident=name, journal=journal, reader=cloud, writer=cloud)


def reasons(planned: UndoPlan) -> Sequence[str]:
    return [reason for _, reason in planned.refused]


def test_the_policy_is_put_back_byte_for_byte(journal: Journal, cloud: FakeCloud) -> None:
    name = done(journal, cloud, DENY_ROLE)

    outcomes = undo(journal, cloud, name)

    assert cloud.at(ROLE).inline == {"AWSRevokeOlderSessions": OLD}
    assert [each.state for each in outcomes] == [StepState.UNDONE]
    assert journal.incident(name).plan.steps[0].state is StepState.UNDONE


def test_a_second_undo_finds_nothing_to_do(journal: Journal, cloud: FakeCloud) -> None:
    name = done(journal, cloud, DENY_ROLE)
    undo(journal, cloud, name)

    again = plan_undo(journal.incident(name), now=SAFE, force=True)

    assert again.is_empty


def test_nothing_is_put_back_before_its_safe_date(journal: Journal, cloud: FakeCloud) -> None:
    name = done(journal, cloud, DENY_ROLE)

    planned = plan_undo(journal.incident(name), now=SAFE - timedelta(seconds=1), force=True)

    assert planned.steps == ()
    assert "2026-11-24T19:00:00Z" in reasons(planned)[0]


def test_early_is_a_decision_of_its_own(journal: Journal, cloud: FakeCloud) -> None:
    name = done(journal, cloud, DENY_ROLE)

    planned = plan_undo(journal.incident(name), now=CUTOFF, force=False, is_early_allowed=True)

    assert [each.id for each in planned.steps] == ["role"]


def test_nothing_is_put_back_while_awss_clock_is_unknown(
    journal: Journal, cloud: FakeCloud
) -> None:
    name = done(journal, cloud, DENY_ROLE)

    planned = plan_undo(journal.incident(name), now=None, force=True)

    assert planned.steps == ()
    assert "clock" in reasons(planned)[0]


def test_a_leaked_key_is_not_activated_without_force(journal: Journal, cloud: FakeCloud) -> None:
    name = done(journal, cloud, KEY_OFF, DENY_ROLE)

    planned = plan_undo(journal.incident(name), now=SAFE + timedelta(days=999), force=False)

    assert [each.id for each in planned.steps] == ["role"]
    assert "--force" in reasons(planned)[0]


def test_no_date_makes_the_leaked_key_safe(journal: Journal, cloud: FakeCloud) -> None:
    name = done(journal, cloud, replace(KEY_OFF, safe_date=SAFE))

    planned = plan_undo(journal.incident(name), now=SAFE, force=False, is_early_allowed=True)

    assert planned.steps == ()
    assert "--force" in reasons(planned)[0]


def test_a_leaked_key_is_activated_with_force(journal: Journal, cloud: FakeCloud) -> None:
    name = done(journal, cloud, KEY_OFF)

    undo(journal, cloud, name, force=True, at=None)

    assert cloud.at(USER).keys == {KEY_ID: KeyState.ACTIVE}


def test_what_has_no_safe_date_wants_force(journal: Journal, cloud: FakeCloud) -> None:
    name = done(journal, cloud, replace(DENY_ROLE, safe_date=None))

    assert plan_undo(journal.incident(name), now=SAFE, force=False).steps == ()
    assert plan_undo(journal.incident(name), now=SAFE, force=True).steps != ()


def test_what_has_no_way_back_is_said(journal: Journal, cloud: FakeCloud) -> None:
    gone = replace(step("gone", actions.DeleteKey(user="bob", key_id=KEY_ID)), reversible=False)
    name = done(journal, cloud, gone)

    planned = plan_undo(journal.incident(name), now=SAFE, force=True)

    assert planned.steps == ()
    assert "no way back" in reasons(planned)[0]


def test_what_was_not_ours_is_not_undone(journal: Journal) -> None:
    states = [StepState.ALREADY, StepState.SKIPPED, StepState.PLANNED]
    steps = [replace(DENY_ROLE, id=str(state), state=state) for state in states]
    name = journal.create(plan(*steps), CALLER, "us-east-1")

    assert plan_undo(journal.incident(name), now=SAFE, force=True).is_empty


def test_a_step_of_which_nobody_knows_has_to_be_resumed_first(journal: Journal) -> None:
    name = journal.create(plan(DENY_ROLE), CALLER, "us-east-1", intents=[DENY_ROLE])

    planned = plan_undo(journal.incident(name), now=SAFE, force=True)

    assert planned.steps == ()
    assert f"unleak resume {name}" in reasons(planned)[0]


def test_what_stood_and_was_to_be_made_once_more_is_not_forgotten(
    journal: Journal, cloud: FakeCloud
) -> None:
    name = done(journal, cloud, DENY_ROLE)
    moved = replace(deny(ROLE, before=OLD), after=LATER)
    again = replace(DENY_ROLE, action=moved, state=StepState.PLANNED, has_stood=True)
    journal.replanned(name, plan(again))

    planned = plan_undo(journal.incident(name), now=SAFE, force=False)

    assert planned.steps == ()
    assert reasons(planned) == [
        f"nobody knows whether it was made: run `unleak resume {name}` first"
    ]


@pytest.mark.parametrize(("code", "is_unsure"), [("", True), ("LimitExceeded", False)])
def test_a_failure_without_an_answer_may_have_landed(
    journal: Journal, code: str, *, is_unsure: bool
) -> None:
    name = journal.create(plan(DENY_ROLE), CALLER, "us-east-1", intents=[DENY_ROLE])
    journal.outcome(name, Outcome(step_id="role", state=StepState.FAILED, error_code=code))

    planned = plan_undo(journal.incident(name), now=SAFE, force=True)

    assert bool(planned.refused) is is_unsure


def test_what_somebody_else_has_changed_since_is_left_alone(
    journal: Journal, cloud: FakeCloud
) -> None:
    name = done(journal, cloud, DENY_ROLE)
    cloud.at(ROLE).inline["AWSRevokeOlderSessions"] = LATER

    outcomes = undo(journal, cloud, name)

    assert [each.state for each in outcomes] == [StepState.SKIPPED]
    assert "somebody else" in outcomes[0].detail
    assert cloud.at(ROLE).inline == {"AWSRevokeOlderSessions": LATER}
    assert journal.incident(name).plan.steps[0].state is StepState.DONE


def test_what_is_as_before_already_needs_no_call(journal: Journal, cloud: FakeCloud) -> None:
    name = done(journal, cloud, DENY_ROLE)
    cloud.at(ROLE).inline["AWSRevokeOlderSessions"] = OLD.replace(" ", "")
    calls = len(cloud.calls)

    outcomes = undo(journal, cloud, name)

    assert [each.state for each in outcomes] == [StepState.ALREADY]
    assert len(cloud.calls) == calls
    assert journal.incident(name).plan.steps[0].state is StepState.UNDONE


def test_what_cannot_be_read_is_not_touched_and_can_be_tried_again(
    journal: Journal, cloud: FakeCloud
) -> None:
    name = done(journal, cloud, DENY_ROLE)
    cloud.failing["inline_policy"] = Unreachable("nobody answers")
    first = undo(journal, cloud, name)
    cloud.failing.clear()

    second = undo(journal, cloud, name)

    assert [each.state for each in (*first, *second)] == [StepState.FAILED, StepState.UNDONE]


def test_one_refusal_of_aws_does_not_stop_the_rest(journal: Journal, cloud: FakeCloud) -> None:
    other = step("user", deny(USER))
    name = done(journal, cloud, DENY_ROLE, other)
    cloud.failing["put_inline_policy"] = refusal(code="ServiceFailure", operation="PutRolePolicy")

    outcomes = undo(journal, cloud, name)

    assert {each.step_id: each.state for each in outcomes} == {"user": "undone", "role": "failed"}


def test_an_intent_is_on_disk_before_the_inverse_goes_out(
    journal: Journal, cloud: FakeCloud
) -> None:
    name = done(journal, cloud, DENY_ROLE)
    seen: list[str] = []

    def look(_: Call) -> None:
        seen.append(journal.incident(name).entries[-1].kind)

    cloud.on_call = look

    undo(journal, cloud, name)

    assert seen == ["undo-intent"]
    assert journal.incident(name).entries[-1].kind == "undo-outcome"


def test_an_undo_that_was_killed_after_the_call_is_finished_by_the_next(
    journal: Journal, cloud: FakeCloud
) -> None:
    name = done(journal, cloud, DENY_ROLE)
    planned = plan_undo(journal.incident(name), now=SAFE, force=False)
    journal.undo_intent(name, planned.steps[0])
    cloud.at(ROLE).inline["AWSRevokeOlderSessions"] = OLD

    outcomes = undo(journal, cloud, name)

    assert [each.state for each in outcomes] == [StepState.ALREADY]
    assert plan_undo(journal.incident(name), now=SAFE, force=True).is_empty


def test_a_ctrl_c_between_two_inverses_stops_cleanly(journal: Journal, cloud: FakeCloud) -> None:
    name = done(journal, cloud, DENY_ROLE, step("user", deny(USER)))
    planned = plan_undo(journal.incident(name), now=SAFE, force=False)

    outcomes = put_back(
        planned.steps,
        incident=name,
        journal=journal,
        reader=cloud,
        writer=cloud,
        should_stop=lambda: len(cloud.calls) > 2,
    )

    assert len(outcomes) == 1
    assert len(plan_undo(journal.incident(name), now=SAFE, force=False).steps) == 1


def test_a_deny_that_a_later_incident_found_in_place_stays(
    journal: Journal, cloud: FakeCloud
) -> None:
    first = done(journal, cloud, DENY_ROLE)
    relying = replace(
        DENY_ROLE, action=deny(before=DENY), state=StepState.ALREADY, safe_date=SAFE + timedelta(1)
    )
    second = journal.create(plan(relying), CALLER, "us-east-1")
    others = [journal.incident(second), journal.incident(first)]

    planned = plan_undo(journal.incident(first), now=SAFE, force=True, others=others)
    after = plan_undo(journal.incident(first), now=SAFE + timedelta(1), force=True, others=others)

    assert planned.steps == ()
    assert second in reasons(planned)[0]
    assert len(after.steps) == 1


def test_a_role_that_was_stripped_and_deleted_is_whole_again(
    journal: Journal, cloud: FakeCloud
) -> None:
    arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    role = cloud.at(ROLE)
    role.attached = [arn]
    role.boundary = "arn:aws:iam::123456789012:policy/Fence"
    cloud.profiles["web"] = ["deploy"]
    before = deepcopy(role)
    record = cloud.role("deploy").record
    name = done(
        journal,
        cloud,
        step("s1", actions.LeaveInstanceProfile(role="deploy", profile="web")),
        step("s2", actions.DetachPolicy(holder=ROLE, policy_arn=arn)),
        step("s3", replace(deny(ROLE, before=OLD), after=None)),
        step("s4", actions.DeleteRole(record=record), stage=Stage.AFTER_CONTAIN),
    )
    assert ROLE.label not in cloud.principals

    outcomes = undo(journal, cloud, name)

    assert {each.state for each in outcomes} == {StepState.UNDONE}
    assert outcomes[0].step_id == "s4"
    after = cloud.at(ROLE)
    assert (after.inline, after.attached, after.boundary) == (
        before.inline,
        before.attached,
        before.boundary,
    )
    assert cloud.profiles == {"web": ["deploy"]}
    assert after.principal.unique_id != before.principal.unique_id


def picture(cloud: FakeCloud) -> tuple[object, ...]:
    """Return all that an action can change, as it is now."""
    return deepcopy((cloud.principals, cloud.policies, cloud.profiles))


ARN = "arn:aws:iam::123456789012:policy/Own"
ACTIONS: tuple[actions.Action, ...] = (
    KEY_OFF.action,
    DENY_ROLE.action,
    deny(USER),
    actions.SetInlinePolicy(holder=ROLE, policy_name="Old", before=OLD, after=None),
    actions.CreatePolicy(policy_arn=ARN + "2", policy_name="Own2", document=OLD),
    actions.DetachPolicy(holder=ROLE, policy_arn=ARN),
    actions.AttachPolicy(holder=USER, policy_arn=ARN),
    actions.SetBoundary(holder=ROLE, before=None, after=ARN),
    actions.SetBoundary(holder=USER, before=ARN, after=None),
    actions.LeaveGroup(user="bob", group="dev"),
    actions.LeaveInstanceProfile(role="deploy", profile="web"),
)


@settings(deadline=None, max_examples=40)
@given(
    chosen=st.lists(st.sampled_from(ACTIONS), unique=True, min_size=1),
    stages=st.lists(st.sampled_from(Stage), min_size=len(ACTIONS), max_size=len(ACTIONS)),
)
def test_whatever_was_done_undo_leaves_the_account_as_it_was(
    chosen: list[actions.Action], stages: list[Stage]
) -> None:
    cloud = FakeCloud()
    cloud.add_role("deploy")
    cloud.at(ROLE).inline = {"AWSRevokeOlderSessions": OLD, "Old": OLD}
    cloud.at(ROLE).attached = [ARN]
    cloud.add_user("bob", keys=[KEY_ID], groups=["dev"])
    cloud.at(USER).boundary = ARN
    cloud.policies[ARN] = OLD
    cloud.profiles["web"] = ["deploy"]
    before = picture(cloud)
    steps = [
        step(f"s{number}", action, stage=stage)
        for number, (action, stage) in enumerate(zip(chosen, stages, strict=False))
    ]

    with TemporaryDirectory() as home, Journal.open(Path(home), now=lambda: CUTOFF) as journal:
        name = done(journal, cloud, *steps)
        changed = picture(cloud)
        undo(journal, cloud, name, force=True)

    assert changed != before
    assert picture(cloud) == before


def test_a_managed_stand_in_is_detached_before_it_is_deleted(
    journal: Journal, cloud: FakeCloud
) -> None:
    arn = cloud.arn_of_policy("UnleakRevoke-1")
    create = actions.CreatePolicy(policy_arn=arn, policy_name="UnleakRevoke-1", document=DENY)
    use = actions.AttachPolicy(holder=ROLE, policy_arn=arn)
    name = done(journal, cloud, step("c", create), step("u", use, stage=Stage.AFTER_CONTAIN))

    outcomes = undo(journal, cloud, name)

    assert [(each.step_id, each.state) for each in outcomes] == [("u", "undone"), ("c", "undone")]
    assert cloud.policies == {}


def test_ctrl_c_is_said_with_the_way_on(journal: Journal, cloud: FakeCloud) -> None:
    import os  # noqa: PLC0415 - only where signals work
    import signal  # noqa: PLC0415 - same

    if os.name != "posix":
        pytest.skip("a signal to oneself ends the process on Windows")
    name = done(journal, cloud, DENY_ROLE, step("user", deny(USER)))
    cloud.on_call = lambda _: os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(Interrupted) as caught:
        undo(journal, cloud, name)

    assert f"unleak undo {name}" in caught.value.hint
    assert len(plan_undo(journal.incident(name), now=SAFE, force=False).steps) == 1
