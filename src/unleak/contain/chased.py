"""A plan with what a trace shows: doors, the steps that close them, and what was not seen; pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Final

from unleak.contain.braces import numbered
from unleak.contain.door_steps import with_closed_doors
from unleak.contain.manual import CHAINED
from unleak.contain.reinforce import with_traced
from unleak.contain.replan import moved_forward
from unleak.model.action import AttachPolicy, SetInlinePolicy, kind_of, target_of
from unleak.model.delivery import DELIVERY
from unleak.model.door import Door, DoorState
from unleak.model.frozen import dataclass
from unleak.model.instant import render_instant
from unleak.model.plan import Plan, Step, StepState

if TYPE_CHECKING:
    from unleak.model.action import Action

_LATE: Final = "CloudTrail is up to 15 minutes late"
SHOWS: Final = "CloudTrail shows"
"""The beginning of the sentence that counts what a look has shown."""
_LETTER: Final = "t"
_TRIED: Final = frozenset(StepState) - {StepState.UNDONE}
"""What failed is not tried again at each look: `resume` does that."""
_IN_PLACE: Final = frozenset({StepState.DONE, StepState.ALREADY})
_MOST: Final = 20
"""Lines about what was not read; more would hide everything else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighted:
    """What one look into CloudTrail came to, held against IAM."""

    doors: tuple[Door, ...] = ()
    entered: tuple[str, ...] = ()
    """Other accounts that were entered for it."""
    unread: tuple[str, ...] = ()
    """What of the trail could not be read."""
    notes: tuple[str, ...] = ()
    at: datetime | None = None
    """When it began, by AWS's clock."""


def with_sighted(plan: Plan, sighted: Sighted) -> Plan:
    """Return the plan with the doors of a look; those that are closed already are marked so.

    Args:
        plan: as it stands.
        sighted: what was seen.
    """
    before = {_name(each): each for each in plan.doors}
    doors = tuple(_remembered(each, before.get(_name(each))) for each in sighted.doors)
    seen = {_name(each) for each in doors}
    lost = tuple(each for each in plan.doors if each.is_traced and _name(each) not in seen)
    stale = {line for each in plan.doors for line in _manual(each)}
    plan = replace(
        plan,
        doors=with_traced(plan.doors, tuple(sorted((*doors, *lost), key=lambda door: door.depth))),
        traced_at=sighted.at or plan.traced_at,
        untraced=_some(sighted.unread),
        warnings=tuple(dict.fromkeys((*_lasting(plan.warnings), *sighted.notes))),
    )
    plan = with_closed_doors(plan)
    lines = [line for each in plan.doors for line in _manual(each)]
    kept = [line for line in plan.manual if line not in stale and line != CHAINED]
    return replace(plan, manual=tuple(dict.fromkeys((*kept, *lines))))


def to_close(plan: Plan) -> tuple[Door, ...]:
    """Return the doors that the trail shows and that unleak closes, those nearest the leak first.

    Args:
        plan: with the doors of a look.
    """
    doors = (each for each in plan.doors if each.is_traced and each.is_open and not each.by_hand)
    return tuple(sorted(doors, key=lambda door: door.depth))


def with_closing(plan: Plan, steps: tuple[Step, ...], *, cutoff: datetime | None) -> Plan:
    """Return the plan with the steps that close doors; what stands already is not made twice.

    A cut-off that is in place is moved forward instead: one policy stays one step, and an undo puts
    back what was there before the first.

    Args:
        plan: as it stands.
        steps: what closes the doors, without ids.
        cutoff: sessions issued before it are denied.
    """
    standing = {_thing(step): step for step in plan.steps if _is_standing(step)}
    fresh: dict[tuple[str, ...], Step] = {}
    moved: dict[str, Step] = {}
    for step in steps:
        old = standing.get(_thing(step))
        if old is None:
            fresh.setdefault(_thing(step), step)
        elif isinstance(step.action, SetInlinePolicy) and cutoff is not None:
            moved[old.id] = _forward(old, step.action, cutoff)
    taken = sum(step.id.startswith(_LETTER) for step in plan.steps)
    kept = tuple(moved.get(step.id, step) for step in plan.steps)
    return plan.with_steps((*kept, *numbered(tuple(fresh.values()), letter=_LETTER, taken=taken)))


def lag_words(since: datetime) -> str:
    """Return what the delay of the trail leaves open.

    Args:
        since: when something was last contained.
    """
    return (
        f"{_LATE}: what was opened just before the cut may show only "
        f"then. `unleak resume` looks again, best after {render_instant(since + DELIVERY)}"
    )


def _lasting(warnings: tuple[str, ...]) -> tuple[str, ...]:
    """Leave out what an earlier look has said."""
    return tuple(each for each in warnings if not each.startswith((_LATE, SHOWS)))


def _forward(old: Step, action: SetInlinePolicy, cutoff: datetime) -> Step:
    if old.state not in _IN_PLACE:
        return old
    return moved_forward(old, current=action.before, cutoff=cutoff)


def _is_standing(step: Step) -> bool:
    return step.state in _TRIED and not step.is_temporary


def _remembered(door: Door, before: Door | None) -> Door:
    """What a person has dismissed stays so."""
    if before is not None and before.state is DoorState.DISMISSED:
        return replace(door, state=DoorState.DISMISSED)
    return door


def _manual(door: Door) -> tuple[str, ...]:
    if not door.is_traced or not door.is_open or not door.by_hand:
        return ()
    where = "" if door.account is None else f" in account {door.account}"
    return (f"{door.target}{where} was reached from the leak and is open: {door.by_hand}",)


def _some(lines: tuple[str, ...]) -> tuple[str, ...]:
    if len(lines) <= _MOST:
        return lines
    return (*lines[:_MOST], f"and {len(lines) - _MOST} more: `unleak trace` lists them")


def _name(door: Door) -> tuple[str, str, str | None]:
    return door.kind, door.target, door.account


def _thing(step: Step) -> tuple[str, ...]:
    """Return what a step is about, so that it is not done twice."""
    action: Action = step.action
    more = ""
    if isinstance(action, SetInlinePolicy):
        more = action.policy_name
    elif isinstance(action, AttachPolicy):
        more = action.policy_arn
    return kind_of(action), target_of(action), more, _elsewhere(action)


def _elsewhere(action: Action) -> str:
    match action:
        case SetInlinePolicy(holder=holder) | AttachPolicy(holder=holder):
            return holder.account or ""
        case _:
            return ""
