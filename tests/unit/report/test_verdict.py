from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes import examples
from unleak.errors import ExitCode
from unleak.model.action import AttachPolicy, CreatePolicy, Holder, HolderType
from unleak.model.outcome import Status
from unleak.model.plan import Plan, Stage, Step, StepState
from unleak.model.proof import Check, CheckOutcome, Level, Verification
from unleak.report.verdict import IN_PLACE, exit_code_of, is_about_new_sessions, verdict
from unleak.verify.level import CONTROL_PREFIX

ROLE = Holder(type=HolderType.ROLE, name="deploy")

checks = st.builds(
    Check,
    name=st.sampled_from(["live-s3", "read-back-put-role-policy", "new-session-served"]),
    level=st.sampled_from(Level),
    target=st.just("role/deploy"),
    outcome=st.sampled_from(CheckOutcome),
    detail=st.just(""),
)
verifications = st.builds(
    Verification,
    level=st.sampled_from(Level),
    effective=st.sampled_from([True, False, None]),
    seconds_to_effect=st.none(),
    new_sessions_work=st.sampled_from([True, False, None]),
    checks=st.lists(checks, max_size=4).map(tuple),
)
wishes = st.one_of(st.none(), st.sampled_from(Level))
states = st.lists(st.sampled_from(StepState), min_size=1, max_size=4)


def plan_in(states: list[StepState]) -> Plan:
    steps = tuple(
        replace(examples.deny_step(ROLE, f"a{number}"), state=state)
        for number, state in enumerate(states, start=1)
    )
    return replace(examples.role_session_plan(), steps=steps)


def proof(
    level: Level, *, effective: bool | None = True, checks: tuple[Check, ...] = ()
) -> Verification:
    return Verification(
        level=level,
        effective=effective,
        seconds_to_effect=None,
        new_sessions_work=None,
        checks=checks,
    )


def a_check(level: Level, outcome: CheckOutcome, name: str = "live-s3") -> Check:
    return Check(name=name, level=level, target="role/deploy", outcome=outcome, detail="")


DONE = plan_in([StepState.DONE])


@pytest.mark.parametrize("level", [Level.SIMULATED, Level.CANARY, Level.LIVE])
def test_an_effective_cut_that_is_at_least_simulated_is_contained(level: Level) -> None:
    assert verdict(DONE, (), proof(level)) is Status.CONTAINED


def test_read_back_alone_is_unproven_unless_it_was_asked_for() -> None:
    read_back = proof(Level.READ_BACK, effective=None)

    assert verdict(DONE, (), read_back) is Status.UNPROVEN
    assert verdict(DONE, (), read_back, wanted=Level.READ_BACK) is Status.CONTAINED


def test_read_back_that_was_asked_for_needs_a_read_back() -> None:
    nothing = proof(Level.NONE, effective=None)

    assert verdict(DONE, (), nothing, wanted=Level.READ_BACK) is Status.UNPROVEN


def test_a_level_above_the_one_reached_is_unproven() -> None:
    assert verdict(DONE, (), proof(Level.CANARY), wanted=Level.LIVE) is Status.UNPROVEN


def test_a_cut_that_was_seen_to_leak_is_unproven_and_not_failed() -> None:
    alive = proof(Level.READ_BACK, effective=False)

    assert verdict(DONE, (), alive) is Status.UNPROVEN
    assert verdict(DONE, (), alive, wanted=Level.READ_BACK) is Status.UNPROVEN


def test_nothing_measured_is_unproven() -> None:
    assert verdict(DONE, (), None) is Status.UNPROVEN


def test_a_control_that_was_removed_is_contested() -> None:
    removed = a_check(Level.READ_BACK, CheckOutcome.REFUTED)

    assert verdict(DONE, (), proof(Level.LIVE, checks=(removed,))) is Status.CONTESTED


def test_a_failed_step_beside_one_in_place_is_partial() -> None:
    plan = plan_in([StepState.DONE, StepState.FAILED])

    assert verdict(plan, (), proof(Level.LIVE)) is Status.PARTIAL


def test_a_step_that_was_never_tried_is_partial() -> None:
    plan = plan_in([StepState.ALREADY, StepState.PLANNED])

    assert verdict(plan, (), proof(Level.LIVE)) is Status.PARTIAL


def test_an_outcome_speaks_for_a_step_that_still_says_planned() -> None:
    plan = plan_in([StepState.PLANNED])

    status = verdict(plan, (examples.done("a1"),), proof(Level.LIVE))

    assert status is Status.CONTAINED


def test_a_step_in_its_final_state_is_not_changed_by_an_older_outcome() -> None:
    plan = plan_in([StepState.DONE, StepState.SKIPPED])

    assert verdict(plan, (examples.failed("a2"),), proof(Level.LIVE)) is Status.CONTAINED


def test_a_credential_that_cannot_be_contained_from_here_makes_it_partial() -> None:
    plan = replace(DONE, not_contained=("ASIA...: it belongs to another account",))

    assert verdict(plan, (), proof(Level.LIVE)) is Status.PARTIAL


