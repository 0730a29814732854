"""What the entries of one incident add up to: pure, from rows of the journal to an `Incident`."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from unleak.apply.codec import Json, Unfit, decode, parse
from unleak.model.action import kind_of, target_of
from unleak.model.incident import Incident, IncidentSummary, JournalEntry
from unleak.model.outcome import Outcome, Status
from unleak.model.plan import Plan, Step, StepState
from unleak.model.proof import Verification
from unleak.model.situation import Caller

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from unleak.apply.database import Row
    from unleak.model.credential import Credential


class EntryKind(StrEnum):
    """What an entry of the journal says."""

    CREATED = "created"
    ACCEPTED = "accepted"
    IDENTIFIED = "identified"
    INTENT = "intent"
    OUTCOME = "outcome"
    REPLANNED = "replanned"
    ASKED_LEAKED = "asked-leaked"
    VERIFIED = "verified"
    CLOSED = "closed"
    NOTE = "note"
    UNDO_INTENT = "undo-intent"
    UNDO_OUTCOME = "undo-outcome"


@dataclass(slots=True)
class _Folding:
    """The incident as far as it has been read."""

    plan: Plan
    created_at: datetime
    caller: Caller
    region: str
    asked_leaked: dict[str, None]
    is_accepted: bool = False
    status: Status | None = None
    verification: Verification | None = None
    states: dict[str, StepState] = field(default_factory=dict)
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    open_intents: dict[str, None] = field(default_factory=dict)
    entries: list[JournalEntry] = field(default_factory=list)


def fold(rows: Sequence[Row]) -> Incident:
    """Return the state that the entries of one incident lead to.

    Args:
        rows: all entries of one incident, oldest first, at least one.

    Raises:
        Unfit: an entry is damaged, or was written by a newer unleak.
    """
    folding = _begin(rows[0])
    for row in rows:
        _take(folding, row)
    steps = tuple(
        replace(step, state=folding.states.get(step.id, step.state)) for step in folding.plan.steps
    )
    never_tried = any(step.state is StepState.PLANNED for step in steps)
    return Incident(
        id=rows[0][1],
        created_at=folding.created_at,
        status=folding.status,
        caller=folding.caller,
        region=folding.region,
        credentials=folding.plan.credentials,
        plan=folding.plan.with_steps(steps),
        outcomes=tuple(folding.outcomes.values()),
        verification=folding.verification,
        asked_leaked=tuple(folding.asked_leaked),
        entries=tuple(folding.entries),
        is_interrupted=bool(folding.open_intents) or (folding.is_accepted and never_tried),
    )


def summarise(rows: Iterable[Row]) -> tuple[IncidentSummary, ...]:
    """Return one row for each incident, newest first.

    Args:
        rows: the created, replanned and closed entries of all incidents, oldest first.

    Raises:
        Unfit: an entry is damaged, or was written by a newer unleak.
    """
    found: dict[str, IncidentSummary] = {}
    for _, incident, at, kind, _, body in rows:
        data = parse(body)
        if kind != EntryKind.CREATED and incident not in found:
            message = f"{incident} does not begin with its creation"
            raise Unfit(message)
        match kind:
            case EntryKind.CREATED:
                found[incident] = _summary(incident, decode(datetime, at), data)
            case EntryKind.REPLANNED:
                found[incident] = replace(
                    _summary(incident, found[incident].created_at, data),
                    status=found[incident].status,
                )
            case EntryKind.CLOSED:
                status = decode(Status, part(data, "status"))
                found[incident] = replace(found[incident], status=status)
            case _:
                pass  # entries of other kinds do not show in the list
    return tuple(reversed(found.values()))


def open_intents(incident: Incident) -> frozenset[str]:
    """Return the ids of the steps that may or may not have been made: intent, but no outcome."""
    waiting: set[str] = set()
    for entry in incident.entries:
        if entry.step_id is None:
            continue
        if entry.kind == EntryKind.INTENT:
            waiting.add(entry.step_id)
        elif entry.kind == EntryKind.OUTCOME:
            waiting.discard(entry.step_id)
    return frozenset(waiting)


def part(data: Json, name: str) -> Json:
    """Return one field of a JSON object.

    Raises:
        Unfit: it is no object, or has no such field.
    """
    if not isinstance(data, dict) or name not in data:
        message = f"{name} is missing"
        raise Unfit(message)
    return data[name]


def _begin(row: Row) -> _Folding:
    _, incident, at, kind, _, body = row
    if kind != EntryKind.CREATED:
        message = f"{incident} does not begin with its creation"
        raise Unfit(message)
    data = parse(body)
    return _Folding(
        plan=decode(Plan, part(data, "plan")),
        created_at=decode(datetime, at),
        caller=decode(Caller, part(data, "caller")),
        region=decode(str, part(data, "region")),
        asked_leaked=dict.fromkeys(_texts(part(data, "asked_leaked"))),
    )


def _take(folding: _Folding, row: Row) -> None:
    number, _, at, kind_text, step_id, body = row
    try:
        kind = EntryKind(kind_text)
    except ValueError as error:
        message = f"an entry of the unknown kind {kind_text!a}"
        raise Unfit(message) from error
    data = parse(body)
    summary = _change(folding, kind, step_id, data)
    entry = JournalEntry(
        number=number, at=decode(datetime, at), kind=str(kind), step_id=step_id, summary=summary
    )
    folding.entries.append(entry)


def _change(  # noqa: C901, PLR0911 - one case a kind
    folding: _Folding, kind: EntryKind, step_id: str | None, data: Json
) -> str:
    """Fold one entry in and return it in words."""
    match kind:
        case EntryKind.CREATED:
            return f"steps planned: {len(folding.plan.steps)}"
        case EntryKind.ACCEPTED:
            folding.is_accepted = True
            return "accepted"
        case EntryKind.IDENTIFIED:
            folding.caller = decode(Caller, part(data, "caller"))
            return f"signed in as {folding.caller.arn or 'somebody unknown'}"
        case EntryKind.INTENT | EntryKind.UNDO_INTENT:
            if kind is EntryKind.INTENT and step_id is not None:
                folding.open_intents[step_id] = None
            return decode(str, part(data, "summary"))
        case EntryKind.OUTCOME:
            return _end(folding, decode(Outcome, part(data, "outcome")))
        case EntryKind.UNDO_OUTCOME:
            return _end_undo(folding, decode(Outcome, part(data, "outcome")))
        case EntryKind.REPLANNED:
            _replan(folding, decode(Plan, part(data, "plan")))
            return f"steps planned: {len(folding.plan.steps)}"
        case EntryKind.ASKED_LEAKED:
            key_ids = _texts(part(data, "key_ids"))
            folding.asked_leaked.update(dict.fromkeys(key_ids))
            return f"signed with {', '.join(key_ids)}"
        case EntryKind.VERIFIED:
            folding.verification = decode(Verification, part(data, "verification"))
            return str(folding.verification.level)
        case EntryKind.CLOSED:
            folding.status = decode(Status, part(data, "status"))
            return str(folding.status)
        case EntryKind.NOTE:
            return decode(str, part(data, "text"))


def _end(folding: _Folding, outcome: Outcome) -> str:
    folding.outcomes[outcome.step_id] = outcome
    folding.states[outcome.step_id] = outcome.state
    folding.open_intents.pop(outcome.step_id, None)
    return _in_words(outcome)


def _end_undo(folding: _Folding, outcome: Outcome) -> str:
    """A step that could not be put back stays done."""
    if outcome.state in (StepState.UNDONE, StepState.ALREADY):
        folding.states[outcome.step_id] = StepState.UNDONE
    return _in_words(outcome)


def _replan(folding: _Folding, plan: Plan) -> None:
    """Take the new plan; a step keeps what became of it only while its action is the same one.

    A plan that says something else of a step than its last outcome does knows better.
    """
    old = {step.id: step.action for step in folding.plan.steps}
    for step in plan.steps:
        agrees = step.state in (StepState.PLANNED, folding.states.get(step.id))
        if not agrees or old.get(step.id) != step.action:
            folding.states.pop(step.id, None)
            folding.outcomes.pop(step.id, None)
            folding.open_intents.pop(step.id, None)
    folding.plan = plan


def _summary(incident: str, created_at: datetime, data: Json) -> IncidentSummary:
    plan = decode(Plan, part(data, "plan"))
    return IncidentSummary(
        id=incident,
        created_at=created_at,
        status=None,
        key_ids=_unique(credential.access_key_id for credential in plan.credentials),
        principals=_unique(_principal_of(credential) for credential in plan.credentials),
    )


def _principal_of(credential: Credential) -> str | None:
    return None if credential.principal is None else credential.principal.label


def _unique(names: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name is not None))


def _texts(data: Json) -> tuple[str, ...]:
    if not isinstance(data, list):
        message = "a list is missing"
        raise Unfit(message)
    return tuple(decode(str, each) for each in data)


def _in_words(outcome: Outcome) -> str:
    return f"{outcome.state}: {outcome.detail}" if outcome.detail else str(outcome.state)


def describe(step: Step) -> str:
    """Return what a step does, as `put-role-policy role/NAME`."""
    return f"{kind_of(step.action)} {target_of(step.action)}"
