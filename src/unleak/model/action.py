"""The changes a plan may contain, as plain data, and how each is undone.

An action says *what* to change, from which state to which.  It never talks to AWS: the engine in
`apply` is the only interpreter, so a plan can be printed, saved, compared and tested without
credentials.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import TypeAlias, assert_never

from unleak.model.frozen import dataclass
from unleak.model.user_action import (
    DeactivateMfa,
    DeleteLoginProfile,
    SetCertificateStatus,
    SetServiceCredentialStatus,
    SetSshKeyStatus,
    UserAction,
    kind_on_user,
)
from unleak.model.vault_action import VaultAction, kind_in_vault, target_in_vault


class HolderType(StrEnum):
    """What a policy can sit on."""

    ROLE = "role"
    USER = "user"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """The role or user that an action changes."""

    type: HolderType
    name: str
    account: str | None = None
    """The account it is in, where that is another one than the responder's."""

    @property
    def label(self) -> str:
        """`role/NAME` or `user/NAME`."""
        return f"{self.type}/{self.name}"


class KeyState(StrEnum):
    """The status of a key in IAM's own spelling; `Expired` is dead, never restored."""

    ACTIVE = "Active"
    INACTIVE = "Inactive"
    EXPIRED = "Expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetKeyStatus:
    """Move one access key from `before` to `after`."""

    user: str
    key_id: str
    before: KeyState
    after: KeyState


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteKey:
    """Delete one access key for good."""

    user: str
    key_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteRootKey:
    """Delete one access key of a member account's root user for good, with central root access.

    Whether the session for it may switch the key off instead is untested: AWS documents deleting.
    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user-privileged-task.html
    """

    account: str
    key_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetInlinePolicy:
    """Write, replace or delete one inline policy; None stands for "there is none".

    Documents are the exact text, so that an undo restores it byte for byte.
    """

    holder: Holder
    policy_name: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatePolicy:
    """Create a customer-managed policy of unleak's own."""

    policy_arn: str
    policy_name: str
    document: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletePolicy:
    """Delete a customer-managed policy of unleak's own."""

    policy_arn: str
    policy_name: str
    document: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachPolicy:
    """Attach a managed policy."""

    holder: Holder
    policy_arn: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DetachPolicy:
    """Detach a managed policy."""

    holder: Holder
    policy_arn: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetBoundary:
    """Set, swap or remove the permissions boundary; None stands for "there is none"."""

    holder: Holder
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveGroup:
    """Take a user out of a group."""

    user: str
    group: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinGroup:
    """Put a user back into a group."""

    user: str
    group: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleRecord:
    """All that is needed to create a role again (its unique id will differ)."""

    name: str
    path: str
    trust_policy: str
    description: str
    max_session_seconds: int
    boundary: str | None
    tags: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteRole:
    """Delete a role that has been emptied; its sessions die with it."""

    record: RoleRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateRole:
    """Create a role again from its record."""

    record: RoleRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveInstanceProfile:
    """Take a role out of an instance profile (a role cannot be deleted while it is in one)."""

    role: str
    profile: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinInstanceProfile:
    """Put a role back into an instance profile."""

    role: str
    profile: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetFence:
    """Write, replace or remove the one service control policy that unleak keeps for an account.

    The texts are those of the policy that is *attached* to the account; None stands for "there is
    none".  One action, although it takes several calls to Organizations: only AWS knows the
    policy's id, so the writer finds it by its name.
    Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
    """

    account: str
    before: str | None
    after: str | None


AwsAction: TypeAlias = (
    SetKeyStatus
    | DeleteKey
    | SetInlinePolicy
    | CreatePolicy
    | DeletePolicy
    | AttachPolicy
    | DetachPolicy
    | SetBoundary
    | LeaveGroup
    | JoinGroup
    | DeleteRole
    | CreateRole
    | LeaveInstanceProfile
    | JoinInstanceProfile
    | SetFence
    | UserAction
    | DeleteRootKey
)
Action: TypeAlias = AwsAction | VaultAction


def inverse(action: Action) -> Action | None:
    """Return the action that undoes `action`, or None where there is no way back.

    Only the mechanics: *whether and when* it may run is the step's `safe_date` and the undo guard.
    Of what Vault does nothing has one: leases and keys are made anew, never put back.
    """
    return None if isinstance(action, VaultAction) else _inverse_in_aws(action)


