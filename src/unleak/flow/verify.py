"""Measure an incident again; changes nothing in AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.flow.measure import Measurement
from unleak.flow.prove import prove
from unleak.flow.request import Measuring
from unleak.flow.workplace import workplace

if TYPE_CHECKING:
    from pathlib import Path

    from unleak.flow.doors import Doors
    from unleak.flow.person import Person
    from unleak.flow.response import Response


def verify_incident(
    name: str,
    doors: Doors,
    person: Person,
    *,
    measuring: Measuring | None = None,
    home: Path | None = None,
) -> Response:
    """Measure again whether what was cut off is still dead.

    Args:
        name: the incident's id, the start of it, or `latest`.
        doors: the cloud; no writer is opened.
        person: hears of progress.
        measuring: how; the leaked secret was not stored, so the live probe wants it again.
        home: the state folder; the platform's where None.

    Raises:
        NoSuchIncident: the journal has none of that name.
        ForeignAccount: we are signed in to another account than then.
        IncidentBusy: another process is working on it.
    """
    how = measuring or Measuring()
    with workplace(doors, person, home) as place:
        incident = place.journal.incident(name)
        place.caller_for(incident)
        with place.locked(incident.id):
            if how.leaked:
                ids = tuple(each.access_key_id for each in how.leaked if each.access_key_id)
                place.journal.asked_leaked(incident.id, ids)
            measurement = Measurement(
                plan=incident.plan,
                consented=how.leaked,
                wanted=how.wanted,
                timeout_seconds=how.timeout_seconds,
            )
            return prove(incident.id, measurement, place)
