"""The end of a fight: the cut-off moves past the thief's last act, then the freeze is lifted."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from unleak.apply.undo import in_order_of_doing, inverse_of, put_back
from unleak.contain.options import MARGIN
from unleak.contain.replan import moved_forward
from unleak.errors import UnleakError
from unleak.flow.controls import IN_PLACE
from unleak.flow.cut import with_outcomes
from unleak.flow.fencing import closed_again, opened_for_new_sessions
from unleak.model.action import SetInlinePolicy, target_of
from unleak.model.elsewhere import home_of
from unleak.model.instant import round_up
from unleak.model.plan import Plan, Step, StepState
from unleak.model.vault_action import users_gone_with

if TYPE_CHECKING:
    from datetime import datetime

    from unleak.flow.cut import Cutter
    from unleak.flow.workplace import Workplace
    from unleak.model.ports import Reader


def move_cutoff(plan: Plan, cutter: Cutter, place: Workplace) -> Plan:
    """Deny every session that was issued until now: those of the window are newer than the first.

    Args:
        plan: as it stands; a cut-off that the person chose in the past stays where he put it.
        cutter: sends the moved denies.
        place: tells AWS's time, and takes the moved plan down.
    """
    now = place.reader.clock.now()
    if now is None or plan.cutoff is None or cutter.keeps_cutoff:
        return plan
    cutoff = max(plan.cutoff, round_up(now) + MARGIN)
    gone = {
        f"user/{user}"
        for step in plan.steps
        if step.state is StepState.DONE
        for user in users_gone_with(step.action)
    }
    steps = tuple(
        step if target_of(step.action) in gone else _moved(step, cutoff, place.reader)
        for step in plan.steps
    )
    if steps == plan.steps:
        return plan
    return _sent(replace(plan, steps=steps, cutoff=cutoff), cutter, place)


def lift(plan: Plan, cutter: Cutter, place: Workplace) -> Plan:
    """Take the temporary denies away again, each only if it is still as we left it.

    Args:
        plan: as it stands.
        cutter: whose incident it is.
        place: journal, reader and writer.
    """
    steps = tuple(
        inverse_of(step)
        for step in reversed(in_order_of_doing(plan.steps))
        if step.is_temporary and step.state is StepState.DONE
    )
    plan = _sent(opened_for_new_sessions(plan, cutter.situation.caller), cutter, place)
    outcomes = put_back(
        steps,
        incident=cutter.incident,
        journal=place.journal,
        reader=place.reader,
        writer=place.doors.writer(),
        progress=place.person.sees_step,
    )
    lifted = tuple(
        replace(each, state=StepState.UNDONE) if each.state is StepState.ALREADY else each
        for each in outcomes
        if each.state in (StepState.UNDONE, StepState.ALREADY)
    )
    return with_outcomes(plan, lifted)


def freeze_again(plan: Plan, cutter: Cutter, place: Workplace) -> Plan:
    """Put the temporary denies back: somebody has touched what was to last.

    Args:
        plan: as it stands.
        cutter: sends them.
        place: takes the plan down.
    """
    plan = closed_again(plan, cutter.situation.caller)
    steps = tuple(
        replace(step, state=StepState.PLANNED)
        if step.is_temporary and step.state is StepState.UNDONE
        else step
        for step in plan.steps
    )
    return _sent(plan.with_steps(steps), cutter, place)


def is_frozen(plan: Plan) -> bool:
    """Whether a temporary deny stands."""
    return any(step.is_temporary and step.state in IN_PLACE for step in plan.steps)


def _sent(plan: Plan, cutter: Cutter, place: Workplace) -> Plan:
    """Write a changed plan down, then make what is pending of it."""
    if not plan.due:
        return plan
    place.journal.replanned(cutter.incident, plan)
    return cutter.cut(plan)


def _moved(step: Step, cutoff: datetime, reader: Reader) -> Step:
    action = step.action
    if step.state not in IN_PLACE or step.is_temporary or not isinstance(action, SetInlinePolicy):
        return step
    try:
        home = reader.of_account(home_of(step))
        current = home.inline_policy(action.holder, action.policy_name)
    except UnleakError:
        # Not swallowed: the text we wrote stands in for the one that cannot be read.
        current = action.after
    moved = moved_forward(step, current=current, cutoff=cutoff)
    return step if moved.state is StepState.DONE else moved
