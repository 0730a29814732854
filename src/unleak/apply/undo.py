"""Putting back what was changed: in reverse, only what is ours, never what revives the leak."""

from __future__ import annotations

from dataclasses import replace
from itertools import takewhile
from typing import TYPE_CHECKING, assert_never

from unleak.apply.engine import turn_of
from unleak.apply.fold import open_intents
from unleak.apply.interrupt import deferred_ctrl_c
from unleak.apply.perform import failure_of, harmless, perform
from unleak.apply.reality import Standing, look
from unleak.errors import Interrupted, StateFolder, UnleakError
from unleak.model.action import Action, KeyState, SetFence, SetInlinePolicy, SetKeyStatus, inverse
from unleak.model.elsewhere import home_of
from unleak.model.frozen import dataclass
from unleak.model.instant import render_instant
from unleak.model.outcome import Outcome
from unleak.model.plan import StepState
from unleak.model.policy_names import FENCE_PREFIX
from unleak.model.user_action import (
    SetCertificateStatus,
    SetServiceCredentialStatus,
    SetSshKeyStatus,
)
from unleak.model.vault_action import VaultAction

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from unleak.apply.engine import Progress
    from unleak.apply.journal import Journal
    from unleak.model.incident import Incident
    from unleak.model.plan import Step
    from unleak.model.ports import Reader, Writer


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoPlan:
    """What an undo would do and what it refuses."""

    steps: tuple[Step, ...]
    """The inverses in the order to do them, each under the id of the step that it undoes."""
    refused: tuple[tuple[Step, str], ...]
    """Steps that stay as they are, each with the reason."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to put back, and nothing that was refused."""
        return not self.steps and not self.refused


def plan_undo(
    incident: Incident,
    *,
    now: datetime | None,
    force: bool,
    is_early_allowed: bool = False,
    others: Sequence[Incident] = (),
) -> UndoPlan:
    """Plan the way back; pure.

    Args:
        incident: what was done.
        now: AWS's time, None where it is not known: then nothing that has a safe date goes.
        force: also what gives the leaked credential its power back, a key's re-activation.
        is_early_allowed: also before the safe date.
        others: the other incidents, so that a deny on which a later one relies stays.
    """
    waiting = open_intents(incident)
    steps: list[Step] = []
    refused: list[tuple[Step, str]] = []
    for step in reversed(in_order_of_doing(incident.plan.steps)):
        if step.id in waiting or _was_moving(step) or _may_have_landed(step, incident):
            refused.append((step, f"nobody knows whether it was made: {_resume(incident)}"))
        elif step.state is StepState.DONE:
            reason = (
                _no_way_back(step)
                or _revives(step, force=force)
                or _too_early(step, now, is_allowed=is_early_allowed or (force and _by_hand(step)))
                or _relied_on(step, incident, others, now)
            )
            if reason is None:
                steps.append(inverse_of(step))
            else:
                refused.append((step, reason))
    return UndoPlan(steps=tuple(steps), refused=tuple(refused))


def put_back(  # what the one writer needs, by name
    steps: Sequence[Step],
    *,
    incident: str,
    journal: Journal,
    reader: Reader,
    writer: Writer,
    progress: Progress | None = None,
    should_stop: Callable[[], bool] = lambda: False,
) -> tuple[Outcome, ...]:
    """Do inverses one after the other, each only if the thing is still as we left it.

    Outcomes are `undone`, `already` (as before), `skipped` (changed by others) and `failed`.

    Args:
        steps: `UndoPlan.steps`.
        incident: the id to journal it under.
        journal: where intents and outcomes go.
        reader: tells the state of each thing.
        writer: the door to AWS.
        progress: hears of a step when it starts (`planned`) and when it ends.
        should_stop: asked before each step.

    Raises:
        UnleakError: the journal cannot be written; `StateFolder` while nothing was changed.
        Interrupted: Ctrl-C; a second undo goes on.
    """
    outcomes: list[Outcome] = []
    with deferred_ctrl_c() as flag:
        try:
            for step in takewhile(lambda _: not (flag.is_set or should_stop()), steps):
                _tell(progress, step, StepState.PLANNED)
                outcomes.append(_put_back_one(step, incident, journal, reader, writer))
                journal.undo_outcome(incident, outcomes[-1])
                _tell(progress, step, outcomes[-1].state)
        except StateFolder as error:
            raise _unwritable(incident, outcomes, error) from error
    if flag.is_set:
        raise _interrupted(incident, outcomes)
    return tuple(outcomes)


def _tell(progress: Progress | None, step: Step, state: StepState) -> None:
    if progress is not None:
        progress(step, state)


def _interrupted(incident: str, outcomes: Sequence[Outcome]) -> Interrupted:
    message = f"interrupted; steps done before: {len(outcomes)}; the journal is whole"
    return Interrupted(message, hint=f"`unleak undo {incident}` goes on from here")


