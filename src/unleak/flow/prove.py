"""After the cut: hold, measure, read what the credential could do, give it a word, and close."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from unleak.flow.cut import with_outcomes
from unleak.flow.measure import Measurement, measure
from unleak.flow.reach import abilities_of
from unleak.flow.response import Response
from unleak.flow.settle import needs_second_cut, second_cut
from unleak.model.outcome import Outcome, Status
from unleak.model.plan import StepState
from unleak.report.verdict import verdict

if TYPE_CHECKING:
    from unleak.flow.cut import Cutter
    from unleak.flow.workplace import Workplace
    from unleak.model.plan import Plan
    from unleak.model.proof import Verification
    from unleak.model.watch import Watch

__all__ = ["Measurement", "prove"]

_NOT_PROVEN = "it waits until the containment is proven: `unleak resume` tries again"


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
    plan, status = _finished(plan, measured, cutter, measurement)
    journal.closed(incident, status)
    return Response(incident=journal.incident(incident), status=status, next_steps=plan.next)


def _finished(
    plan: Plan, measured: Verification, cutter: Cutter, measurement: Measurement
) -> tuple[Plan, Status]:
    """Give it a word; what was waiting for the proof is made now, or left out and that noted."""
    journal = cutter.place.journal
    others = plan.with_steps(tuple(step for step in plan.steps if step not in plan.waiting))
    outcomes = journal.incident(cutter.incident).outcomes
    status = verdict(others, outcomes, measured, measurement.wanted)
    if not plan.waiting:
        return plan, status
    if status is Status.CONTAINED:
        plan = cutter.finish(plan)
        outcomes = journal.incident(cutter.incident).outcomes
        return plan, verdict(plan, outcomes, measured, measurement.wanted)
    left = tuple(
        Outcome(step_id=step.id, state=StepState.SKIPPED, detail=_NOT_PROVEN)
        for step in plan.waiting
    )
    with journal.batch():
        for outcome in left:
            journal.outcome(cutter.incident, outcome)
    return with_outcomes(plan, left), status
