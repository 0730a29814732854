"""One word for the whole incident, from what was done and what was measured; pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from unleak.errors import ExitCode
from unleak.model.action import CreatePolicy, LeaveInstanceProfile
from unleak.model.outcome import Outcome, Status
from unleak.model.plan import Plan, Stage, Step, StepState
from unleak.model.proof import Check, CheckOutcome, Level, Verification

if TYPE_CHECKING:
    from collections.abc import Iterable

_EXIT_CODES = {
    Status.CONTAINED: ExitCode.DONE,
    Status.FAILED: ExitCode.FAILED,
    Status.UNPROVEN: ExitCode.UNPROVEN,
    Status.CONTESTED: ExitCode.CONTESTED,
    Status.PARTIAL: ExitCode.PARTIAL,
}

CONTROL_PREFIX = "new-session"
"""How `verify` names the checks about sessions that should live."""

IN_PLACE = frozenset({StepState.DONE, StepState.ALREADY})
"""The states of a step whose change is there now."""


def exit_code_of(status: Status) -> ExitCode:
    """Return the exit code that tells a script the status."""
    return _EXIT_CODES[status]


def verdict(
    plan: Plan,
    outcomes: tuple[Outcome, ...],
    verification: Verification | None,
    wanted: Level | None = None,
) -> Status:
    """Return the word for the whole incident.

    Args:
        plan: its steps carry the states they have come to.
        outcomes: what became of each step; they speak where a step still says `planned`.
        verification: what was measured, None where nothing was.
        wanted: the least level of proof that counts as contained.  None asks for `simulated`;
            `read-back` accepts that the changes were read back, if nothing speaks against it.
    """
    steps = with_final_states(plan.steps, outcomes)
    if steps and not any(contains(step) and step.state in IN_PLACE for step in steps):
        return Status.FAILED
    if plan.not_contained or unfinished(steps):
        return Status.PARTIAL
    if verification is None:
        return Status.UNPROVEN
    if is_contested(verification):
        return Status.CONTESTED
    if plan.open_doors:
        return Status.PARTIAL
    is_proven = is_looked_through(plan, verification) and _is_proven(verification, wanted)
    return Status.CONTAINED if is_proven else Status.UNPROVEN


def with_final_states(steps: tuple[Step, ...], outcomes: Iterable[Outcome]) -> tuple[Step, ...]:
    """Return the steps with their outcome's state where they themselves still say `planned`."""
    states = {outcome.step_id: outcome.state for outcome in outcomes}
    return tuple(
        replace(step, state=states.get(step.id, step.state))
        if step.state is StepState.PLANNED
        else step
        for step in steps
    )


def contains(step: Step) -> bool:
    """Whether this step, once done, takes power from what leaked.

    A policy that was only created denies nothing before it is attached, and leaving an instance
    profile stops no session.
    """
    if step.stage is Stage.LAST:
        return False
    return not isinstance(step.action, CreatePolicy | LeaveInstanceProfile)


def unfinished(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Return the steps that failed or were never tried, and that nothing stands in for.

    A failed step is made good by a *later* containing step for the same original (the next rung of
    the ladder) that is in place.
    """
    return tuple(
        step
        for index, step in enumerate(steps)
        if not step.is_temporary
        and (
            step.state is StepState.PLANNED
            or (step.state is StepState.FAILED and not _is_made_good(step, steps[index + 1 :]))
        )
    )


def is_looked_through(plan: Plan, verification: Verification) -> bool:
    """Whether nothing was left unseen that a thief with a grip could have used: unknown is not no.

    A hold that never came to rest, or an account that could not be searched for other identities,
    says nothing of what the thief still has.  Who cut himself off could not look at all.
    """
    watch = verification.watch
    if plan.self_lockout:
        return False
    return not (plan.unswept or plan.untraced) and (
        watch is None or (watch.is_settled and not watch.unread)
    )


def is_contested(verification: Verification) -> bool:
    """Whether a control that we had put in place was seen removed or changed."""
    if verification.watch is not None and verification.watch.is_contested:
        return True
    return any(
        check.level is Level.READ_BACK and check.outcome is CheckOutcome.REFUTED
        for check in verification.checks
    )


def is_seen_alive(verification: Verification) -> bool:
    """Whether what was measured shows the credential at work still.

    A simulation that contradicts a live refusal is a reading of policies that may be stale; it does
    not make the credential alive.  The rung that was reached, or a higher one, does.
    """
    least = max(verification.level.rank, Level.SIMULATED.rank)
    return verification.effective is False or any(
        check.outcome is CheckOutcome.REFUTED and check.level.rank >= least
        for check in verification.checks
        if not is_about_new_sessions(check)
    )


def is_about_new_sessions(check: Check) -> bool:
    """Whether the check asks if sessions that should live do; it never proves a death."""
    return check.name.startswith(CONTROL_PREFIX)


def _is_made_good(failed: Step, later: tuple[Step, ...]) -> bool:
    original = failed.is_fallback_of or failed.id
    return any(
        step.is_fallback_of == original and contains(step) and step.state in IN_PLACE
        for step in later
    )


def _is_proven(verification: Verification, wanted: Level | None) -> bool:
    if is_seen_alive(verification):
        return False
    least = Level.SIMULATED if wanted is None else wanted
    if least.rank <= Level.READ_BACK.rank:
        return verification.level.rank >= Level.READ_BACK.rank
    return verification.effective is True and verification.level.rank >= least.rank