def _inverse_in_aws(action: AwsAction) -> Action | None:  # noqa: C901, PLR0911, PLR0912 - one case a type
    match action:
        case SetKeyStatus(user=user, key_id=key, before=before, after=after):
            return SetKeyStatus(user=user, key_id=key, before=after, after=before)
        case SetServiceCredentialStatus() | SetSshKeyStatus() | SetCertificateStatus():
            return replace(action, before=action.after, after=action.before)
        case DeleteKey() | DeleteLoginProfile() | DeactivateMfa() | DeleteRootKey():
            return None
        case SetInlinePolicy(holder=holder, policy_name=name, before=before, after=after):
            return SetInlinePolicy(holder=holder, policy_name=name, before=after, after=before)
        case CreatePolicy(policy_arn=arn, policy_name=name, document=document):
            return DeletePolicy(policy_arn=arn, policy_name=name, document=document)
        case DeletePolicy(policy_arn=arn, policy_name=name, document=document):
            return CreatePolicy(policy_arn=arn, policy_name=name, document=document)
        case AttachPolicy(holder=holder, policy_arn=arn):
            return DetachPolicy(holder=holder, policy_arn=arn)
        case DetachPolicy(holder=holder, policy_arn=arn):
            return AttachPolicy(holder=holder, policy_arn=arn)
        case SetBoundary(holder=holder, before=before, after=after):
            return SetBoundary(holder=holder, before=after, after=before)
        case LeaveGroup(user=user, group=group):
            return JoinGroup(user=user, group=group)
        case JoinGroup(user=user, group=group):
            return LeaveGroup(user=user, group=group)
        case DeleteRole(record=record):
            return CreateRole(record=record)
        case CreateRole(record=record):
            return DeleteRole(record=record)
        case LeaveInstanceProfile(role=role, profile=profile):
            return JoinInstanceProfile(role=role, profile=profile)
        case JoinInstanceProfile(role=role, profile=profile):
            return LeaveInstanceProfile(role=role, profile=profile)
        case SetFence(account=account, before=before, after=after):
            return SetFence(account=account, before=after, after=before)
        case _:
            assert_never(action)


def kind_of(action: Action) -> str:
    """Return the contract's `kind`: the API call in kebab-case, `put-role-policy` for example."""
    return kind_in_vault(action) if isinstance(action, VaultAction) else _kind_in_aws(action)


def _kind_in_aws(action: AwsAction) -> str:  # noqa: C901, PLR0911, PLR0912 - one case a type
    match action:
        case SetKeyStatus():
            return "update-access-key"
        case DeleteKey():
            return "delete-access-key"
        case DeleteRootKey():
            return "delete-root-access-key"
        case SetInlinePolicy(holder=holder, after=after):
            return f"{'delete' if after is None else 'put'}-{holder.type}-policy"
        case CreatePolicy():
            return "create-policy"
        case DeletePolicy():
            return "delete-policy"
        case AttachPolicy(holder=holder):
            return f"attach-{holder.type}-policy"
        case DetachPolicy(holder=holder):
            return f"detach-{holder.type}-policy"
        case SetBoundary(holder=holder, after=after):
            verb = "delete" if after is None else "put"
            return f"{verb}-{holder.type}-permissions-boundary"
        case LeaveGroup():
            return "remove-user-from-group"
        case JoinGroup():
            return "add-user-to-group"
        case DeleteRole():
            return "delete-role"
        case CreateRole():
            return "create-role"
        case LeaveInstanceProfile():
            return "remove-role-from-instance-profile"
        case JoinInstanceProfile():
            return "add-role-to-instance-profile"
        case SetFence(before=before, after=after):
            verb = "delete" if after is None else "create" if before is None else "update"
            return f"{verb}-service-control-policy"
        case _:
            return kind_on_user(action)


def target_of(action: Action) -> str:  # noqa: C901, PLR0911 - one case a type
    """Return what it changes: `role/NAME`, `user/NAME`, `account/ID`, a key id or an ARN."""
    if isinstance(action, VaultAction):
        return target_in_vault(action)
    match action:
        case (
            SetKeyStatus(key_id=thing)
            | DeleteKey(key_id=thing)
            | DeleteRootKey(key_id=thing)
            | SetServiceCredentialStatus(credential_id=thing)
            | SetSshKeyStatus(key_id=thing)
            | SetCertificateStatus(certificate_id=thing)
            | DeactivateMfa(serial=thing)
        ):
            return thing
        case CreatePolicy(policy_arn=arn) | DeletePolicy(policy_arn=arn):
            return arn
        case (
            SetInlinePolicy(holder=holder)
            | AttachPolicy(holder=holder)
            | DetachPolicy(holder=holder)
            | SetBoundary(holder=holder)
        ):
            return holder.label
        case LeaveGroup(user=user) | JoinGroup(user=user) | DeleteLoginProfile(user=user):
            return f"user/{user}"
        case DeleteRole(record=record) | CreateRole(record=record):
            return f"role/{record.name}"
        case LeaveInstanceProfile(role=role) | JoinInstanceProfile(role=role):
            return f"role/{role}"
        case SetFence(account=account):
            return f"account/{account}"
        case _:
            assert_never(action)
