"""In which state the thing is that an action changes: as before, as after, or neither.

Asked, never remembered: a resume or an undo trusts what AWS shows now, not what we meant to do.
"""

from __future__ import annotations

import json
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias, assert_never

from unleak.errors import NoSuchPrincipal, UnleakError
from unleak.model.action import (
    Action,
    AttachPolicy,
    AwsAction,
    CreatePolicy,
    CreateRole,
    DeleteKey,
    DeletePolicy,
    DeleteRole,
    DeleteRootKey,
    DetachPolicy,
    Holder,
    JoinGroup,
    JoinInstanceProfile,
    KeyState,
    LeaveGroup,
    LeaveInstanceProfile,
    RoleRecord,
    SetBoundary,
    SetFence,
    SetInlinePolicy,
    SetKeyStatus,
    target_of,
)
from unleak.model.frozen import dataclass
from unleak.model.policy_names import FENCE_PREFIX
from unleak.model.user_action import (
    DeactivateMfa,
    DeleteLoginProfile,
    SetCertificateStatus,
    SetServiceCredentialStatus,
    SetSshKeyStatus,
)
from unleak.model.user_state import is_gone, status_of
from unleak.model.vault_action import (
    CreateStaticRole,
    DeleteStaticRole,
    RevokeLease,
    RevokePrefix,
    RotateStaticRole,
    RotateVaultRoot,
    TryNewLease,
    VaultAction,
)

if TYPE_CHECKING:
    from unleak.model.ports import Reader
    from unleak.model.user_action import StatusAction, UserAction
    from unleak.model.vault import StaticRole
    from unleak.model.vault_ports import VaultReader

Document: TypeAlias = "bool | int | float | str | list[Document] | dict[str, Document] | None"


class Standing(StrEnum):
    """How reality compares with an action."""

    BEFORE = "before"
    AFTER = "after"
    DEAD = "dead"
    """A key that is deleted or expired: nothing is left to change, and nothing to put back."""
    CHANGED = "changed"
    """Neither: somebody else has changed it since."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What was seen, in a word and in words."""

    standing: Standing
    words: str


_BEFORE = Sight(Standing.BEFORE, "it is as it was before")
_AFTER = Sight(Standing.AFTER, "it is done")


def look(action: Action, reader: Reader, vault: VaultReader | None = None) -> Sight:
    """Ask AWS (or Vault) in which state the thing is that `action` changes.

    Args:
        action: what was to be done.
        reader: asks AWS.
        vault: asks Vault, where some action goes there.

    Raises:
        UnleakError: it could not be read; a user or role that is gone is `NoSuchPrincipal`.
    """
    if isinstance(action, VaultAction):
        return look_in_vault(action, vault)
    return _look_in_aws(action, reader)


def _look_in_aws(  # noqa: C901, PLR0911, PLR0912 - one case a type
    action: AwsAction, reader: Reader
) -> Sight:
    match action:
        case SetKeyStatus():
            return _look_at_key(action, reader)
        case DeleteKey() | DeleteRootKey():
            return _look_for_key(action, reader)
        case SetInlinePolicy():
            return _look_at_inline(action, reader)
        case CreatePolicy(policy_arn=arn, document=document):
            return _look_at_policy(arn, document, reader)
        case DeletePolicy(policy_arn=arn, document=document):
            return _turned(_look_at_policy(arn, document, reader))
        case AttachPolicy(holder=holder, policy_arn=arn):
            return _after_if(_is_attached(holder, arn, reader))
        case DetachPolicy(holder=holder, policy_arn=arn):
            return _after_if(not _is_attached(holder, arn, reader))
        case SetBoundary():
            return _look_at_boundary(action, reader)
        case LeaveGroup(user=user, group=group):
            return _after_if(all(each.name != group for each in reader.groups(user)))
        case JoinGroup(user=user, group=group):
            return _after_if(any(each.name == group for each in reader.groups(user)))
        case DeleteRole(record=record):
            return _turned(_look_at_role(record, reader))
        case CreateRole(record=record):
            return _look_at_role(record, reader)
        case LeaveInstanceProfile(role=role, profile=profile):
            return _after_if(profile not in reader.instance_profiles(role))
        case JoinInstanceProfile(role=role, profile=profile):
            return _after_if(profile in reader.instance_profiles(role))
        case SetFence():
            return _look_at_fence(action, reader)
        case _:
            return _look_on_user(action, reader)


def look_in_vault(  # noqa: C901, PLR0911 - one case a type
    action: VaultAction, vault: VaultReader | None
) -> Sight:
    """Ask Vault in which state the thing is that `action` changes.

    Raises:
        UnleakError: Vault does not answer, or there is no way to it.
    """
    if vault is None:
        message = "there is no way to Vault from here"
        raise UnleakError(message, hint="set VAULT_ADDR and VAULT_TOKEN")
    match action:
        case RevokeLease(lease=lease):
            return _after_if(vault.lease(lease) is None)
        case RevokePrefix(prefix=prefix):
            return _after_if(not vault.leases(prefix))
        case RotateVaultRoot(mount=mount, key_id=key_id):
            return _after_if(vault.root(mount).key_id != key_id)
        case RotateStaticRole(role=role):
            return _after_if(_has_new_key(role, vault))
        case DeleteStaticRole(role=role):
            is_absent = vault.static_role(role.mount, role.name) is None
            return _after_if(is_absent or _has_new_key(role, vault))
        case CreateStaticRole(role=role):
            return _after_if(_has_new_key(role, vault))
        case TryNewLease():
            return _BEFORE  # a trial is made again: the first one told nobody anything
        case _:
            assert_never(action)


