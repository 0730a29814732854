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

_STATEMENTS: dict[str, tuple[str, ...]] = {
    "UnleakIdentify": IDENTIFY,
    "UnleakLook": LOOK,
    "UnleakDeny": DENY,
    "UnleakFullQuota": FULL_QUOTA,
    "UnleakProofOfLife": PROOF,
    "UnleakEveryRegion": EVERY_REGION,
    "UnleakUndo": TAKE_AWAY,
    "UnleakBluntStrategies": BLUNT,
}
_BY_COMMAND: dict[str, tuple[str, ...]] = {
    "identify": ("UnleakIdentify", "UnleakLook"),
    "plan": ("UnleakIdentify", "UnleakLook"),
    "revoke": (
        "UnleakIdentify",
        "UnleakLook",
        "UnleakDeny",
        "UnleakFullQuota",
        "UnleakProofOfLife",
    ),
    "resume": (
        "UnleakLook",
        "UnleakDeny",
        "UnleakFullQuota",
        "UnleakProofOfLife",
        "UnleakEveryRegion",
    ),
    "verify": ("UnleakLook", "UnleakProofOfLife", "UnleakEveryRegion"),
    "undo": ("UnleakLook", "UnleakUndo"),
    "cleanup": ("UnleakLook", "UnleakUndo"),
    "incidents": (),
    "report": (),
}

COMMANDS = tuple(_BY_COMMAND)
"""The commands that a policy can be asked for."""


def policy_for(command: str | None) -> Policy:
    """Return the policy that the responder needs.

    Args:
        command: one of `COMMANDS`, or None for all of them with the blunt strategies.
            `sts:GetCallerIdentity` needs no permission and is not listed.
    """
    names = tuple(_STATEMENTS) if command is None else _BY_COMMAND[command]
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": name, "Effect": "Allow", "Action": list(_STATEMENTS[name]), "Resource": "*"}
            for name in names
        ],
    }
