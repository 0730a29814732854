"""The least-privilege policy for each command, from the calls that the doors to AWS can make."""

from __future__ import annotations

from typing import TypeAlias

Policy: TypeAlias = "dict[str, str | list[dict[str, str | list[str]]]]"

IDENTIFY = (
    "account:ListRegions",
    "cloudtrail:LookupEvents",
    "ec2:DescribeRegions",
    "iam:GetAccessKeyLastUsed",
    "iam:ListAccessKeys",
    "iam:ListUsers",
    "sts:GetAccessKeyInfo",
)
LOOK = (
    "iam:GetAccountSummary",
    "iam:GetGroupPolicy",
    "iam:GetPolicy",
    "iam:GetPolicyVersion",
    "iam:GetRole",
    "iam:GetRolePolicy",
    "iam:GetUser",
    "iam:GetUserPolicy",
    "iam:ListAttachedGroupPolicies",
    "iam:ListAttachedRolePolicies",
    "iam:ListAttachedUserPolicies",
    "iam:ListGroupPolicies",
    "iam:ListGroupsForUser",
    "iam:ListInstanceProfilesForRole",
    "iam:ListRolePolicies",
    "iam:ListUserPolicies",
    "iam:SimulatePrincipalPolicy",
)
SWEEP = (
    "iam:GetAccountAuthorizationDetails",
    "iam:GetLoginProfile",
    "iam:GetOpenIDConnectProvider",
    "iam:ListOpenIDConnectProviders",
    "iam:ListSAMLProviders",
)
DENY = ("iam:PutRolePolicy", "iam:PutUserPolicy", "iam:UpdateAccessKey")
FULL_QUOTA = (
    "iam:AttachRolePolicy",
    "iam:AttachUserPolicy",
    "iam:CreatePolicy",
    "iam:DetachRolePolicy",
    "iam:DetachUserPolicy",
    "iam:PutRolePermissionsBoundary",
    "iam:PutUserPermissionsBoundary",
)
HOLD = (
    "iam:AttachRolePolicy",
    "iam:AttachUserPolicy",
    "iam:DeleteRolePermissionsBoundary",
    "iam:DeleteRolePolicy",
    "iam:DeleteUserPermissionsBoundary",
    "iam:DeleteUserPolicy",
    "iam:DetachRolePolicy",
    "iam:DetachUserPolicy",
    "iam:PutRolePermissionsBoundary",
    "iam:PutUserPermissionsBoundary",
)
"""Putting the temporary locks on, and lifting them when it is quiet."""
TAKE_AWAY = (
    "iam:AttachRolePolicy",
    "iam:AttachUserPolicy",
    "iam:DeletePolicy",
    "iam:DeleteRolePermissionsBoundary",
    "iam:DeleteRolePolicy",
    "iam:DeleteUserPermissionsBoundary",
    "iam:DeleteUserPolicy",
    "iam:DetachRolePolicy",
    "iam:DetachUserPolicy",
    "iam:PutRolePermissionsBoundary",
    "iam:PutRolePolicy",
    "iam:PutUserPermissionsBoundary",
    "iam:PutUserPolicy",
    "iam:UpdateAccessKey",
)
PROOF = ("sts:AssumeRole", "sts:DecodeAuthorizationMessage")
EVERY_REGION = ("account:ListRegions", "cloudtrail:LookupEvents", "ec2:DescribeRegions")
BLUNT = (
    "iam:AddRoleToInstanceProfile",
    "iam:AddUserToGroup",
    "iam:CreateRole",
    "iam:DeleteAccessKey",
    "iam:DeleteRole",
    "iam:GetInstanceProfile",
    "iam:PassRole",
    "iam:RemoveRoleFromInstanceProfile",
    "iam:RemoveUserFromGroup",
    "iam:TagRole",
)
FENCE_LOOK = (
    "organizations:DescribeOrganization",
    "organizations:DescribePolicy",
    "organizations:ListPoliciesForTarget",
    "organizations:ListRoots",
)
FENCE = (
    "organizations:AttachPolicy",
    "organizations:CreatePolicy",
    "organizations:DeletePolicy",
    "organizations:DescribeOrganization",
    "organizations:DescribePolicy",
    "organizations:DetachPolicy",
    "organizations:ListPolicies",
    "organizations:ListPoliciesForTarget",
    "organizations:ListRoots",
    "organizations:UpdatePolicy",
)
"""For the credentials of `--org-profile`: the management account's, or a delegated administrator's.

In a member account the statement does no harm, and nothing either.
Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_permissions_overview.html
"""

_STATEMENTS: dict[str, tuple[str, ...]] = {
    "UnleakIdentify": IDENTIFY,
    "UnleakLook": LOOK,
    "UnleakSweep": SWEEP,
    "UnleakDeny": DENY,
    "UnleakFullQuota": FULL_QUOTA,
    "UnleakProofOfLife": PROOF,
    "UnleakHold": HOLD,
    "UnleakEveryRegion": EVERY_REGION,
    "UnleakUndo": TAKE_AWAY,
    "UnleakBluntStrategies": BLUNT,
    "UnleakFence": FENCE,
    "UnleakFenceLook": FENCE_LOOK,
}
_BY_COMMAND: dict[str, tuple[str, ...]] = {
    "identify": ("UnleakIdentify", "UnleakLook"),
    "plan": ("UnleakIdentify", "UnleakLook", "UnleakSweep", "UnleakFenceLook"),
    "revoke": (
        "UnleakIdentify",
        "UnleakLook",
        "UnleakSweep",
        "UnleakDeny",
        "UnleakFullQuota",
        "UnleakProofOfLife",
        "UnleakEveryRegion",
        "UnleakHold",
        "UnleakFence",
    ),
    "resume": (
        "UnleakIdentify",
        "UnleakLook",
        "UnleakSweep",
        "UnleakDeny",
        "UnleakFullQuota",
        "UnleakProofOfLife",
        "UnleakEveryRegion",
        "UnleakHold",
        "UnleakFence",
    ),
    "verify": (
        "UnleakIdentify",
        "UnleakLook",
        "UnleakSweep",
        "UnleakProofOfLife",
        "UnleakEveryRegion",
        "UnleakFenceLook",
    ),
    "undo": ("UnleakLook", "UnleakUndo", "UnleakFence"),
    "cleanup": ("UnleakLook", "UnleakUndo", "UnleakFence"),
    "trace": ("UnleakEveryRegion",),
    "incidents": (),
    "report": (),
}

COMMANDS = tuple(_BY_COMMAND)
"""The commands that a policy can be asked for."""

ORGANIZATION_NOTE = (
    "UnleakFence and UnleakFenceLook are for the credentials of --org-profile: your organization's "
    "management account, or one that may manage its policies"
)
"""What to know about the statements that do nothing in a member account."""


def policy_for(command: str | None) -> Policy:
    """Return the policy that the responder needs.

    Args:
        command: one of `COMMANDS`, or None for all of them with the blunt strategies.
            `sts:GetCallerIdentity` needs no permission and is not listed.
    """
    everything = tuple(name for name in _STATEMENTS if name != "UnleakFenceLook")
    names = everything if command is None else _BY_COMMAND[command]
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": name, "Effect": "Allow", "Action": list(_STATEMENTS[name]), "Resource": "*"}
            for name in names
        ],
    }
