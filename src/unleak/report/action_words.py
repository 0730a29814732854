"""Each action as an imperative, and as a before and an after, in words."""

from __future__ import annotations

import json
from enum import Enum

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
    KeyState,
    LeaveGroup,
    LeaveInstanceProfile,
    SetBoundary,
    SetFence,
    SetInlinePolicy,
    SetKeyStatus,
)
from unleak.model.vault_action import VaultAction
from unleak.report.fence_words import fence_order, fence_state
from unleak.report.user_words import user_before_and_after, user_order
from unleak.report.vault_words import vault_before_and_after, vault_order


class PolicyMeaning(Enum):
    """What the text of a policy does, as far as words need it."""

    DENIES_OLD_SESSIONS = "denies sessions from before the cut-off"
    DENIES_NAMED_SESSIONS = "denies single sessions by name"
    DENIES_ALL = "denies everything"
    OTHER = "holds other statements"


def meaning_of(document: str) -> PolicyMeaning:  # noqa: PLR0911 - one return a meaning
    """Return what the policy does; `OTHER` where it cannot be read or does not only deny."""
    try:
        parsed = json.loads(document)
    except (ValueError, RecursionError):
        return PolicyMeaning.OTHER
    statements = parsed.get("Statement") if isinstance(parsed, dict) else None
    if isinstance(statements, dict):
        statements = [statements]
    if not isinstance(statements, list) or not statements:
        return PolicyMeaning.OTHER
    if not all(isinstance(each, dict) and each.get("Effect") == "Deny" for each in statements):
        return PolicyMeaning.OTHER
    conditions = [json.dumps(each.get("Condition")).lower() for each in statements]
    if all("aws:userid" in condition for condition in conditions):
        return PolicyMeaning.DENIES_NAMED_SESSIONS
    if all("aws:tokenissuetime" in condition for condition in conditions):
        return PolicyMeaning.DENIES_OLD_SESSIONS
    if all(each.get("Action") in ("*", ["*"]) and "Condition" not in each for each in statements):
        return PolicyMeaning.DENIES_ALL
    return PolicyMeaning.OTHER


def imperative(action: Action) -> str:
    """Return what the action does, as an order: `Turn off access key AKIA... of user/alice`."""
    return vault_order(action) if isinstance(action, VaultAction) else _in_aws(action)


def _in_aws(action: AwsAction) -> str:  # noqa: C901, PLR0911, PLR0912 - one case a type
    match action:
        case SetKeyStatus(user=user, key_id=key_id, after=KeyState.ACTIVE):
            return f"Turn access key {key_id} of user/{user} on again"
        case SetKeyStatus(user=user, key_id=key_id):
            return f"Turn off access key {key_id} of user/{user}"
        case DeleteKey() | DeleteRootKey():
            return _key_deletion(action)
        case SetInlinePolicy():
            return _inline(action)
        case CreatePolicy(policy_name=name):
            return f"Create the managed policy {name}"
        case DeletePolicy(policy_name=name):
            return f"Delete the managed policy {name}"
        case AttachPolicy(holder=holder, policy_arn=arn):
            return f"Attach the policy {arn} to {holder.label}"
        case DetachPolicy(holder=holder, policy_arn=arn):
            return f"Detach the policy {arn} from {holder.label}"
        case SetBoundary(holder=holder, after=None):
            return f"Remove the permissions boundary of {holder.label}"
        case SetBoundary(holder=holder, after=after):
            return f"Set the permissions boundary of {holder.label} to {after}"
        case LeaveGroup(user=user, group=group):
            return f"Take user/{user} out of group/{group}"
        case JoinGroup(user=user, group=group):
            return f"Put user/{user} back into group/{group}"
        case DeleteRole(record=record):
            return f"Delete role/{record.name}"
        case CreateRole(record=record):
            return f"Create role/{record.name} again"
        case LeaveInstanceProfile(role=role, profile=profile):
            return f"Take role/{role} out of the instance profile {profile}"
        case JoinInstanceProfile(role=role, profile=profile):
            return f"Put role/{role} back into the instance profile {profile}"
        case SetFence():
            return fence_order(action)
        case _:
            return user_order(action)


def _key_deletion(action: DeleteKey | DeleteRootKey) -> str:
    if isinstance(action, DeleteKey):
        return f"Delete access key {action.key_id} of user/{action.user} for good"
    return f"Delete access key {action.key_id} of the root user of {action.account} for good"


def before_and_after(action: Action) -> tuple[str, str]:  # noqa: C901, PLR0911, PLR0912 - one case a type
    """Return the state before and after the action, each in a few words."""
    if isinstance(action, VaultAction):
        return vault_before_and_after(action)
    match action:
        case SetKeyStatus(before=before, after=after):
            return before.lower(), after.lower()
        case DeleteKey() | DeleteRootKey():
            return "there", "deleted"
        case SetInlinePolicy(policy_name=name, before=before, after=after):
            return _policy_state(name, before), _policy_state(name, after)
        case CreatePolicy(policy_name=name):
            return f"no policy {name}", f"policy {name} exists"
        case DeletePolicy(policy_name=name):
            return f"policy {name} exists", f"no policy {name}"
        case AttachPolicy():
            return "not attached", "attached"
        case DetachPolicy():
            return "attached", "not attached"
        case SetBoundary(before=before, after=after):
            return before or "no boundary", after or "no boundary"
        case LeaveGroup() | LeaveInstanceProfile():
            return "member", "not a member"
        case JoinGroup() | JoinInstanceProfile():
            return "not a member", "member"
        case DeleteRole():
            return "there", "deleted"
        case CreateRole():
            return "deleted", "there, under another unique id"
        case SetFence(account=account, before=before, after=after):
            return fence_state(account, before), fence_state(account, after)
        case _:
            return user_before_and_after(action)


def _inline(action: SetInlinePolicy) -> str:
    holder, name = action.holder.label, action.policy_name
    if action.after is None:
        return f"Remove the inline policy {name} from {holder}"
    match meaning_of(action.after):
        case PolicyMeaning.DENIES_OLD_SESSIONS:
            return f"Deny the old sessions of {holder} (policy {name})"
        case PolicyMeaning.DENIES_NAMED_SESSIONS:
            return f"Deny single sessions of {holder} (policy {name})"
        case PolicyMeaning.DENIES_ALL:
            return f"Deny everything to {holder} (policy {name})"
        case PolicyMeaning.OTHER if action.before is None:
            return f"Write the inline policy {name} on {holder}"
        case PolicyMeaning.OTHER:
            return f"Change the inline policy {name} on {holder}"


def _policy_state(name: str, document: str | None) -> str:
    if document is None:
        return f"no inline policy {name}"
    return f"{name} {meaning_of(document).value}"