def test_nothing_in_place_is_failed() -> None:
    plan = plan_in([StepState.FAILED, StepState.SKIPPED])

    assert verdict(plan, (), proof(Level.LIVE)) is Status.FAILED


def test_a_policy_that_was_only_created_contains_nothing() -> None:
    plan = replace(DONE, steps=(create(StepState.DONE), attach(StepState.FAILED)))

    assert verdict(plan, (), proof(Level.LIVE)) is Status.FAILED


def test_a_step_for_later_contains_nothing() -> None:
    plan = replace(DONE, steps=tuple(replace(each, stage=Stage.LAST) for each in DONE.steps))

    assert verdict(plan, (), proof(Level.LIVE)) is Status.FAILED


def test_a_failed_step_is_made_good_by_the_rung_that_stands_in_for_it() -> None:
    refused = replace(examples.deny_step(ROLE), state=StepState.FAILED)
    plan = replace(DONE, steps=(refused, create(StepState.DONE), attach(StepState.DONE)))

    assert verdict(plan, (), proof(Level.SIMULATED)) is Status.CONTAINED


def test_a_rung_that_broke_half_way_makes_nothing_good() -> None:
    other = replace(examples.key_step("a9"), state=StepState.DONE)
    refused = replace(examples.deny_step(ROLE), state=StepState.FAILED)
    steps = (other, refused, create(StepState.DONE), attach(StepState.FAILED))

    assert verdict(replace(DONE, steps=steps), (), proof(Level.LIVE)) is Status.PARTIAL


def test_a_stale_simulation_does_not_outweigh_a_live_refusal() -> None:
    stale = a_check(Level.SIMULATED, CheckOutcome.REFUTED)

    assert verdict(DONE, (), proof(Level.LIVE, checks=(stale,))) is Status.CONTAINED


def test_new_sessions_that_do_not_work_say_nothing_against_containment() -> None:
    control = a_check(Level.LIVE, CheckOutcome.REFUTED, name="new-session-served")

    assert verdict(DONE, (), proof(Level.CANARY, checks=(control,))) is Status.CONTAINED


def test_checks_about_new_sessions_are_named_as_verify_names_them() -> None:
    assert is_about_new_sessions(a_check(Level.LIVE, CheckOutcome.PROVEN, f"{CONTROL_PREFIX}-x"))


def test_each_status_has_its_own_exit_code() -> None:
    codes = {status: exit_code_of(status) for status in Status}

    assert codes == {
        Status.CONTAINED: ExitCode.DONE,
        Status.FAILED: ExitCode.FAILED,
        Status.UNPROVEN: ExitCode.UNPROVEN,
        Status.CONTESTED: ExitCode.CONTESTED,
        Status.PARTIAL: ExitCode.PARTIAL,
    }


@settings(deadline=None)
@given(states, verifications, wishes)
def test_contained_is_never_said_with_a_failed_or_untried_step(
    states: list[StepState], verification: Verification, wanted: Level | None
) -> None:
    status = verdict(plan_in(states), (), verification, wanted)

    if set(states) & {StepState.FAILED, StepState.PLANNED} or not set(states) & IN_PLACE:
        assert status is not Status.CONTAINED


@settings(deadline=None)
@given(verifications, wishes)
def test_contained_is_never_said_when_the_top_rung_or_one_above_it_was_refuted(
    verification: Verification, wanted: Level | None
) -> None:
    status = verdict(DONE, (), verification, wanted)

    least = max(verification.level.rank, Level.SIMULATED.rank)
    if verification.effective is False or any(
        check.outcome is CheckOutcome.REFUTED
        and check.level.rank >= least
        and not check.name.startswith("new-session")
        for check in verification.checks
    ):
        assert status is not Status.CONTAINED


@settings(deadline=None)
@given(verifications)
def test_without_a_wish_contained_means_seen_to_be_effective_above_read_back(
    verification: Verification,
) -> None:
    if verdict(DONE, (), verification) is Status.CONTAINED:
        assert verification.effective is True
        assert verification.level.rank >= Level.SIMULATED.rank


@settings(deadline=None)
@given(states, st.one_of(st.none(), verifications), wishes)
def test_a_higher_wish_never_turns_a_verdict_into_contained(
    states: list[StepState], verification: Verification | None, wanted: Level | None
) -> None:
    plan = plan_in(states)

    if verdict(plan, (), verification, Level.LIVE) is Status.CONTAINED:
        assert verdict(plan, (), verification, wanted) is Status.CONTAINED


def create(state: StepState) -> Step:
    action = CreatePolicy(policy_arn=ARN, policy_name="unleak-x", document="{}")
    return replace(examples.deny_step(ROLE, "a1c"), action=action, state=state, is_fallback_of="a1")


def attach(state: StepState) -> Step:
    action = AttachPolicy(holder=ROLE, policy_arn=ARN)
    return replace(examples.deny_step(ROLE, "a1u"), action=action, state=state, is_fallback_of="a1")


ARN = f"arn:aws:iam::{examples.ACCOUNT}:policy/unleak-x"
