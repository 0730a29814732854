"""The one place where an action becomes a call: one case a type, and none can be forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from unleak.errors import AwsFailure, UnleakError
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
    JoinGroup,
    JoinInstanceProfile,
    LeaveGroup,
    LeaveInstanceProfile,
    SetBoundary,
    SetFence,
    SetInlinePolicy,
    SetKeyStatus,
)
from unleak.model.outcome import Outcome, Receipt
from unleak.model.plan import StepState
from unleak.model.user_action import (
    DeactivateMfa,
    DeleteLoginProfile,
    SetCertificateStatus,
    SetServiceCredentialStatus,
    SetSshKeyStatus,
)
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
    from unleak.model.action import Holder
    from unleak.model.ports import Writer
    from unleak.model.user_action import UserAction
    from unleak.model.vault_ports import VaultWriter

DETAIL_LIMIT = 500
"""Characters of an error that are kept: AWS's own messages are shorter."""
_READ_LIMIT = 10 * DETAIL_LIMIT
"""Characters of an error that are looked at; the aws room has cut it already."""


def perform(action: Action, writer: Writer, vault: VaultWriter | None = None) -> Receipt:
    """Make the call that an action stands for and return AWS's (or Vault's) answer.

    Args:
        action: what to do.
        writer: the door to AWS.
        vault: the door to Vault, where some action goes there.

    Raises:
        UnleakError: AWS or Vault refused, or did not answer.
    """
    if isinstance(action, VaultAction):
        return perform_in_vault(action, vault)
    return _perform_in_aws(action, writer)


def _perform_in_aws(  # noqa: C901, PLR0911, PLR0912 - one case a type
    action: AwsAction, writer: Writer
) -> Receipt:
    match action:
        case SetKeyStatus(user=user, key_id=key_id, after=after):
            return writer.set_key_status(user=user, key_id=key_id, state=after)
        case DeleteKey() | DeleteRootKey():
            return _delete_key(action, writer)
        case SetInlinePolicy(holder=holder, policy_name=name, after=document):
            return _set_inline(holder, name, document, writer)
        case CreatePolicy(policy_name=name, document=document):
            return writer.create_policy(policy_name=name, document=document)
        case DeletePolicy(policy_arn=arn):
            return writer.delete_policy(arn)
        case AttachPolicy(holder=holder, policy_arn=arn):
            return writer.attach_policy(holder, policy_arn=arn)
        case DetachPolicy(holder=holder, policy_arn=arn):
            return writer.detach_policy(holder, policy_arn=arn)
        case SetBoundary(holder=holder, after=boundary):
            return _set_boundary(holder, boundary, writer)
        case LeaveGroup(user=user, group=group):
            return writer.remove_from_group(user=user, group=group)
        case JoinGroup(user=user, group=group):
            return writer.add_to_group(user=user, group=group)
        case DeleteRole(record=record):
            return writer.delete_role(record.name)
        case CreateRole(record=record):
            return writer.create_role(record)
        case LeaveInstanceProfile(role=role, profile=profile):
            return writer.remove_from_instance_profile(role=role, profile=profile)
        case JoinInstanceProfile(role=role, profile=profile):
            return writer.add_to_instance_profile(role=role, profile=profile)
        case SetFence(account=account, after=document):
            return _set_fence(account, document, writer)
        case _:
            return _perform_on_user(action, writer)


def perform_in_vault(  # noqa: C901, PLR0911 - one case a type
    action: VaultAction, vault: VaultWriter | None
) -> Receipt:
    """Make the call to Vault that an action stands for and return its answer.

    Raises:
        UnleakError: Vault refused, did not answer, or there is no way to it.
    """
    if vault is None:
        message = "there is no way to Vault from here"
        raise UnleakError(message, hint="set VAULT_ADDR and VAULT_TOKEN, then resume")
    match action:
        case RevokeLease(lease=lease):
            return vault.revoke_lease(lease)
        case RevokePrefix(prefix=prefix):
            return vault.revoke_prefix(prefix)
        case RotateVaultRoot(mount=mount):
            return vault.rotate_root(mount)
        case RotateStaticRole(path=path):
            return vault.rotate_static_role(path)
        case DeleteStaticRole(role=role):
            return vault.delete_static_role(role)
        case CreateStaticRole(role=role):
            return vault.create_static_role(role)
        case TryNewLease():
            return vault.try_new_lease(action)
        case _:
            assert_never(action)


def _delete_key(action: DeleteKey | DeleteRootKey, writer: Writer) -> Receipt:
    if isinstance(action, DeleteKey):
        return writer.delete_key(user=action.user, key_id=action.key_id)
    return writer.delete_root_key(account=action.account, key_id=action.key_id)


def _perform_on_user(action: UserAction, writer: Writer) -> Receipt:
    match action:
        case SetServiceCredentialStatus(user=user, credential_id=credential_id, after=after):
            return writer.set_service_credential_status(
                user=user, credential_id=credential_id, state=after
            )
        case SetSshKeyStatus(user=user, key_id=key_id, after=after):
            return writer.set_ssh_key_status(user=user, key_id=key_id, state=after)
        case SetCertificateStatus(user=user, certificate_id=certificate_id, after=after):
            return writer.set_certificate_status(
                user=user, certificate_id=certificate_id, state=after
            )
        case DeleteLoginProfile(user=user):
            return writer.delete_login_profile(user)
        case DeactivateMfa(user=user, serial=serial):
            return writer.deactivate_mfa(user=user, serial=serial)
        case _:
            assert_never(action)


def _set_inline(holder: Holder, name: str, document: str | None, writer: Writer) -> Receipt:
    if document is None:
        return writer.delete_inline_policy(holder, policy_name=name)
    return writer.put_inline_policy(holder, policy_name=name, document=document)


def _set_boundary(holder: Holder, policy_arn: str | None, writer: Writer) -> Receipt:
    if policy_arn is None:
        return writer.delete_boundary(holder)
    return writer.put_boundary(holder, policy_arn=policy_arn)


def _set_fence(account: str, document: str | None, writer: Writer) -> Receipt:
    if document is None:
        return writer.remove_fence(account)
    return writer.set_fence(account=account, document=document)


def failure_of(step_id: str, error: UnleakError) -> Outcome:
    """Return the outcome of a step that AWS refused; its words are safe to show."""
    return Outcome(
        step_id=step_id,
        state=StepState.FAILED,
        detail=harmless(error.message),
        error_code=error.error_code if isinstance(error, AwsFailure) else "",
    )


def harmless(text: str) -> str:
    """Return words of a server without escapes, hidden marks or anything like a secret."""
    from unleak.evidence.clean import printable, redact  # noqa: PLC0415 - only when a step failed

    return printable(redact(text[:_READ_LIMIT]), limit=DETAIL_LIMIT)