def _unwritable(incident: str, outcomes: Sequence[Outcome], error: StateFolder) -> UnleakError:
    """Return the refusal as it is while nothing was changed, else a failure that says what was."""
    undone = [each.step_id for each in outcomes if each.state is StepState.UNDONE]
    if not undone:
        return error
    message = (
        f"the journal cannot be written any more ({error.message}); "
        f"put back so far: {', '.join(undone)}"
    )
    hint = f"make room for the journal, then `unleak undo {incident}` goes on from here"
    return UnleakError(message, hint=hint)


def inverse_of(step: Step) -> Step:
    """Return the step that undoes `step`, under the same id.

    Raises:
        ValueError: AWS has no way back; ask `plan_undo` first.
    """
    action = inverse(step.action)
    if action is None:
        message = f"{step.id} has no inverse"
        raise ValueError(message)
    return replace(
        step,
        action=action,
        state=StepState.PLANNED,
        reason=f"undoes {step.id}",
        impact="as it was before",
    )


def in_order_of_doing(steps: Sequence[Step]) -> tuple[Step, ...]:
    """Return steps in the order in which the engine did them."""
    return tuple(sorted(steps, key=turn_of))


def _put_back_one(
    step: Step, incident: str, journal: Journal, reader: Reader, writer: Writer
) -> Outcome:
    try:
        sight = look(step.action, reader.of_account(home_of(step)))
    except UnleakError as error:
        failure = failure_of(step.id, error)
        return replace(failure, detail=f"could not look: {failure.detail}")
    match sight.standing:
        case Standing.AFTER:
            return Outcome(step_id=step.id, state=StepState.ALREADY, detail="is as it was before")
        case Standing.DEAD | Standing.CHANGED:
            detail = f"left as it is: {harmless(sight.words)}"
            return Outcome(step_id=step.id, state=StepState.SKIPPED, detail=detail)
        case Standing.BEFORE:
            journal.undo_intent(incident, step)
            return _call(step, writer)
        case _:
            assert_never(sight.standing)


def _call(step: Step, writer: Writer) -> Outcome:
    try:
        receipt = perform(step.action, writer.into_account(home_of(step)))
    except UnleakError as error:
        return failure_of(step.id, error)
    return Outcome(step_id=step.id, state=StepState.UNDONE, receipt=receipt)


def _was_moving(step: Step) -> bool:
    """Whether it stood and was to be made once more: one of the two is there."""
    return step.has_stood and step.state in (StepState.PLANNED, StepState.FAILED)


def _may_have_landed(step: Step, incident: Incident) -> bool:
    """Whether a failed call got no answer of AWS's: the change may be there all the same."""
    return step.state is StepState.FAILED and any(
        outcome.step_id == step.id and not outcome.error_code and outcome.receipt is None
        for outcome in incident.outcomes
    )


def _resume(incident: Incident) -> str:
    return f"run `unleak resume {incident.id}` first"


def _by_hand(step: Step) -> bool:
    """Whether no date ever makes it safe: then force decides alone."""
    return step.safe_date is None


def _no_way_back(step: Step) -> str | None:
    if not step.reversible or inverse(step.action) is None:
        where = "Vault" if isinstance(step.action, VaultAction) else "AWS"
        return f"{where} has no way back from it"
    if (
        isinstance(
            step.action,
            SetKeyStatus | SetServiceCredentialStatus | SetSshKeyStatus | SetCertificateStatus,
        )
        and step.action.before is KeyState.EXPIRED
    ):
        return "an expired key is dead and stays so"
    return None


def _revives(step: Step, *, force: bool) -> str | None:
    if step.revives_leak and not force:
        return "it would give the leaked credential its power back; only --force does that"
    return None


def _too_early(step: Step, now: datetime | None, *, is_allowed: bool) -> str | None:
    if is_allowed:
        return None
    if step.safe_date is None:
        return "no date makes it safe; only --force does that"
    if now is None:
        return f"safe from {render_instant(step.safe_date)}, but AWS's clock is not known"
    if now < step.safe_date:
        return f"it would revive leaked sessions before {render_instant(step.safe_date)}"
    return None


def _relied_on(
    step: Step, incident: Incident, others: Sequence[Incident], now: datetime | None
) -> str | None:
    """Name the later incident that found this deny in place and relies on it."""
    for other, until in reliances(step, incident, others):
        if now is None or until is None or now < until:
            return f"incident {other} relies on it"
    return None


def reliances(
    step: Step, incident: Incident, others: Sequence[Incident]
) -> tuple[tuple[str, datetime | None], ...]:
    """Return the later incidents that need the policy this step wrote, and until when."""
    policy = _policy_of(step.action)
    if policy is None:
        return ()
    return tuple(
        (other.id, later.safe_date)
        for other in others
        if other.id != incident.id and other.created_at >= incident.created_at
        if other.caller.account == incident.caller.account
        for later in other.plan.steps
        if later.state in (StepState.DONE, StepState.ALREADY)
        if _policy_of(later.action) == policy
    )


def _policy_of(action: Action) -> tuple[str, str] | None:
    """Name the policy that an action writes, where several incidents may share it."""
    match action:
        case SetInlinePolicy(holder=holder, policy_name=name, after=str()):
            return f"{holder.account or ''} {holder.label}".strip(), name
        case SetFence(account=account, after=str()):
            return f"account/{account}", FENCE_PREFIX
        case _:
            return None
