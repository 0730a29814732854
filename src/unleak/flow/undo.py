"""Put back what an incident changed, where that revives nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from unleak.apply.undo import UndoPlan, plan_undo, put_back
from unleak.errors import ExitCode, NoConsent, WouldRevive
from unleak.flow.response import Response
from unleak.flow.workplace import workplace
from unleak.model.outcome import Outcome, Status
from unleak.model.plan import StepState
from unleak.model.proof import Level, Verification

if TYPE_CHECKING:
    from datetime import datetime

    from unleak.apply.state import Home
    from unleak.flow.doors import Doors
    from unleak.flow.person import Person
    from unleak.flow.workplace import Workplace
    from unleak.model.incident import Incident
    from unleak.model.plan import Plan

_NOTHING_IS_KNOWN = Verification(
    level=Level.NONE, effective=None, seconds_to_effect=None, new_sessions_work=None
)
"""What was measured before a deny was taken away says nothing of the time after."""


def undo(
    name: str,
    doors: Doors,
    person: Person,
    *,
    force: bool = False,
    assume_yes: bool = False,
    is_dry_run: bool = False,
    home: Home | None = None,
) -> Response:
    """Restore exactly the state before, and refuse whatever would revive the leak.

    Args:
        name: the incident's id, the start of it, or `latest`.
        doors: the cloud; the writer is opened only for what is put back.
        person: shown what is put back and asked, unless `assume_yes`.
        force: also before the safe date, and also re-activate a leaked key.
        assume_yes: whether it counts as accepted.
        is_dry_run: show it, and change nothing.
        home: the state folder or table; the usual one where None.

    Raises:
        WouldRevive: nothing can be put back yet without reviving the leak; nothing was changed.
        NoSuchIncident: the journal has none of that name.
        ForeignAccount: we are signed in to another account than then.
        IncidentBusy: another process is working on it.
    """
    with workplace(doors, person, home) as place:
        incident = place.journal.incident(name)
        place.caller_for(incident)
        with place.locked(incident.id):
            incident = place.taken_up(place.journal.incident(incident.id))
            way_back = _way_back(incident, place, force=force)
            plan = _shown(incident, way_back, force=force)
            if is_dry_run or not way_back.steps:
                return _nothing_done(incident, plan, way_back, is_dry_run=is_dry_run)
            if not assume_yes and not person.accepts(plan):
                message = "you said no; nothing was put back"
                raise NoConsent(message, hint="the incident stays as it is")
            return _put_back(incident, way_back, place)


def _way_back(incident: Incident, place: Workplace, *, force: bool) -> UndoPlan:
    way_back = plan_undo(
        incident,
        now=place.reader.clock.now(),
        force=force,
        is_early_allowed=force,
        others=[place.journal.incident(each.id) for each in place.journal.incidents()],
    )
    if way_back.refused and not way_back.steps:
        raise _refusal(way_back)
    return way_back


def _put_back(incident: Incident, way_back: UndoPlan, place: Workplace) -> Response:
    outcomes = put_back(
        way_back.steps,
        incident=incident.id,
        journal=place.journal,
        reader=place.reader,
        writer=place.doors.writer(),
        progress=place.person.sees_step,
    )
    if _revived(incident, outcomes, now=place.reader.clock.now()):
        place.journal.verified(incident.id, _NOTHING_IS_KNOWN)
        place.journal.closed(incident.id, Status.UNPROVEN)
    return _response(place.journal.incident(incident.id), way_back, outcomes)


def _revived(incident: Incident, outcomes: tuple[Outcome, ...], *, now: datetime | None) -> bool:
    """Whether something was put back that may let the leak work again: no longer contained."""
    undone = {each.step_id for each in outcomes if each.state is StepState.UNDONE}
    return any(
        step.id in undone
        and (step.revives_leak or step.safe_date is None or now is None or now < step.safe_date)
        for step in incident.plan.steps
    )


def _refusal(way_back: UndoPlan) -> WouldRevive:
    reasons = dict.fromkeys(reason for _, reason in way_back.refused)
    message = f"nothing was put back: {'; '.join(reasons)}"
    hint = "wait for the safe date, or give --force if you know that the leak is dead"
    return WouldRevive(message, hint=hint)


def _shown(incident: Incident, way_back: UndoPlan, *, force: bool) -> Plan:
    """Return the way back as a plan, to be shown before the question."""
    warnings = tuple(f"{step.id} stays: {reason}" for step, reason in way_back.refused)
    if force:
        warnings = (
            "--force: whoever still holds what leaked gets his power back with this",
            *warnings,
        )
    return replace(
        incident.plan,
        steps=way_back.steps,
        warnings=warnings,
        manual=(),
        next=(),
        self_lockout=False,
        not_contained=(),
    )


def _nothing_done(
    incident: Incident, plan: Plan, way_back: UndoPlan, *, is_dry_run: bool
) -> Response:
    if is_dry_run:
        return Response(
            incident=replace(incident, plan=plan),
            status=incident.status or Status.PARTIAL,
            next_steps=(f"unleak undo {incident.id}",) if way_back.steps else (),
            exit_code=ExitCode.DONE,
        )
    return Response(
        incident=incident,
        status=incident.status or Status.PARTIAL,
        next_steps=("nothing is left to put back",),
        exit_code=ExitCode.DONE,
    )


def _response(incident: Incident, way_back: UndoPlan, outcomes: tuple[Outcome, ...]) -> Response:
    left = [each for each in outcomes if each.state not in (StepState.UNDONE, StepState.ALREADY)]
    lines = [f"{each.step_id} was not put back: {each.detail}" for each in left]
    lines += [f"{step.id} stays as it is: {reason}" for step, reason in way_back.refused]
    return Response(
        incident=incident,
        status=incident.status or Status.PARTIAL,
        next_steps=tuple(lines),
        exit_code=ExitCode.PARTIAL if left else ExitCode.DONE,
    )
