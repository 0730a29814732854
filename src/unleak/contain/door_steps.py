"""What closes a door: the changes that contain a second identity, each undoable; pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, assert_never

from unleak.contain.deny_policy import (
    Unmergeable,
    cutoff_statement,
    deny_all_document,
    merge_cutoff,
    render,
)
from unleak.contain.options import MARGIN
from unleak.contain.sessions import lifetime_of, own_name
from unleak.contain.user_ways import ways_of
from unleak.model.action import (
    AttachPolicy,
    CreatePolicy,
    HolderType,
    KeyState,
    SetBoundary,
    SetInlinePolicy,
    SetKeyStatus,
    inverse,
    target_of,
)
from unleak.model.door import DoorKind, DoorState
from unleak.model.frozen import dataclass
from unleak.model.plan import Stage, Step, StepState
from unleak.model.policy_names import AWS_DENY_ALL, CONSOLE_POLICY, DENY_ALL_POLICY
from unleak.model.user_action import (
    DeactivateMfa,
    DeleteLoginProfile,
    SetCertificateStatus,
    SetServiceCredentialStatus,
    SetSshKeyStatus,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from unleak.model.action import Action, Holder
    from unleak.model.door import Door
    from unleak.model.plan import Plan
    from unleak.model.situation import KeyFact
    from unleak.model.ways_in import WaysIn

_IN_PLACE = frozenset({StepState.DONE, StepState.ALREADY})
_ONE_WAY = frozenset(
    {
        DoorKind.SERVICE_CREDENTIAL,
        DoorKind.SSH_KEY,
        DoorKind.CERTIFICATE,
        DoorKind.MFA_DEVICE,
    }
)
_CUT_OFF = frozenset({DoorKind.ACCESS_KEY, DoorKind.ROLE_SESSION, DoorKind.USER_SESSION})
_SWITCHES = (SetKeyStatus, SetServiceCredentialStatus, SetSshKeyStatus, SetCertificateStatus)
_DATELESS = (*_SWITCHES, DeleteLoginProfile, DeactivateMfa)
"""No date makes the way back of these safe, where there is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorFacts:
    """What was read about a door just before it is closed."""

    keys: tuple[KeyFact, ...] = ()
    """The keys of its user."""
    revoke_policy: str | None = None
    """The exact text of its cut-off policy, None where there is none."""
    is_unread: bool = False
    """Whether that text could not be read: then it is not overwritten."""
    ways_in: WaysIn | None = None
    """What its user signs in with beside keys, where that was looked at."""


def close_door(
    door: Door,
    facts: DoorFacts,
    *,
    cutoff: datetime,
    account: str | None,
    partition: str | None,
) -> tuple[Step, ...]:
    """Return the steps that contain one suspect, without ids; none where only a person can.

    An identity that was made since the leak is denied everything: nobody honest depends on it yet.
    An old one keeps its new sessions wherever that suffices.

    Args:
        door: the suspect.
        facts: what was read about it.
        cutoff: sessions issued before it are denied.
        account: the account it is in.
        partition: `aws`, `aws-cn`, ...
    """
    holder = door.holder
    if holder is None or door.by_hand:
        return ()
    dates = cutoff + lifetime_of(holder)
    return tuple(
        Step(
            id="",
            action=action,
            account=door.account or account,
            reason=_reason(door),
            impact=_impact(door, holder),
            reversible=inverse(action) is not None,
            safe_date=None if isinstance(action, _DATELESS) else dates,
            stage=Stage.CONTAIN,
            revives_leak=isinstance(action, _SWITCHES),
            depth=door.depth,
        )
        for action in _chosen(door, holder, facts, cutoff, f"arn:{partition or 'aws'}")
    )


def _chosen(
    door: Door, holder: Holder, facts: DoorFacts, cutoff: datetime, arn: str
) -> tuple[Action, ...]:
    if door.is_mild:
        return _cut_off(holder, facts, cutoff)
    return _actions(door, holder, facts, cutoff, arn)


def _reason(door: Door) -> str:
    led = "was reached from the leak" if door.is_traced else "may be the thief's"
    return f"{door.target} {led}: {door.reason}"


def with_closed_doors(plan: Plan) -> Plan:
    """Return the plan with each door marked as contained whose steps are in place.

    Args:
        plan: its steps carry the states they have come to.
    """
    there = tuple(step.action for step in plan.steps if step.state in _IN_PLACE)
    return replace(
        plan,
        doors=tuple(
            replace(door, state=DoorState.CONTAINED)
            if door.is_open and _is_closed(door, there)
            else door
            for door in plan.doors
        ),
    )


