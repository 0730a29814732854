"""The least-privilege policy for each command, from the calls that the doors to AWS can make."""

from __future__ import annotations

from typing import TypeAlias

from unleak.report.key_permissions import FIND, ROTATE_KEYS, ROTATE_PLACES, WHO_USES_IT
from unleak.report.rehearsal_permissions import DOCTOR, DRILL
from unleak.report.respond_permissions import ITSELF, OWN_SECRETS, TELL

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
REST_OF_USER = (
    "iam:GetAccessKeyLastUsed",
    "iam:GetLoginProfile",
    "iam:ListMFADevices",
    "iam:ListSSHPublicKeys",
    "iam:ListServiceSpecificCredentials",
    "iam:ListSigningCertificates",
)
"""What a user signs in with beside access keys."""
SWEEP = (
    "iam:GetAccountAuthorizationDetails",
    "iam:GetLoginProfile",
    "iam:GetOpenIDConnectProvider",
    "iam:ListOpenIDConnectProviders",
    "iam:ListSAMLProviders",
    "iam:ListServiceSpecificCredentials",
)
DENY = ("iam:PutRolePolicy", "iam:PutUserPolicy", "iam:UpdateAccessKey")
USER_DENY = (
    "iam:DeactivateMFADevice",
    "iam:DeleteLoginProfile",
    "iam:UpdateSSHPublicKey",
    "iam:UpdateServiceSpecificCredential",
    "iam:UpdateSigningCertificate",
)
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
    "iam:UpdateSSHPublicKey",
    "iam:UpdateServiceSpecificCredential",
    "iam:UpdateSigningCertificate",
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
MEMBERS = ("organizations:DescribeAccount", "sts:AssumeRole")
"""For the credentials of `--org-profile`, or your own: the way into other accounts of yours, where
what leaked has led there.  What unleak may do inside is up to the role there.
"""
ROOT_ACCESS = ("iam:ListOrganizationsFeatures", "sts:AssumeRoot")
"""For the credentials of `--org-profile`: the management account's, or those of the delegated
administrator of IAM; used only where a root user leaked.
"""
TRAIL_BUCKET = ("kms:Decrypt", "s3:GetObject", "s3:ListBucket")
"""For a trail in a bucket; `kms:Decrypt` only where its logs are encrypted with a key of KMS.

The bucket and the key are mostly another account's, and have to let the responder in too.
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
"""
TRACE_ATHENA = (
    "athena:GetQueryExecution",
    "athena:GetQueryResults",
    "athena:GetTableMetadata",
    "athena:StartQueryExecution",
    "athena:StopQueryExecution",
    "glue:GetDatabase",
    "glue:GetPartitions",
    "glue:GetTable",
    "s3:AbortMultipartUpload",
    "s3:GetBucketLocation",
    "s3:GetObject",
    "s3:ListBucket",
    "s3:ListBucketMultipartUploads",
    "s3:ListMultipartUploadParts",
    "s3:PutObject",
)
"""For `--trail athena:...`: the table and its bucket are read, the results' bucket is written to.

Source: https://docs.aws.amazon.com/athena/latest/ug/s3-permissions.html
"""
TRACE_LAKE = (
    "cloudtrail:CancelQuery",
    "cloudtrail:DescribeQuery",
    "cloudtrail:GetQueryResults",
    "cloudtrail:StartQuery",
)
"""For `--trail lake:...`.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudtrail.html
"""
AUDIT = (
    "account:ListRegions",
    "cloudtrail:LookupEvents",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeRegions",
    "iam:GenerateCredentialReport",
    "iam:GetAccessKeyLastUsed",
    "iam:GetAccountAuthorizationDetails",
    "iam:GetAccountSummary",
    "iam:GetCredentialReport",
    "iam:GetLoginProfile",
    "iam:ListAccessKeys",
    "iam:ListMFADevices",
    "iam:ListSSHPublicKeys",
    "iam:ListServiceSpecificCredentials",
    "iam:ListSigningCertificates",
    "iam:ListUsers",
)
STATE_TABLE = (
    "dynamodb:ConditionCheckItem",
    "dynamodb:DeleteItem",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:Query",
    "dynamodb:UpdateItem",
)
"""For `UNLEAK_HOME=dynamodb:TABLE`, on that table; a transaction needs those of its parts.

Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
"""

