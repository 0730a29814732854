"""Measure an incident again; changes nothing in AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.apply.home import prepare_home, state_home
from unleak.apply.journal import Journal
from unleak.apply.lock import hold
from unleak.flow.account import check_account
from unleak.flow.clock import corrected_now
from unleak.flow.measure import Measurement
from unleak.flow.prove import prove

if TYPE_CHECKING:
    from pathlib import Path

    from unleak.flow.doors import Doors
    from unleak.flow.person import Person
    from unleak.flow.response import Response
    from unleak.model.credential import FoundCredential
    from unleak.model.proof import Level


def verify_incident(
    name: str,
    doors: Doors,
    person: Person,
    *,
    leaked: tuple[FoundCredential, ...] = (),
    wanted: Level | None = None,
    timeout_seconds: float = 60.0,
    home: Path | None = None,
) -> Response:
    """Measure again whether what was cut off is still dead.

    Args:
        name: the incident's id, the start of it, or `latest`.
        doors: the cloud; no writer is opened.
        person: hears of progress.
        leaked: leaked credentials that may sign harmless calls; they were not stored, so whoever
            wants the live probe gives them again.
        wanted: the least level of proof that counts as contained.
        timeout_seconds: how long to go on measuring.
        home: the state folder; the platform's where None.

    Raises:
        NoSuchIncident: the journal has none of that name.
        ForeignAccount: we are signed in to another account than then.
    """
    folder = prepare_home(home or state_home())
    reader = doors.reader()
    with Journal.open(folder, now=lambda: corrected_now(reader.clock)) as journal:
        incident = journal.incident(name)
        check_account(incident, reader)
        with hold(folder, incident.id):
            if leaked:
                ids = tuple(each.access_key_id for each in leaked if each.access_key_id)
                journal.asked_leaked(incident.id, ids)
            measurement = Measurement(
                plan=incident.plan,
                consented=leaked,
                wanted=wanted,
                timeout_seconds=timeout_seconds,
            )
            return prove(incident.id, measurement, doors, person, journal)
