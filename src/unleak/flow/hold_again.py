"""Taking up a hold that was cut short, lost, or left doors open: `resume` looks and holds again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from unleak.contain.braces import numbered
from unleak.contain.chased import to_close
from unleak.contain.guards import holder_principal
from unleak.contain.lockout import is_own_principal
from unleak.contain.options import Options
from unleak.contain.planner import holder_of
from unleak.flow.chase import chase_for
from unleak.flow.closer_look import look_closer
from unleak.flow.controls import IN_PLACE
from unleak.model.action import AttachPolicy, SetInlinePolicy, kind_of, target_of
from unleak.model.delivery import is_late_enough
from unleak.model.door import DoorState
from unleak.model.outcome import Status
from unleak.model.plan import Grip, StepState
from unleak.model.reading import NOT_LOOKED_AT
from unleak.model.situation import PrincipalFacts, Situation

if TYPE_CHECKING:
    from unleak.flow.closer_look import CloserLook
    from unleak.flow.workplace import Workplace
    from unleak.model.action import Action
    from unleak.model.door import Door
    from unleak.model.incident import Incident
    from unleak.model.plan import Plan
    from unleak.model.situation import Caller


def is_unsettled(incident: Incident) -> bool:
    """Whether a hold has to be taken up: it never ended, or it ended without peace.

    Args:
        incident: as the journal tells it.
    """
    plan = incident.plan
    if plan.self_lockout or (incident.status is None and plan.grip is Grip.NOT_LOOKED_AT):
        return True
    if _is_chase_due(incident):
        return True
    if not plan.hold_seconds:
        return False
    watch = None if incident.verification is None else incident.verification.watch
    is_open = incident.status is None or incident.status is Status.CONTESTED
    return is_open or (watch is not None and not watch.is_settled)


def _is_chase_due(incident: Incident) -> bool:
    """Whether the trail has more to show, or shows what is open still.

    A cascade that was killed before its first look was through has not looked at all.
    """
    plan = incident.plan
    if plan.traced_at is None:
        return plan.cascade
    is_due = not is_late_enough(plan, incident.created_at)
    return is_due or (plan.cascade and bool(to_close(plan)))


def wishes(plan: Plan, options: Options | None) -> Options:
    """Return what is wanted now: as said, and where nothing is said, as it was said then.

    Args:
        plan: the incident's.
        options: what the person says now; None: nothing.
    """
    now = options or Options()
    hold = plan.hold_wish if now.hold_seconds is None else now.hold_seconds
    return replace(
        now,
        hold_seconds=hold,
        cascade=now.cascade or plan.cascade,
        since=now.since or plan.since,
        trails=now.trails or plan.trails,
        accounts=now.accounts or plan.accounts,
    )


def looked_again(
    plan: Plan, caller: Caller, options: Options, place: Workplace
) -> tuple[CloserLook, Plan]:
    """Look closer once more, and return the plan with what that makes necessary now.

    Args:
        plan: what is left of it.
        caller: who we are now.
        options: how long to hold, and whether to contain the suspects too.
        place: the doors.

    Raises:
        ResponderCredentials: our own credentials stopped working.
    """
    situation = situation_of(plan, caller)
    look = look_closer(plan, situation, options=options, doors=place.doors, timing=place.timing)
    if look.chase is not None:
        look.chase.begin()
    look = replace(look, suspects=look.sweeper.first())
    plan = _reinforced_again(plan, caller, options, replace(look, chase=None))
    if look.chase is not None:
        look.chase.first()
        plan = look.chase.onto(plan)
    return look, plan


def _reinforced_again(plan: Plan, caller: Caller, options: Options, look: CloserLook) -> Plan:
    """Return the plan with what a new look makes necessary that does not stand already."""
    holders = [holder for holder in map(holder_of, plan.credentials) if holder is not None]
    bare = replace(
        plan,
        steps=(),
        warnings=(),
        manual=(),
        self_lockout=any(is_own_principal(caller, holder) for holder in holders),
    )
    fresh = look.reinforced(bare, options)
    kept = IN_PLACE | {StepState.PLANNED}  # what is left of before goes out anyway
    stands = {_thing(step.action) for step in plan.steps if step.state in kept}
    more = tuple(step for step in fresh.steps if _thing(step.action) not in stands)
    taken = sum(step.id.startswith("r") for step in plan.steps)
    return replace(
        plan,
        steps=(*plan.steps, *numbered(more, letter="r", taken=taken)),
        grip=fresh.grip,
        hold_seconds=fresh.hold_seconds,
        doors=_remembered(fresh.doors, plan.doors),
        swept_since=fresh.swept_since,
        unswept=fresh.unswept,
        self_lockout=fresh.self_lockout,
        cascade=options.cascade,
        trails=options.trails,
        accounts=options.accounts,
    )


def looked_on(plan: Plan, caller: Caller, place: Workplace) -> Plan:
    """Return an incident's plan with what CloudTrail shows now; nothing is changed in AWS.

    Args:
        plan: of an incident whose leak was followed before.
        caller: who we are.
        place: the doors.
    """
    options = wishes(plan, Options(cascade=True))
    chase = chase_for(
        situation_of(plan, caller),
        options,
        doors=place.doors,
        since=plan.swept_since,
        timing=place.timing,
    )
    if chase is None:
        return plan
    chase.first()
    return chase.seen(plan)


def situation_of(plan: Plan, caller: Caller) -> Situation:
    """Return what an incident's plan still tells of the situation; nothing of it was read again."""
    found = dict.fromkeys(filter(None, map(holder_principal, plan.credentials)))
    return Situation(
        caller=caller,
        credentials=plan.credentials,
        principals=tuple(
            PrincipalFacts(principal=each, revoke_policy=NOT_LOOKED_AT) for each in found
        ),
    )


def _thing(action: Action) -> tuple[str, str, str]:
    """Return what an action is about, so that it is not done twice."""
    match action:
        case SetInlinePolicy(policy_name=name):
            return kind_of(action), target_of(action), name
        case AttachPolicy(policy_arn=arn):
            return kind_of(action), target_of(action), arn
        case _:
            return kind_of(action), target_of(action), ""


def _remembered(now: tuple[Door, ...], before: tuple[Door, ...]) -> tuple[Door, ...]:
    """A suspect that was dismissed stays so, and one that was found once is not forgotten."""
    known = {(door.kind, door.target): door for door in before}
    kept = tuple(
        known.get((door.kind, door.target), door)
        if known.get((door.kind, door.target), door).state is DoorState.DISMISSED
        else door
        for door in now
    )
    seen = {(door.kind, door.target) for door in now}
    return (*kept, *(door for key, door in known.items() if key not in seen))