def _has_new_key(role: StaticRole, vault: VaultReader) -> bool:
    """Whether a static role is there with another key than the one it had."""
    found = vault.static_role(role.mount, role.name)
    return found is not None and found.key_id not in {None, role.key_id}


def _look_for_key(action: DeleteKey | DeleteRootKey, reader: Reader) -> Sight:
    if isinstance(action, DeleteKey):
        keys = reader.keys(action.user)
    else:
        keys = reader.root_keys(action.account)
    return _after_if(all(key.key_id != action.key_id for key in keys))


def _look_on_user(action: UserAction, reader: Reader) -> Sight:
    match action:
        case SetServiceCredentialStatus() | SetSshKeyStatus() | SetCertificateStatus():
            return _look_at_status(action, status_of(action, reader))
        case DeleteLoginProfile() | DeactivateMfa():
            return _after_if(is_gone(action, reader))
        case _:
            assert_never(action)


def same_document(one: str | None, other: str | None) -> bool:
    """Whether two policy texts mean the same: compared as JSON, since spacing may change."""
    if one is None or other is None or one == other:
        return one == other
    try:
        first: Document = json.loads(one)
        second: Document = json.loads(other)
    except (ValueError, RecursionError):
        return False
    return first == second


def _after_if(is_after: bool) -> Sight:  # noqa: FBT001 - the name says what it means
    return _AFTER if is_after else _BEFORE


def _turned(sight: Sight) -> Sight:
    match sight.standing:
        case Standing.BEFORE:
            return _AFTER
        case Standing.AFTER:
            return _BEFORE
        case Standing.DEAD | Standing.CHANGED:
            return sight
        case _:
            assert_never(sight.standing)


def _look_at_key(action: SetKeyStatus, reader: Reader) -> Sight:
    states = (key.state for key in reader.keys(action.user) if key.key_id == action.key_id)
    return _look_at_status(action, next(states, None))


def _look_at_status(action: SetKeyStatus | StatusAction, state: KeyState | None) -> Sight:
    what = target_of(action)
    if isinstance(action, SetKeyStatus):
        what = f"access key {what}"
    if state is None:
        return Sight(Standing.DEAD, f"{what} is deleted")
    if state is action.after:
        return _AFTER
    if state is KeyState.EXPIRED:
        return Sight(Standing.DEAD, f"{what} has expired")
    return _BEFORE if state is action.before else _changed(what)


def _look_at_inline(action: SetInlinePolicy, reader: Reader) -> Sight:
    document = reader.inline_policy(action.holder, action.policy_name)
    if same_document(document, action.after):
        return _AFTER
    if same_document(document, action.before):
        return _BEFORE
    return _changed(f"the policy {action.policy_name} of {action.holder.label}")


def _look_at_policy(arn: str, document: str, reader: Reader) -> Sight:
    found = reader.managed_policy(arn)
    if found is None:
        return _BEFORE
    return _AFTER if same_document(found, document) else _changed(f"the policy {arn}")


def _look_at_boundary(action: SetBoundary, reader: Reader) -> Sight:
    boundary = reader.boundary(action.holder)
    if boundary == action.after:
        return _AFTER
    if boundary == action.before:
        return _BEFORE
    return _changed(f"the permissions boundary of {action.holder.label}")


def _look_at_fence(action: SetFence, reader: Reader) -> Sight:
    document = reader.fence(action.account)
    if same_document(document, action.after):
        return _AFTER
    if same_document(document, action.before):
        return _BEFORE
    return _changed(f"the service control policy {FENCE_PREFIX}{action.account}")


def _look_at_role(record: RoleRecord, reader: Reader) -> Sight:
    """Compare with the role that `record` would create."""
    try:
        found = reader.role(record.name).record
    except NoSuchPrincipal:
        return _BEFORE
    trust_is_same = same_document(found.trust_policy, record.trust_policy)
    rest_is_same = _comparable(found) == _comparable(record)
    return _AFTER if trust_is_same and rest_is_same else _changed(f"role/{record.name}")


def _comparable(record: RoleRecord) -> RoleRecord:
    return replace(record, trust_policy="", tags=tuple(sorted(record.tags)))


def _is_attached(holder: Holder, arn: str, reader: Reader) -> bool:
    return any(policy.arn == arn for policy in reader.attached_policies(holder))


def _changed(what: str) -> Sight:
    return Sight(Standing.CHANGED, f"somebody else has changed {what} since")
