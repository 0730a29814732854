"""Rung 1: read each change again; proves the write, and shows what somebody changed since."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, assert_never

from unleak.errors import (
    MissingPermission,
    NoSuchPrincipal,
    ResponderCredentials,
    UnleakError,
    Unreachable,
)
from unleak.model.action import (
    AttachPolicy,
    CreatePolicy,
    CreateRole,
    DeleteKey,
    DeletePolicy,
    DeleteRole,
    DeleteRootKey,
    DetachPolicy,
    JoinGroup,
    JoinInstanceProfile,
    KeyState,
    LeaveGroup,
    LeaveInstanceProfile,
    SetBoundary,
    SetFence,
    SetInlinePolicy,
    SetKeyStatus,
    kind_of,
    target_of,
)
from unleak.model.elsewhere import home_of
from unleak.model.frozen import dataclass
from unleak.model.proof import Check, CheckOutcome, Level
from unleak.model.user_action import (
    DeactivateMfa,
    DeleteLoginProfile,
    SetCertificateStatus,
    SetServiceCredentialStatus,
    SetSshKeyStatus,
)
from unleak.model.user_state import is_gone, status_of
from unleak.model.vault_action import VaultAction, target_in_vault
from unleak.verify.denies import read_denies, same_policy
from unleak.verify.fences import still_fences

if TYPE_CHECKING:
    from collections.abc import Callable

    from unleak.model.action import Action
    from unleak.model.plan import Step
    from unleak.model.ports import Reader
    from unleak.model.user_action import StatusAction
    from unleak.verify.subject import Subject

_Membership: TypeAlias = (
    AttachPolicy
    | DetachPolicy
    | LeaveGroup
    | JoinGroup
    | LeaveInstanceProfile
    | JoinInstanceProfile
)

REREADS = 2
"""IAM's reads lag too, so a difference counts only when it is still there after these."""
REREAD_PAUSE = 1.0

_OUR_SIDE = (ResponderCredentials, Unreachable)


@dataclass(frozen=True, slots=True)
class Seen:
    """What one reading showed: as we left it, or not, and in words."""

    outcome: CheckOutcome
    detail: str


def read_back(
    subject: Subject, reader: Reader, *, pause: Callable[[float], None]
) -> tuple[Check, ...]:
    """Read every change that is in place and say whether it is as we left it.

    `REFUTED` here says "changed by somebody else since", not "alive".

    Args:
        subject: its steps that are done or were in place already.
        reader: the responder's eyes.
        pause: sleeps that many seconds.
    """
    checks: list[Check] = []
    failure: UnleakError | None = None
    mine = tuple(each for each in subject.in_place if not isinstance(each.action, VaultAction))
    for step in _last_word(mine):
        if failure is None:
            seen, failure = _look(step, reader, pause)
        else:
            seen = _could_not(failure)
        checks.append(_check(step, seen, reader))
    if failure is None and len(mine) < len(subject.in_place):
        from unleak.verify.in_vault import read_back_of_vault  # noqa: PLC0415 - only where Vault

        checks += read_back_of_vault(subject.in_place, reader, pause=pause)
    return tuple(checks)


def _check(step: Step, seen: Seen, reader: Reader) -> Check:
    return Check(
        name=f"read-back-{kind_of(step.action)}",
        level=Level.READ_BACK,
        target=target_of(step.action),
        outcome=seen.outcome,
        detail=seen.detail,
        at=reader.clock.now(),
    )


def _look(
    step: Step, reader: Reader, pause: Callable[[float], None]
) -> tuple[Seen, UnleakError | None]:
    """Read one change, again where it differs; the error is set where further reading is vain."""
    seen = _try(step, reader)
    for _ in range(REREADS):
        if isinstance(seen, UnleakError) or seen.outcome is not CheckOutcome.REFUTED:
            break
        pause(REREAD_PAUSE)
        seen = _try(step, reader)
    if isinstance(seen, UnleakError):
        is_ours = isinstance(seen, _OUR_SIDE) and step.depth == 0
        return _could_not(seen), seen if is_ours else None
    return seen, None


def _try(step: Step, reader: Reader) -> Seen | UnleakError:
    try:
        return _read(step.action, reader.of_account(home_of(step)))
    except NoSuchPrincipal:
        return _holder_is_gone(step.action)
    except UnleakError as error:
        return error


def _could_not(error: UnleakError) -> Seen:
    why = error.message
    if isinstance(error, MissingPermission | ResponderCredentials):
        why += "; our own access may have been cut as well"
    return Seen(CheckOutcome.SKIPPED, f"could not be read again: {why}")


