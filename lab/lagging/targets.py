"""What a call needs permission for: the IAM action and the resource that policies speak of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from lab.lagging.access import Caller
    from lab.lagging.conditions import Context
    from lab.lagging.estate import Account, Answer, Holder

_ACTIONS: Final = {
    "s3:ListBuckets": "s3:ListAllMyBuckets",
    "s3:ListObjectsV2": "s3:ListBucket",
}
FREE: Final = frozenset({"sts:GetCallerIdentity", "sts:GetSessionToken"})
"""Calls that no policy is asked about.
Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html and
.../API_GetSessionToken.html
"""


def action_of(service: str, operation: str) -> str:
    """Return the action in the words of policies."""
    name = f"{service}:{operation}"
    return _ACTIONS.get(name, name)


def resource_of(service: str, parameters: Answer, caller: Caller, account: Account) -> str:
    """Return the ARN that a call is about, `*` where it is about none.

    Args:
        service: botocore's name of the service.
        parameters: of the call.
        caller: whose own user an omitted name means.
        account: for the paths of users, roles and groups.
    """
    if service == "s3" and "Bucket" in parameters:
        key = f"/{parameters['Key']}" if "Key" in parameters else ""
        return f"arn:aws:s3:::{parameters['Bucket']}{key}"
    if service == "sts":
        return str(parameters.get("RoleArn", "*"))
    if service == "iam":
        return _iam_resource(parameters, caller, account)
    return "*"


def _iam_resource(parameters: Answer, caller: Caller, account: Account) -> str:
    kinds: tuple[tuple[str, Mapping[str, Holder]], ...] = (
        ("User", account.users),
        ("Role", account.roles),
        ("Group", account.groups),
    )
    for kind, holders in kinds:
        name = parameters.get(f"{kind}Name")
        if name is not None:
            found = holders.get(str(name))
            path = str(parameters.get("Path", "/"))
            made = f"arn:aws:iam::{account.number}:{kind.lower()}{path}{name}"
            return made if found is None else found.arn
    for key in ("PolicyArn", "PolicySourceArn", "OpenIDConnectProviderArn"):
        if key in parameters:
            return str(parameters[key])
    if "PolicyName" in parameters:
        return f"arn:aws:iam::{account.number}:policy/{parameters['PolicyName']}"
    if "AccessKeyId" in parameters and caller.holder is not None:
        return caller.holder.arn
    return "*"


def more_context(service: str, parameters: Answer) -> Context:
    """Return the condition keys that only some calls have."""
    if service != "iam":
        return {}
    keys = {"iam:policyarn": "PolicyArn", "iam:permissionsboundary": "PermissionsBoundary"}
    return {
        name: (str(parameters[parameter]),)
        for name, parameter in keys.items()
        if parameter in parameters
    }
