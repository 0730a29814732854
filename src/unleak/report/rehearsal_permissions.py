"""What a preflight and a drill call, beside what a response does."""

from __future__ import annotations

DOCTOR = (
    "account:ListRegions",
    "cloudtrail:LookupEvents",
    "ec2:DescribeRegions",
    "iam:GetRole",
    "iam:SimulatePrincipalPolicy",
    "organizations:DescribeOrganization",
    "organizations:ListRoots",
)
"""A preflight only looks; with a table for the journal it reads there too (`dynamodb:Query`)."""
DRILL = (
    "iam:CreateRole",
    "iam:DeleteRole",
    "iam:DeleteRolePolicy",
    "iam:DetachRolePolicy",
    "iam:GetRole",
    "iam:GetRolePolicy",
    "iam:ListAttachedRolePolicies",
    "iam:ListRolePolicies",
    "iam:ListRoles",
    "iam:PutRolePolicy",
    "iam:TagRole",
    "sts:AssumeRole",
)
"""Making a role and removing it; what happens between is `revoke`."""
