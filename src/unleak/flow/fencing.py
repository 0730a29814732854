"""The organization's lock over an incident: planned, widened, tightened, relaxed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from unleak.contain.deny_policy import Unmergeable
from unleak.contain.fence import plan_fence
from unleak.contain.fence_relax import relaxed, tightened
from unleak.contain.fence_statement import Unfenceable
from unleak.contain.guards import holder_principal
from unleak.flow.controls import IN_PLACE
from unleak.identify.organization import read_fence
from unleak.model.action import SetFence
from unleak.model.plan import Grip, Scope, StepState
from unleak.model.principal import Principal, PrincipalType

if TYPE_CHECKING:
    from collections.abc import Callable

    from unleak.contain.sessions import Draft
    from unleak.model.door import Door
    from unleak.model.plan import Plan, Step
    from unleak.model.ports import Reader
    from unleak.model.situation import Caller, Situation

_FENCEABLE = frozenset({PrincipalType.ROLE, PrincipalType.USER})


def fence_for(
    plan: Plan, situation: Situation, grip: Grip, *, reader: Reader, is_held: bool
) -> Draft | None:
    """Return the step that puts the lock in place, or why there is none; None: none is needed.

    Args:
        plan: the first cut.
        situation: who we are, and whose it is.
        grip: without one, the denies in the account suffice.
        reader: asks the organization.
        is_held: whether somebody will be there to thaw IAM again.
    """
    principals = fenced_principals(plan, situation.caller)
    if grip is Grip.NO or plan.scope is Scope.SESSION or plan.cutoff is None or not principals:
        return None
    account = principals[0].account
    if account is None:
        return None
    return plan_fence(
        read_fence(reader, account),
        account=account,
        principals=principals,
        responder=situation.caller,
        cutoff=plan.cutoff,
        freeze=is_held,
    )


def fenced_principals(plan: Plan, caller: Caller) -> tuple[Principal, ...]:
    """Return the leaked users and roles, with their account and partition."""
    found = dict.fromkeys(filter(None, map(holder_principal, plan.credentials)))
    return tuple(_placed(each, plan, caller) for each in found if each.type in _FENCEABLE)


def widened(plan: Plan, doors: tuple[Door, ...], caller: Caller) -> Plan:
    """Return the plan with the lock put over what has appeared as well; nothing is sent.

    Args:
        plan: as it stands; without a lock it comes back as it is.
        doors: what has appeared.
        caller: spared.
    """
    others = tuple(
        _placed(
            Principal(type=PrincipalType(str(door.holder.type)), name=door.holder.name),
            plan,
            caller,
        )
        for door in doors
        if door.holder is not None
    )
    if not others:
        return plan
    return _changed(plan, lambda text: tightened(text, principals=others, responder=caller))


def closed_again(plan: Plan, caller: Caller) -> Plan:
    """Return the plan with the lock closed and IAM frozen once more; nothing is sent."""
    principals = fenced_principals(plan, caller)
    return _changed(plan, lambda text: tightened(text, principals=principals, responder=caller))


def opened_for_new_sessions(plan: Plan, caller: Caller) -> Plan:
    """Return the plan with the lock saying what the cut-off says, and IAM thawed; nothing is sent.

    Args:
        plan: as it stands, with its cut-off moved.
        caller: spared.
    """
    cutoff, principals = plan.cutoff, fenced_principals(plan, caller)
    if cutoff is None:
        return plan
    return _changed(
        plan, lambda text: relaxed(text, principals=principals, responder=caller, cutoff=cutoff)
    )


def has_fence(plan: Plan) -> bool:
    """Whether the organization's lock stands over the incident."""
    return any(isinstance(step.action, SetFence) and step.state in IN_PLACE for step in plan.steps)


def _changed(plan: Plan, change: Callable[[str], str]) -> Plan:
    return plan.with_steps(tuple(_step(step, change) for step in plan.steps))


def _step(step: Step, change: Callable[[str], str]) -> Step:
    """Return the step with another text, to be made once more; one that cannot be drawn stays."""
    action = step.action
    if not isinstance(action, SetFence) or action.after is None or step.state not in IN_PLACE:
        return step
    try:
        after = change(action.after)
    except (Unfenceable, Unmergeable):
        return step
    if after == action.after:
        return step
    action = replace(action, after=after)
    return replace(step, action=action, state=StepState.PLANNED, has_stood=True)


def _placed(principal: Principal, plan: Plan, caller: Caller) -> Principal:
    known = [each for each in plan.credentials if each.partition is not None]
    return replace(
        principal,
        account=principal.account or caller.account,
        partition=principal.partition or (known[0].partition if known else "aws"),
    )
