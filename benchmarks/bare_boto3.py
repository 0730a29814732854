"""What a hurried person would write: one look, one put; no merge, no journal, no proof."""

from __future__ import annotations

import sys

import boto3  # type: ignore[import-not-found]  # lives in .lab/bench-venv, not in ours

_, role, document = sys.argv
iam = boto3.client("iam")
iam.list_role_policies(RoleName=role)
iam.put_role_policy(RoleName=role, PolicyName="AWSRevokeOlderSessions", PolicyDocument=document)
