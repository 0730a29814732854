"""After the cut: hold, measure, read what the credential could do, give it a word, and close."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from unleak.flow.measure import Measurement, measure
from unleak.flow.reach import abilities_of
from unleak.flow.response import Response
from unleak.flow.settle import needs_second_cut, second_cut
from unleak.report.verdict import verdict

if TYPE_CHECKING:
    from unleak.flow.cut import Cutter
    from unleak.flow.workplace import Workplace
    from unleak.model.watch import Watch

__all__ = ["Measurement", "prove"]


def prove(
    cutter: Cutter, measurement: Measurement, place: Workplace, *, watch: Watch | None = None
) -> Response:
    """Measure, read what the credential could do where that was not read yet, and close.

    Args:
        cutter: whose incident it is; the caller holds its lock.
        measurement: what to measure and how.
        place: reader and prober are opened; the journal takes down what was seen.
        watch: what was seen while the containment was held; None where it was not.
    """
    incident, journal = cutter.incident, place.journal
    measured = measure(measurement, place.doors, place.person, timing=place.timing)
    plan = measurement.plan
    if watch is None and needs_second_cut(plan):
        plan, measured = second_cut(replace(measurement, plan=plan), measured, cutter, place)
    measured = replace(measured, watch=watch)
    journal.verified(incident, measured)
    if not plan.abilities:
        plan = replace(plan, abilities=abilities_of(plan, place.reader))
        journal.replanned(incident, plan)
    outcomes = journal.incident(incident).outcomes
    status = verdict(plan, outcomes, measured, measurement.wanted)
    journal.closed(incident, status)
    return Response(incident=journal.incident(incident), status=status, next_steps=plan.next)
