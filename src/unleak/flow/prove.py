"""After the cut: measure, read what the credential could do, give it a word, and close."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from unleak.flow.measure import Measurement, measure
from unleak.flow.reach import abilities_of
from unleak.flow.response import Response
from unleak.report.verdict import verdict

if TYPE_CHECKING:
    from unleak.flow.workplace import Workplace

__all__ = ["Measurement", "prove"]


def prove(incident: str, measurement: Measurement, place: Workplace) -> Response:
    """Measure, read what the credential could do where that was not read yet, and close.

    Args:
        incident: its id; the caller holds its lock.
        measurement: what to measure and how.
        place: reader and prober are opened; the journal takes down what was seen.
    """
    journal = place.journal
    measured = measure(measurement, place.doors, place.person)
    journal.verified(incident, measured)
    plan = measurement.plan
    if not plan.abilities:
        plan = replace(plan, abilities=abilities_of(plan, place.reader))
        journal.replanned(incident, plan)
    outcomes = journal.incident(incident).outcomes
    status = verdict(plan, outcomes, measured, measurement.wanted)
    journal.closed(incident, status)
    return Response(incident=journal.incident(incident), status=status, next_steps=plan.next)
