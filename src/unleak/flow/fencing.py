"""The organization's lock over an incident: planned, widened, relaxed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from unleak.contain.sessions import Draft
    from unleak.model.door import Door
    from unleak.model.plan import Grip, Plan
    from unleak.model.ports import Reader
    from unleak.model.situation import Situation


def fence_for(plan: Plan, situation: Situation, grip: Grip, *, reader: Reader) -> Draft | None:
    """Return the step that puts the lock in place, or why there is none."""
    del plan, situation, grip, reader
    return None


def widened(plan: Plan, doors: tuple[Door, ...]) -> Plan:
    """Return the plan with the lock put over more principals."""
    del doors
    return plan
