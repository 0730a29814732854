"""The names of the policies that unleak writes."""

from __future__ import annotations

CONSOLE_POLICY = "AWSRevokeOlderSessions"
"""The name that the IAM console uses for the same cut-off, so that people and unleak converge.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_revoke-sessions.html
"""

SESSION_POLICY = "UnleakDenySessions"
"""Holds one statement for each single session that was denied by name."""

DENY_ALL_POLICY = "UnleakDenyAll"
"""The unconditional deny of `--strategy deny-all`."""

FREEZE_POLICY = "UnleakFreeze"
"""The unconditional deny that stands while a thief could still take the lasting one away."""

AWS_DENY_ALL = "iam::aws:policy/AWSDenyAll"
"""AWS's own managed policy that denies everything: attached in one call, and nobody can rewrite it.

Source: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSDenyAll.html
"""

MANAGED_PREFIX = "UnleakRevoke-"
"""Managed policies that stand in where an inline policy does not fit; the incident follows."""

FENCE_PREFIX = "UnleakFence-"
"""The service control policy of a member account; the account's twelve digits follow."""

QUOTA_ERRORS = frozenset({"LimitExceeded", "LimitExceededException"})
"""What IAM answers when a policy does not fit or one more cannot be attached."""