_STATEMENTS: dict[str, tuple[str, ...]] = {
    "UnleakIdentify": IDENTIFY,
    "UnleakLook": LOOK,
    "UnleakRestOfUser": REST_OF_USER,
    "UnleakSweep": SWEEP,
    "UnleakDeny": DENY,
    "UnleakDenyUser": USER_DENY,
    "UnleakFullQuota": FULL_QUOTA,
    "UnleakProofOfLife": PROOF,
    "UnleakHold": HOLD,
    "UnleakEveryRegion": EVERY_REGION,
    "UnleakUndo": TAKE_AWAY,
    "UnleakBluntStrategies": BLUNT,
    "UnleakFence": FENCE,
    "UnleakFenceLook": FENCE_LOOK,
    "UnleakTraceAthena": TRACE_ATHENA,
    "UnleakTraceLake": TRACE_LAKE,
    "UnleakAudit": AUDIT,
    "UnleakDoctor": DOCTOR,
    "UnleakDrill": DRILL,
    "UnleakWhoUsesAKey": WHO_USES_IT,
    "UnleakFind": FIND,
    "UnleakRotateKeys": ROTATE_KEYS,
    "UnleakRotatePlaces": ROTATE_PLACES,
    "UnleakRootAccess": ROOT_ACCESS,
    "UnleakTrailBucket": TRAIL_BUCKET,
    "UnleakMembers": MEMBERS,
    "UnleakStateTable": STATE_TABLE,
    "UnleakTell": TELL,
    "UnleakOwnSecrets": OWN_SECRETS,
    "UnleakItself": ITSELF,
}
_REVOKE = (
    "UnleakIdentify",
    "UnleakLook",
    "UnleakRestOfUser",
    "UnleakSweep",
    "UnleakDeny",
    "UnleakDenyUser",
    "UnleakFullQuota",
    "UnleakProofOfLife",
    "UnleakEveryRegion",
    "UnleakHold",
    "UnleakFence",
    "UnleakRootAccess",
    "UnleakMembers",
)
_BY_COMMAND: dict[str, tuple[str, ...]] = {
    "identify": ("UnleakIdentify", "UnleakLook", "UnleakRestOfUser"),
    "plan": (
        "UnleakIdentify",
        "UnleakLook",
        "UnleakRestOfUser",
        "UnleakSweep",
        "UnleakEveryRegion",
        "UnleakFenceLook",
        "UnleakRootAccess",
        "UnleakMembers",
    ),
    "revoke": _REVOKE,
    "respond": (
        *_REVOKE,
        "UnleakStateTable",
        "UnleakTell",
        "UnleakOwnSecrets",
        "UnleakItself",
    ),
    "resume": _REVOKE,
    "verify": (
        "UnleakIdentify",
        "UnleakLook",
        "UnleakRestOfUser",
        "UnleakSweep",
        "UnleakProofOfLife",
        "UnleakEveryRegion",
        "UnleakFenceLook",
        "UnleakRootAccess",
        "UnleakMembers",
    ),
    "undo": ("UnleakLook", "UnleakRestOfUser", "UnleakUndo", "UnleakFence", "UnleakMembers"),
    "cleanup": ("UnleakLook", "UnleakRestOfUser", "UnleakUndo", "UnleakFence", "UnleakMembers"),
    "find": ("UnleakWhoUsesAKey", "UnleakFind"),
    "rotate": ("UnleakWhoUsesAKey", "UnleakFind", "UnleakRotateKeys", "UnleakRotatePlaces"),
    "trace": (
        "UnleakIdentify",
        "UnleakEveryRegion",
        "UnleakLook",
        "UnleakRestOfUser",
        "UnleakSweep",
        "UnleakTrailBucket",
        "UnleakTraceAthena",
        "UnleakTraceLake",
    ),
    "incidents": (),
    "report": (),
    "audit": ("UnleakAudit",),
    "drill": (*_REVOKE, "UnleakDrill"),
    "doctor": ("UnleakDoctor",),
}

COMMANDS = tuple(_BY_COMMAND)
"""The commands that a policy can be asked for."""

ORGANIZATION_NOTE = (
    "UnleakFence, UnleakFenceLook, UnleakMembers and UnleakRootAccess are for the credentials of "
    "--org-profile: your organization's management account, or one that may manage its policies "
    "and root access"
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
