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

_QUARANTINES = ("AWSCompromisedKeyQuarantine", "AWSExposedCredentialPolicy_DO_NOT_REMOVE")
"""How the names begin of what AWS itself puts on a user whose key it has seen in public.

Source: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSCompromisedKeyQuarantineV3.html
The second is the name of old, an inline policy then; untested.
"""


def is_quarantine(policy_arn: str) -> bool:
    """Whether it is AWS's own quarantine; a policy of the account under that name is not."""
    owner, _, name = policy_arn.rpartition(":policy/")
    return owner.endswith(":iam::aws") and is_quarantine_name(name)


def is_quarantine_name(name: str) -> bool:
    """Whether a policy has the name of AWS's quarantine; anybody can give an inline one that."""
    return name.startswith(_QUARANTINES)


BEARER_POLICY = "UnleakDenyBearerTokens"
"""Refuses the API keys of a user for one service, which are no signatures."""

BEARER_SID = "UnleakBearerTokens"
"""The one statement in it."""

MANAGED_PREFIX = "UnleakRevoke-"
"""Managed policies that stand in where an inline policy does not fit; the incident follows."""

FENCE_PREFIX = "UnleakFence-"
"""The service control policy of a member account; the account's twelve digits follow."""
SID_PREFIX = "Unleak"
"""How the id of every deny statement that unleak writes begins: letters and digits, as IAM asks."""

OLDER_SESSIONS_SID = "UnleakOlderSessions"
"""The plain cut-off; the console's own has no id."""

DENY_ALL_SID = "UnleakDenyAll"
"""The unconditional deny."""

SESSION_SID_PREFIX = "UnleakSession"
"""The deny of one session; a digest of its `aws:userid` follows."""

OUR_SIDS = frozenset({OLDER_SESSIONS_SID, DENY_ALL_SID})
"""The ids that are always the same; those of single sessions begin with `SESSION_SID_PREFIX`."""


def is_our_sid(sid: str) -> bool:
    """Whether a statement id is one that unleak gives, so that a decoded denial names us."""
    return sid.startswith(SID_PREFIX) and sid.isascii() and sid.isalnum()


QUOTA_ERRORS = frozenset({"LimitExceeded", "LimitExceededException"})
"""What IAM answers when a policy does not fit or one more cannot be attached."""
