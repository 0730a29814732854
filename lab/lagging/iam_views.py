"""How IAM shows users, roles, groups and policies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.lagging.aws_policies import AWS_POLICIES
from lab.lagging.estate import Answer, Role, User

if TYPE_CHECKING:
    from lab.lagging.estate import AccessKey, Account, Holder, ManagedPolicy


def view(holder: Holder) -> Answer:
    """Show a user, role or group as Get, List and Create do."""
    kind = type(holder).__name__
    shown: dict[str, object] = {
        "Path": holder.path,
        f"{kind}Name": holder.name,
        f"{kind}Id": holder.unique_id,
        "Arn": holder.arn,
        "CreateDate": holder.created,
    }
    if isinstance(holder, Role):
        shown["AssumeRolePolicyDocument"] = holder.trust
        shown["Description"] = holder.description
        shown["MaxSessionDuration"] = holder.max_session_seconds
        shown["RoleLastUsed"] = {}
    if holder.boundary is not None:
        shown["PermissionsBoundary"] = {
            "PermissionsBoundaryType": "Policy",
            "PermissionsBoundaryArn": holder.boundary,
        }
    if holder.tags:
        shown["Tags"] = [{"Key": key, "Value": value} for key, value in holder.tags]
    return shown


def detail(account: Account, holder: Holder) -> Answer:
    """Show a user, role or group as GetAccountAuthorizationDetails does."""
    kind = type(holder).__name__
    shown = {
        **view(holder),
        f"{kind}PolicyList": [
            {"PolicyName": name, "PolicyDocument": text} for name, text in holder.inline.items()
        ],
        "AttachedManagedPolicies": attached(account, holder),
    }
    if isinstance(holder, User):
        shown["GroupList"] = list(holder.groups)
    if isinstance(holder, Role):
        shown["InstanceProfileList"] = []
        del shown["Description"]
    return shown


def attached(account: Account, holder: Holder) -> list[Answer]:
    """List the attached managed policies."""
    return [
        {"PolicyName": find_policy(account, arn).name, "PolicyArn": arn} for arn in holder.attached
    ]


def find_policy(account: Account, arn: str) -> ManagedPolicy:
    """Return a managed policy, AWS's own included.

    Raises:
        KeyError: there is none.
    """
    return AWS_POLICIES.get(arn) or account.policies[arn]


def view_key(user: str, key: AccessKey) -> dict[str, object]:
    """Show a key without its secret."""
    return {
        "UserName": user,
        "AccessKeyId": key.key_id,
        "Status": "Active" if key.is_active else "Inactive",
        "CreateDate": key.created,
    }


def holders_of(account: Account, arn: str) -> tuple[Holder, ...]:
    """Return whoever has a managed policy attached."""
    everybody: tuple[Holder, ...] = (
        *account.users.values(),
        *account.roles.values(),
        *account.groups.values(),
    )
    return tuple(holder for holder in everybody if arn in holder.attached)


def view_policy(account: Account, policy: ManagedPolicy) -> Answer:
    """Show a managed policy."""
    return {
        "PolicyName": policy.name,
        "PolicyId": policy.unique_id,
        "Arn": policy.arn,
        "Path": policy.path,
        "DefaultVersionId": policy.default,
        "AttachmentCount": len(holders_of(account, policy.arn)),
        "PermissionsBoundaryUsageCount": len(bounded_by(account, policy.arn)),
        "IsAttachable": True,
        "CreateDate": policy.created,
        "UpdateDate": policy.versions[policy.default].created,
    }


def bounded_by(account: Account, arn: str) -> tuple[Holder, ...]:
    """Return whoever has a managed policy as its boundary."""
    everybody: tuple[Holder, ...] = (*account.users.values(), *account.roles.values())
    return tuple(holder for holder in everybody if holder.boundary == arn)


def view_version(policy: ManagedPolicy, version: str) -> Answer:
    """Show one version of a managed policy."""
    found = policy.versions[version]
    return {
        "Document": found.document,
        "VersionId": version,
        "IsDefaultVersion": version == policy.default,
        "CreateDate": found.created,
    }
