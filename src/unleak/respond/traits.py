"""What a plan costs where the alarm was false: whether it has a way back, and whom it hits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.contain.deny_policy import ISSUE_TIME, USER_ID, Unmergeable, parse_policy
from unleak.model.action import (
    AttachPolicy,
    HolderType,
    SetBoundary,
    SetInlinePolicy,
    SetKeyStatus,
    inverse,
)
from unleak.model.credential import CredentialKind
from unleak.model.frozen import dataclass
from unleak.model.plan import Scope, StepState, Strategy
from unleak.model.policy_names import BEARER_POLICY
from unleak.model.user_action import SetServiceCredentialStatus

if TYPE_CHECKING:
    from unleak.contain.deny_policy import Statement
    from unleak.model.action import Action, Holder
    from unleak.model.plan import Plan, Step

_KEYS = frozenset({CredentialKind.USER_KEY, CredentialKind.SERVICE_KEY})


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanTraits:
    """What the safe default wants to know of a plan."""

    is_reversible: bool
    """Whether AWS has a way back from every step."""
    is_narrow: bool
    """Whether it hits one key or one session and nobody else."""
    is_self: bool = False
    """Whether it cuts off the responder too."""


def traits_of(plan: Plan) -> PlanTraits:
    """Return what the safe default wants to know of a plan.

    Narrow is the plan for one user's key, for one service's key, or for one session by its name.
    The older sessions of the user whose key leaked belong to it, because the key may have opened
    them; so do the locks on that user that unleak takes off again by itself, and his other API keys
    for the same service.  A plan that does nothing, or says that something stays uncontained, is
    neither: there is nothing to be sure of.
    """
    steps = [each for each in plan.steps if each.state is not StepState.ALREADY]
    has_work = bool(plan.steps) and not plan.not_contained
    return PlanTraits(
        is_reversible=has_work
        and all(each.reversible and inverse(each.action) is not None for each in steps),
        is_narrow=has_work and _is_modest(plan) and all(_is_narrow(each, plan) for each in steps),
        is_self=plan.self_lockout,
    )


def _is_modest(plan: Plan) -> bool:
    """Whether the wish itself is narrow: no blunt strategy, no suspects, nobody locked out."""
    is_blunt = plan.strategy is not Strategy.REVOKE_SESSIONS
    if is_blunt or plan.cascade or plan.self_lockout or not plan.credentials:
        return False
    return all(
        each.kind in _KEYS or (each.kind.is_session and plan.scope is Scope.SESSION)
        for each in plan.credentials
    )


def _is_narrow(step: Step, plan: Plan) -> bool:
    action = step.action
    match action:
        case SetKeyStatus(key_id=thing) | SetServiceCredentialStatus(credential_id=thing):
            return _has_leaked(thing, plan)
        case (
            SetInlinePolicy(holder=holder)
            | AttachPolicy(holder=holder)
            | SetBoundary(holder=holder)
        ) if step.is_temporary:
            return _is_owner(holder, plan)
        case SetInlinePolicy(holder=holder, policy_name=name) if name == BEARER_POLICY:
            return _is_owner(holder, plan)
        case SetInlinePolicy():
            return all(_hits_few(each, action.holder, plan) for each in _added(action))
        case _:
            return False


def _has_leaked(thing: str, plan: Plan) -> bool:
    """Whether a key is among what leaked; a service's key may be known by its secret part only."""
    return any(
        each.access_key_id == thing
        or (each.kind is CredentialKind.SERVICE_KEY and each.access_key_id is None)
        for each in plan.credentials
    )


def _is_owner(holder: Holder, plan: Plan) -> bool:
    """Whether it is the user whose own key leaked: a role serves others as well."""
    return holder.type is HolderType.USER and any(
        each.kind in _KEYS and each.principal is not None and each.principal.label == holder.label
        for each in plan.credentials
    )


def _hits_few(statement: Statement | None, holder: Holder, plan: Plan) -> bool:
    """Whether a deny hits one session, or the older sessions of the user whose key leaked."""
    condition = None if statement is None else statement.get("Condition")
    if not isinstance(condition, dict):
        return False
    older, equals = condition.get("DateLessThan"), condition.get("StringEquals")
    is_dated = isinstance(older, dict) and ISSUE_TIME in older
    is_one = isinstance(equals, dict) and isinstance(equals.get(USER_ID), str)
    return is_dated and (is_one or _is_owner(holder, plan))


def _added(action: Action) -> tuple[Statement | None, ...]:
    """Return the statements that a policy gets; None for a text that is not understood."""
    if not isinstance(action, SetInlinePolicy) or action.after is None:
        return (None,)
    try:
        kept = [] if action.before is None else parse_policy(action.before)[1]
        return tuple(each for each in parse_policy(action.after)[1] if each not in kept)
    except Unmergeable:
        return (None,)