def _holder_is_gone(action: Action) -> Seen:
    match action:
        case SetKeyStatus(after=KeyState.ACTIVE):
            return Seen(CheckOutcome.REFUTED, "the user is gone, and the key with it")
        case SetKeyStatus() | DeleteKey():
            return Seen(CheckOutcome.PROVEN, "the user is gone, and the key with it")
        case DeleteLoginProfile() | DeactivateMfa():
            return Seen(CheckOutcome.PROVEN, "the user is gone")
        case DeleteRole() | LeaveInstanceProfile():
            return Seen(CheckOutcome.PROVEN, "the role is gone")
        case CreateRole():
            return Seen(CheckOutcome.REFUTED, "the role is gone again")
        case _:
            return Seen(CheckOutcome.INCONCLUSIVE, "the user or role itself is gone")


def _read(action: Action, reader: Reader) -> Seen:  # noqa: C901, PLR0911, PLR0912 - one case a type
    if isinstance(action, VaultAction):
        return Seen(CheckOutcome.SKIPPED, "a change of Vault's, read back on its own")
    match action:
        case SetKeyStatus():
            return _key_status(action, reader)
        case DeleteKey(user=user, key_id=key_id):
            is_there = any(key.key_id == key_id for key in reader.keys(user))
            return _as_left(not is_there, "the key is deleted", "the key is there")
        case DeleteRootKey(account=account, key_id=key_id):
            is_there = any(key.key_id == key_id for key in reader.root_keys(account))
            return _as_left(not is_there, "the key is deleted", "the key is there")
        case SetInlinePolicy():
            return _inline(action, reader)
        case CreatePolicy(policy_arn=arn, document=wanted):
            return _text(wanted, reader.managed_policy(arn))
        case DeletePolicy(policy_arn=arn):
            gone = reader.managed_policy(arn) is None
            return _as_left(gone, "the policy is deleted", "the policy is there")
        case SetFence():
            return _fence(action, reader)
        case SetBoundary(holder=holder, after=after):
            held = reader.boundary(holder) == after
            return _as_left(held, "the boundary is as set", "the boundary was changed")
        case DeleteRole(record=record):
            reader.role(record.name)
            return Seen(CheckOutcome.REFUTED, "a role of this name exists")
        case CreateRole(record=record):
            reader.role(record.name)
            return Seen(CheckOutcome.PROVEN, "the role exists")
        case SetServiceCredentialStatus() | SetSshKeyStatus() | SetCertificateStatus():
            return _status(action, status_of(action, reader), "it")
        case DeleteLoginProfile():
            return _as_left(is_gone(action, reader), "the password is gone", "there is a password")
        case DeactivateMfa():
            return _as_left(is_gone(action, reader), "the device is off", "the device is on again")
        case _:
            return _membership(action, reader)


def _membership(action: _Membership, reader: Reader) -> Seen:
    """Read what is in or out of a list: policies attached, groups, instance profiles."""
    match action:
        case AttachPolicy(holder=holder, policy_arn=arn):
            attached = arn in {each.arn for each in reader.attached_policies(holder)}
            return _as_left(attached, "the policy is attached", "the policy was detached")
        case DetachPolicy(holder=holder, policy_arn=arn):
            gone = arn not in {each.arn for each in reader.attached_policies(holder)}
            return _as_left(gone, "the policy is detached", "the policy was attached again")
        case LeaveGroup(user=user, group=group):
            out = group not in {each.name for each in reader.groups(user)}
            return _as_left(out, "out of the group", "back in the group")
        case JoinGroup(user=user, group=group):
            inside = group in {each.name for each in reader.groups(user)}
            return _as_left(inside, "in the group", "out of the group again")
        case LeaveInstanceProfile(role=role, profile=profile):
            out = profile not in reader.instance_profiles(role)
            return _as_left(out, "out of the profile", "back in the profile")
        case JoinInstanceProfile(role=role, profile=profile):
            inside = profile in reader.instance_profiles(role)
            return _as_left(inside, "in the profile", "out of the profile again")
        case _:
            assert_never(action)


def _as_left(holds: bool, yes: str, no: str) -> Seen:  # noqa: FBT001 - private, reads as a sentence
    if holds:
        return Seen(CheckOutcome.PROVEN, yes)
    return Seen(CheckOutcome.REFUTED, f"changed since: {no}")