def _is_closed(door: Door, there: tuple[Action, ...]) -> bool:  # noqa: C901, PLR0911 - one case a kind
    holder = door.holder
    if holder is None:
        return False
    denies = {
        action.policy_name
        for action in there
        if isinstance(action, SetInlinePolicy) and action.holder == holder and action.after
    }
    match door.kind:
        case DoorKind.LOGIN_PROFILE:
            return DENY_ALL_POLICY in denies or DeleteLoginProfile(user=holder.name) in there
        case DoorKind.USER | DoorKind.ROLE | DoorKind.TRUST_POLICY:
            return DENY_ALL_POLICY in denies
        case DoorKind.ACCESS_KEY if door.is_off:
            return _is_switched_off(door, there) or _is_cut_off(door, there)
        case DoorKind.SERVICE_CREDENTIAL if door.is_off:
            return True
        case (
            DoorKind.ACCESS_KEY
            | DoorKind.SERVICE_CREDENTIAL
            | DoorKind.SSH_KEY
            | DoorKind.CERTIFICATE
        ):
            return _is_switched_off(door, there)
        case DoorKind.MFA_DEVICE:
            return DeactivateMfa(user=holder.name, serial=door.target) in there
        case DoorKind.ROLE_SESSION | DoorKind.USER_SESSION if door.is_traced:
            return DENY_ALL_POLICY in denies or _is_cut_off(door, there)
        case DoorKind.ROLE_SESSION | DoorKind.USER_SESSION:
            return bool(denies & {CONSOLE_POLICY, DENY_ALL_POLICY})
        case DoorKind.POLICY_VERSION | DoorKind.PROVIDER | DoorKind.SESSION:
            return False
        case _:
            assert_never(door.kind)


def _is_switched_off(door: Door, there: tuple[Action, ...]) -> bool:
    return any(
        isinstance(action, _SWITCHES)
        and target_of(action) == door.target
        and action.after is not KeyState.ACTIVE
        for action in there
    )


def _is_cut_off(door: Door, there: tuple[Action, ...]) -> bool:
    """Whether a cut-off on its holder is later than the last session that the trail shows."""
    written = {each.policy_arn: each.document for each in there if isinstance(each, CreatePolicy)}
    texts = [
        action.after
        if isinstance(action, SetInlinePolicy)
        else written.get(action.policy_arn)
        if isinstance(action, AttachPolicy)
        else written.get(action.after or "")
        for action in there
        if isinstance(action, SetInlinePolicy | AttachPolicy | SetBoundary)
        and action.holder == door.holder
    ]
    return any(text is not None and _reaches(text, door.made_at) for text in texts)


def _reaches(document: str, last: datetime | None) -> bool:
    if last is None:
        return True
    try:
        return merge_cutoff(document, last.replace(microsecond=0) + MARGIN).is_already_there
    except Unmergeable:
        return False


def _actions(
    door: Door, holder: Holder, facts: DoorFacts, cutoff: datetime, arn: str
) -> tuple[Action, ...]:
    match door.kind:
        case DoorKind.USER:
            return (*_deny_all(holder, arn), *_keys_off(holder, facts.keys))
        case DoorKind.ROLE | DoorKind.TRUST_POLICY | DoorKind.LOGIN_PROFILE:
            return _deny_all(holder, arn)
        case DoorKind.ACCESS_KEY:
            mine = [key for key in facts.keys if key.key_id == door.target]
            return (*_keys_off(holder, mine), *_cut_off(holder, facts, cutoff))
        case DoorKind.ROLE_SESSION | DoorKind.USER_SESSION:
            return _cut_off(holder, facts, cutoff)
        case (
            DoorKind.SERVICE_CREDENTIAL
            | DoorKind.SSH_KEY
            | DoorKind.CERTIFICATE
            | DoorKind.MFA_DEVICE
        ):
            ways = () if facts.ways_in is None else ways_of(holder, facts.ways_in)
            return tuple(way.action for way in ways if way.target == door.target)
        case DoorKind.POLICY_VERSION | DoorKind.PROVIDER | DoorKind.SESSION:
            return ()
        case _:
            assert_never(door.kind)


def _deny_all(holder: Holder, arn: str) -> tuple[Action, ...]:
    """Deny in two places, so that whoever holds it has to win two races to get free."""
    document = deny_all_document()
    return (
        SetInlinePolicy(holder=holder, policy_name=DENY_ALL_POLICY, before=None, after=document),
        AttachPolicy(holder=holder, policy_arn=f"{arn}:{AWS_DENY_ALL}"),
    )


def _keys_off(holder: Holder, keys: Iterable[KeyFact]) -> tuple[Action, ...]:
    return tuple(
        SetKeyStatus(user=holder.name, key_id=key.key_id, before=key.state, after=KeyState.INACTIVE)
        for key in keys
        if key.state is KeyState.ACTIVE
    )


def _cut_off(holder: Holder, facts: DoorFacts, cutoff: datetime) -> tuple[Action, ...]:
    try:
        merged = None if facts.is_unread else merge_cutoff(facts.revoke_policy, cutoff)
    except Unmergeable:
        merged = None
    if merged is None:
        text = render([cutoff_statement(cutoff)])
        name = own_name(cutoff)
        return (SetInlinePolicy(holder=holder, policy_name=name, before=None, after=text),)
    if merged.is_already_there:
        return ()
    return (
        SetInlinePolicy(
            holder=holder,
            policy_name=CONSOLE_POLICY,
            before=facts.revoke_policy,
            after=merged.document,
        ),
    )


def _impact(door: Door, holder: Holder) -> str:
    if door.kind in _ONE_WAY:
        return "what signs in with it stops at once"
    if door.is_mild or door.kind in _CUT_OFF:
        who = "the user" if holder.type is HolderType.USER else "the role"
        return f"sessions that {who} opened before are refused; new ones work"
    return f"{holder.label} can do nothing at all until `unleak undo`"
