"""After the cut: measure, read what the credential could do, give it a word, and close."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from unleak.flow.measure import Measurement, measure
from unleak.flow.reach import abilities_of
from unleak.flow.response import Response
from unleak.report.verdict import verdict

if TYPE_CHECKING:
    from unleak.apply.journal import Journal
    from unleak.flow.doors import Doors
    from unleak.flow.person import Person

__all__ = ["Measurement", "prove"]


def prove(
    incident: str, measurement: Measurement, doors: Doors, person: Person, journal: Journal
) -> Response:
    """Measure, read what the credential could do where that was not read yet, and close.

    Args:
        incident: its id; the caller holds its lock.
        measurement: what to measure and how.
        doors: reader and prober are opened.
        person: hears of progress.
        journal: takes down what was seen.
    """
    measured = measure(measurement, doors, person)
    journal.verified(incident, measured)
    plan = measurement.plan
    if not plan.abilities:
        plan = replace(plan, abilities=abilities_of(plan, doors.reader()))
        journal.replanned(incident, plan)
    outcomes = journal.incident(incident).outcomes
    status = verdict(plan, outcomes, measured, measurement.wanted)
    journal.closed(incident, status)
    return Response(incident=journal.incident(incident), status=status, next_steps=plan.next)