def _key_status(action: SetKeyStatus, reader: Reader) -> Seen:
    state = next(
        (key.state for key in reader.keys(action.user) if key.key_id == action.key_id), None
    )
    return _status(action, state, "the key")


def _status(action: SetKeyStatus | StatusAction, state: KeyState | None, what: str) -> Seen:
    wants_life = action.after is KeyState.ACTIVE
    if state is None:
        return _as_left(not wants_life, f"{what} is gone altogether", f"{what} is gone")
    is_active = state is KeyState.ACTIVE
    return _as_left(is_active == wants_life, f"{what} is {state}", f"{what} is {state}")


def _inline(action: SetInlinePolicy, reader: Reader) -> Seen:
    current = reader.inline_policy(action.holder, action.policy_name)
    if action.after is None:
        gone = current is None
        return _as_left(gone, f"{action.policy_name} is gone", f"{action.policy_name} is back")
    return _text(action.after, current)


def _fence(action: SetFence, reader: Reader) -> Seen:
    current = reader.fence(action.account)
    if action.after is None:
        return _as_left(current is None, "the fence is gone", "a fence stands again")
    if current is None:
        return Seen(CheckOutcome.REFUTED, "changed since: the fence is gone, or not attached")
    if same_policy(action.after, current):
        return Seen(CheckOutcome.PROVEN, "the fence stands as written")
    if still_fences(current, action.after):
        return Seen(
            CheckOutcome.PROVEN, "the fence was edited since and shuts out at least as many"
        )
    return Seen(CheckOutcome.REFUTED, "changed since: the fence no longer shuts out who was fenced")


def _text(wanted: str, current: str | None) -> Seen:
    """Compare by what is denied: a later cut-off by somebody else is not a weaker one."""
    if current is None:
        return Seen(CheckOutcome.REFUTED, "changed since: the policy is gone")
    if same_policy(wanted, current):
        return Seen(CheckOutcome.PROVEN, "the policy is in place as written")
    denies, present = read_denies(wanted), read_denies(current)
    covered = all(any(there.covers(deny) for there in present) for deny in denies)
    if denies and covered:
        return Seen(CheckOutcome.PROVEN, "the policy was edited since and denies at least as much")
    return Seen(CheckOutcome.REFUTED, "changed since: the policy no longer denies what was written")


def _last_word(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Leave out the steps that a later one has overtaken: a policy put, then deleted."""
    deleted_roles = {s.action.record.name for s in steps if isinstance(s.action, DeleteRole)}
    last: dict[tuple[str, ...], Step] = {}
    for step in steps:
        thing = _thing(step.action)
        last.pop(thing, None)
        last[thing] = step
    return tuple(
        step
        for step in last.values()
        if isinstance(step.action, DeleteRole)
        or not any(target_of(step.action) == f"role/{name}" for name in deleted_roles)
    )


def _thing(action: Action) -> tuple[str, ...]:  # noqa: C901, PLR0911, PLR0912 - one case a type
    """Return what the action is about, so that two actions on one thing can be told."""
    if isinstance(action, VaultAction):
        return ("vault", target_in_vault(action))
    match action:
        case SetKeyStatus(key_id=key_id) | DeleteKey(key_id=key_id) | DeleteRootKey(key_id=key_id):
            return ("key", key_id)
        case SetInlinePolicy(holder=holder, policy_name=name):
            return ("inline", holder.label, name)
        case (
            AttachPolicy(holder=holder, policy_arn=arn)
            | DetachPolicy(holder=holder, policy_arn=arn)
        ):
            return ("attached", holder.label, arn)
        case CreatePolicy(policy_arn=arn) | DeletePolicy(policy_arn=arn):
            return ("policy", arn)
        case SetBoundary(holder=holder):
            return ("boundary", holder.label)
        case LeaveGroup(user=user, group=group) | JoinGroup(user=user, group=group):
            return ("group", user, group)
        case DeleteRole(record=record) | CreateRole(record=record):
            return ("role", record.name)
        case (
            LeaveInstanceProfile(role=role, profile=profile)
            | JoinInstanceProfile(role=role, profile=profile)
        ):
            return ("profile", role, profile)
        case SetFence(account=account):
            return ("fence", account)
        case (
            SetServiceCredentialStatus(credential_id=thing)
            | SetSshKeyStatus(key_id=thing)
            | SetCertificateStatus(certificate_id=thing)
            | DeactivateMfa(serial=thing)
        ):
            return ("credential", thing)
        case DeleteLoginProfile(user=user):
            return ("password", user)
        case _:
            assert_never(action)
