"""Taking away denies past their safe date, over all incidents; never a key, never early."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from unleak.apply.fold import open_intents
from unleak.apply.undo import in_order_of_doing, inverse_of, put_back, reliances
from unleak.errors import IncidentBusy
from unleak.model.action import AttachPolicy, CreatePolicy, SetBoundary, SetFence, SetInlinePolicy
from unleak.model.plan import StepState

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from unleak.apply.journal import Journal
    from unleak.model.incident import Incident
    from unleak.model.outcome import Outcome
    from unleak.model.plan import Step
    from unleak.model.ports import Reader, Writer


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """A deny that can go; `step` is the inverse."""

    incident: str
    step: Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A deny whose safe date is still to come; None: it has none, or AWS's clock is not known."""

    incident: str
    step: Step
    until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """An incident that cleanup did not touch, and why."""

    incident: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanupPlan:
    """What a cleanup would do."""

    removals: tuple[Removal, ...]
    waiting: tuple[Waiting, ...]
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanupResult:
    """What a cleanup did: the outcome of each removal, and incidents that were busy."""

    outcomes: tuple[tuple[str, Outcome], ...]
    left_out: tuple[LeftOut, ...]


@dataclass(slots=True)
class _Gathering:
    removals: list[Removal] = field(default_factory=list)
    waiting: list[Waiting] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)


def plan_cleanup(
    incidents: Sequence[Incident], *, account: str | None, now: datetime | None
) -> CleanupPlan:
    """Plan which denies go; pure.

    Args:
        incidents: all incidents of the journal, newest first.
        account: the account that we are signed in to, None where the cloud cannot tell.
        now: AWS's time, None where it is not known: then everything waits.
    """
    gathering = _Gathering()
    for incident in incidents:
        denies = _denies(incident)
        if not denies:
            continue
        reason = _why_not(incident, account)
        if reason is not None:
            gathering.left_out.append(LeftOut(incident=incident.id, reason=reason))
            continue
        for step in denies:
            _place(step, incident, incidents, now, gathering)
    return CleanupPlan(
        removals=tuple(gathering.removals),
        waiting=tuple(gathering.waiting),
        left_out=tuple(gathering.left_out),
    )


def clean_up(
    plan: CleanupPlan,
    *,
    journal: Journal,
    reader: Reader,
    writer: Writer,
    locked: Callable[[str], AbstractContextManager[None]],
) -> CleanupResult:
    """Take the denies away, each only if it is still as we left it.

    Args:
        plan: from `plan_cleanup`.
        journal: intents and outcomes go there, each under its incident.
        reader: tells the state that each thing is in.
        writer: the door to AWS.
        locked: holds the lock of an incident, `lambda id: hold(home, id)`.

    Raises:
        StateFolder: the journal cannot be written.
        Interrupted: Ctrl-C; a second cleanup goes on.
    """
    outcomes: list[tuple[str, Outcome]] = []
    left_out: list[LeftOut] = []
    for incident in dict.fromkeys(removal.incident for removal in plan.removals):
        steps = [removal.step for removal in plan.removals if removal.incident == incident]
        try:
            with locked(incident):
                done = put_back(
                    steps, incident=incident, journal=journal, reader=reader, writer=writer
                )
        except IncidentBusy as error:
            left_out.append(LeftOut(incident=incident, reason=error.message))
            continue
        outcomes.extend((incident, outcome) for outcome in done)
    return CleanupResult(outcomes=tuple(outcomes), left_out=tuple(left_out))


def _denies(incident: Incident) -> tuple[Step, ...]:
    """Return the denies that unleak put in place, the last one first."""
    own = {
        step.action.policy_arn
        for step in incident.plan.steps
        if isinstance(step.action, CreatePolicy)
    }
    return tuple(
        step
        for step in reversed(in_order_of_doing(incident.plan.steps))
        if step.state is StepState.DONE and step.reversible and _is_deny(step, own)
    )


def _is_deny(step: Step, own: set[str]) -> bool:
    match step.action:
        case SetInlinePolicy(after=document) | SetFence(after=document):
            return document is not None
        case CreatePolicy():
            return True
        case AttachPolicy(policy_arn=arn):
            return arn in own
        case SetBoundary(after=boundary):
            return boundary in own
        case _:
            return False


def _why_not(incident: Incident, account: str | None) -> str | None:
    if incident.caller.account != account:
        theirs = incident.caller.account or "an unknown account"
        return f"it belongs to {theirs}, and we are signed in to {account or 'an unknown one'}"
    if open_intents(incident):
        return f"it was interrupted: run `unleak resume {incident.id}` first"
    return None


def _place(
    step: Step,
    incident: Incident,
    incidents: Sequence[Incident],
    now: datetime | None,
    gathering: _Gathering,
) -> None:
    """A deny goes when its own date and those of all later incidents that rely on it are past."""
    dates = [step.safe_date, *(until for _, until in reliances(step, incident, incidents))]
    known = [date for date in dates if date is not None]
    until = max(known) if len(known) == len(dates) else None
    if now is None or until is None or now < until or step.revives_leak:
        gathering.waiting.append(Waiting(incident=incident.id, step=step, until=until))
    else:
        gathering.removals.append(Removal(incident=incident.id, step=inverse_of(step)))
