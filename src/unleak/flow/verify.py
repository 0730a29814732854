"""Measure an incident again; changes nothing in AWS."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from unleak.flow.measure import Measurement, measure
from unleak.flow.request import Measuring
from unleak.flow.response import Response
from unleak.flow.watch import watch_trail
from unleak.flow.workplace import workplace
from unleak.model.delivery import is_late_enough
from unleak.model.outcome import Status
from unleak.model.proof import CheckOutcome
from unleak.report.verdict import verdict

if TYPE_CHECKING:
    from unleak.apply.state import Home
    from unleak.flow.doors import Doors
    from unleak.flow.person import Person
    from unleak.flow.workplace import Workplace
    from unleak.model.incident import Incident
    from unleak.model.proof import Level, Verification


def verify_incident(
    name: str,
    doors: Doors,
    person: Person,
    *,
    measuring: Measuring | None = None,
    watch: bool = False,
    home: Home | None = None,
) -> Response:
    """Measure again whether what was cut off is still dead.

    Args:
        name: the incident's id, the start of it, or `latest`.
        doors: the cloud; no writer is opened.
        person: hears of progress.
        measuring: how; the leaked secret was not stored, so the live probe wants it again.
        watch: look into CloudTrail as well, until fifteen minutes have passed since the cut-off.
        home: the state folder or table; the usual one where None.

    Raises:
        NoSuchIncident: the journal has none of that name.
        ForeignAccount: we are signed in to another account than then.
        IncidentBusy: another process is working on it.
        KeyboardInterrupt: Ctrl-C while watching; what was measured before is journaled.
    """
    how = measuring or Measuring()
    with workplace(doors, person, home) as place:
        incident = place.taken_up(place.journal.incident(name))
        place.caller_for(incident)
        with place.locked(incident.id):
            incident = _traced_again(incident, place)
            if how.leaked:
                ids = tuple(each.access_key_id for each in how.leaked if each.access_key_id)
                place.journal.asked_leaked(incident.id, ids)
            return _measured_again(incident, _measurement(incident, how), place, watch=watch)


def _measurement(incident: Incident, how: Measuring) -> Measurement:
    return Measurement(
        plan=incident.plan,
        consented=how.leaked,
        wanted=how.wanted,
        timeout_seconds=how.timeout_seconds,
    )


def _traced_again(incident: Incident, place: Workplace) -> Incident:
    """Look into CloudTrail once more where a cascade did; what is new is an open door for now."""
    plan = incident.plan
    is_wanted = plan.cascade or plan.traced_at is not None
    if not is_wanted or is_late_enough(plan, incident.created_at):
        return incident
    from unleak.flow.hold_again import looked_on  # noqa: PLC0415 - only after a cascade

    place.person.hears("following in CloudTrail what it has led to, once more")
    seen = looked_on(plan, incident.caller, place)
    if seen == plan:
        return incident
    place.journal.replanned(incident.id, seen)
    return replace(incident, plan=seen)


def _measured_again(
    incident: Incident, measurement: Measurement, place: Workplace, *, watch: bool
) -> Response:
    """Measure and journal it before the long look into CloudTrail, which Ctrl-C may end."""
    measured = measure(measurement, place.doors, place.person, timing=place.timing)
    if incident.verification is not None:
        # what was seen while it was held stays seen: only another hold can say that it is over
        measured = replace(measured, watch=incident.verification.watch)
    response = _noted(incident, measured, measurement.wanted, place)
    if not watch:
        return response
    watched = watch_trail(incident, measured, place.reader, place.person)
    return _noted(incident, watched, measurement.wanted, place)


def _noted(
    incident: Incident, measured: Verification, wanted: Level | None, place: Workplace
) -> Response:
    """Journal what was measured; an earlier proof stands where nothing speaks against it.

    Without the secret less can be measured than right after the cut: that is no news of the leak.
    """
    status = verdict(incident.plan, incident.outcomes, measured, wanted)
    if status is Status.UNPROVEN and incident.status is Status.CONTAINED and not refuted(measured):
        place.journal.note(incident.id, f"measured again: {measured.level}, nothing against it")
    else:
        place.journal.verified(incident.id, measured)
        place.journal.closed(incident.id, status)
    return Response(
        incident=replace(place.journal.incident(incident.id), verification=measured),
        status=status,
        next_steps=incident.plan.next,
    )


def refuted(measured: Verification) -> bool:
    """Whether anything was seen that speaks against containment."""
    return measured.effective is False or any(
        check.outcome is CheckOutcome.REFUTED for check in measured.checks
    )
