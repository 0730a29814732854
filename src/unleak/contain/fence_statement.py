"""The two statements of the fence: who is shut out, and the freeze of IAM for everybody else.

Both are read back in the very shape in which they are written, so that those of earlier incidents
are found again; a statement that somebody has edited is not ours any more and stays as it is.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from unleak.contain.guards import SERVICE_LINKED_PATH
from unleak.errors import WrongUse
from unleak.model.frozen import dataclass
from unleak.model.principal import Principal, PrincipalType, parse_arn

if TYPE_CHECKING:
    from collections.abc import Iterable

    from unleak.contain.deny_policy import Json, Statement
    from unleak.model.situation import Caller

FENCE_SID = "UnleakFence"
FREEZE_SID = "UnleakFreezeIam"
PRINCIPAL_ARN = "aws:PrincipalArn"
SERVICE_LINKED = f"arn:*:iam::*:role{SERVICE_LINKED_PATH}*"
"""No service control policy binds these roles; named all the same, so that the text says so.

Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
"""
_VERBS = (
    "Accept",  # delegation requests, 2025
    "Acquire",  # roles from templates, 2026
    "Add",
    "Associate",
    "Attach",
    "Change",
    "Create",
    "Deactivate",
    "Delete",
    "Detach",
    "Disable",
    "Enable",
    "Put",
    "Remove",
    "Reset",
    "Resync",
    "Send",
    "Set",
    "Tag",  # a right that hangs on a tag is a right
    "Untag",
    "Update",
    "Upload",
)
FREEZE_ACTIONS = (
    *(f"iam:{verb}*" for verb in _VERBS),
    "identitystore:Create*",
    "identitystore:Update*",
    # the way out from under the fence
    "organizations:LeaveOrganization",
    "rolesanywhere:Create*",
    "rolesanywhere:Enable*",
    "rolesanywhere:Put*",
    "rolesanywhere:Update*",
    "sso:Attach*",
    "sso:Create*",
    "sso:Delete*",
    "sso:Detach*",
    "sso:Provision*",
    "sso:Put*",
    "sso:Update*",
    "sts:GetFederationToken",
)
"""What makes a second identity or takes a control off; wildcards at the end only.

Older service control policies knew no other wildcards.
Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_syntax.html
"""


class Unfenceable(ValueError):
    """The fence cannot be drawn; the message says why, in words for the person."""


class FenceFull(Unfenceable):
    """The text would be longer than AWS takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fence:
    """Patterns of `aws:PrincipalArn`: who is shut out, and who never is."""

    fenced: tuple[str, ...] = ()
    exempt: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Freeze:
    """The calls that are refused to everybody in the account, and who is spared."""

    actions: tuple[str, ...] = ()
    exempt: tuple[str, ...] = ()


def fence_statement(fence: Fence) -> Statement:
    """Return the deny of everything to the fenced principals."""
    return {
        "Sid": FENCE_SID,
        "Effect": "Deny",
        "Action": "*",
        "Resource": "*",
        "Condition": {
            "ArnLike": {PRINCIPAL_ARN: list(fence.fenced)},
            "ArnNotLike": {PRINCIPAL_ARN: list(fence.exempt)},
        },
    }


def freeze_statement(freeze: Freeze) -> Statement:
    """Return the deny of IAM's changes to everybody but the exempt."""
    return {
        "Sid": FREEZE_SID,
        "Effect": "Deny",
        "Action": list(freeze.actions),
        "Resource": "*",
        "Condition": {"ArnNotLike": {PRINCIPAL_ARN: [*freeze.exempt, SERVICE_LINKED]}},
    }


def read_fence(statement: Statement) -> Fence | None:
    """Return what our fence says, None for any other statement."""
    match statement:
        case {
            "Sid": sid,
            "Condition": {"ArnLike": dict(inside), "ArnNotLike": dict(outside)},
        } if sid == FENCE_SID:
            fence = Fence(fenced=_patterns(inside), exempt=_patterns(outside))
            return fence if fence_statement(fence) == statement else None
        case _:
            return None


def read_freeze(statement: Statement) -> Freeze | None:
    """Return what our freeze says, None for any other statement."""
    match statement:
        case {
            "Sid": sid,
            "Action": [*actions],
            "Condition": {"ArnNotLike": dict(outside)},
        } if sid == FREEZE_SID:
            freeze = Freeze(
                actions=tuple(each for each in actions if isinstance(each, str)),
                exempt=tuple(each for each in _patterns(outside) if each != SERVICE_LINKED),
            )
            return freeze if freeze_statement(freeze) == statement else None
        case _:
            return None


def federated_pattern(partition: str, account: str) -> str:
    """Return the pattern of all sessions that users of the account made for others.

    In their requests `aws:PrincipalArn` is not the ARN of the user behind them (untested), so that
    a fence around the user alone would let them through.
    """
    return f"arn:{partition}:sts::{account}:federated-user/*"


def session_pattern(principal: Principal, *, account: str, partition: str) -> str | None:
    """Return the pattern of a role's sessions, None for anything but a role.

    In a role session `aws:PrincipalArn` is the ARN of the role, path included; this one is named
    as well, where there is room, in case a service says it.
    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
    """
    if principal.type is not PrincipalType.ROLE:
        return None
    return f"arn:{partition}:sts::{account}:assumed-role/{principal.name}/*"


def patterns_of(principal: Principal, *, account: str, partition: str) -> tuple[str, ...]:
    """Return the ARNs that have to be shut out.

    Raises:
        Unfenceable: it is of a kind that has no ARN to be known by.
    """
    match principal.type:
        case PrincipalType.ROLE:
            return named_patterns(principal, account=account, partition=partition)
        case PrincipalType.USER:
            own = named_patterns(principal, account=account, partition=partition)
            return (*own, federated_pattern(partition, account))
        case PrincipalType.ROOT:
            return (f"arn:{partition}:iam::{account}:root",)
        case PrincipalType.FEDERATED_USER:
            return (f"arn:{partition}:sts::{account}:federated-user/{principal.name}",)
        case PrincipalType.IDENTITY_CENTER_USER:
            message = f"{principal.label} has no ARN of his own that a policy could name"
            raise Unfenceable(message)


def named_patterns(principal: Principal, *, account: str, partition: str) -> tuple[str, ...]:
    """Return the ARN of a user or role, or where its path is not known both forms it may have.

    Names are unique in an account whatever the path, so the second form hits nobody else.
    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    """
    if principal.arn is not None and ":iam:" in principal.arn:
        return (principal.arn,)
    return _both_forms(principal, account=account, partition=partition)


def every_form(principal: Principal, *, account: str, partition: str) -> frozenset[str]:
    """Return each pattern that a fence may hold for a principal, its path known or not."""
    found = set(patterns_of(principal, account=account, partition=partition))
    if principal.type in (PrincipalType.ROLE, PrincipalType.USER):
        found.update(_both_forms(principal, account=account, partition=partition))
    session = session_pattern(principal, account=account, partition=partition)
    return frozenset(found if session is None else {*found, session})


def exemption_of(responder: Caller) -> tuple[str, ...]:
    """Return the patterns by which the fence knows the responder.

    Raises:
        Unfenceable: it cannot know him, so it might lock him out or let others pass as him.
    """
    if responder.arn is None:
        message = "this cloud does not tell who you are, so the fence might lock you out"
        raise Unfenceable(message)
    try:
        arn = parse_arn(responder.arn)
    except WrongUse as error:
        message = f"you are signed in as {responder.arn}, which the fence cannot spare by name"
        raise Unfenceable(message) from error
    match arn.principal.type:
        case PrincipalType.USER | PrincipalType.ROLE:
            return named_patterns(arn.principal, account=arn.account, partition=arn.partition)
        case PrincipalType.ROOT:
            return (arn.text,)
        case _:
            message = (
                "you are signed in with a federated session: whoever made one of the same name "
                "would be spared as well, so sign in with a role or as a user"
            )
            raise Unfenceable(message)


def overlaps(one: str, other: str) -> bool:
    """Whether two patterns can mean the same principal."""
    return fnmatchcase(one, other) or fnmatchcase(other, one)


def without_overlap(patterns: Iterable[str], others: Iterable[str]) -> tuple[str, ...]:
    """Return the patterns that cannot mean any of the others."""
    listed = tuple(others)
    return tuple(each for each in patterns if not any(overlaps(each, one) for one in listed))


def _both_forms(principal: Principal, *, account: str, partition: str) -> tuple[str, ...]:
    prefix = f"arn:{partition}:iam::{account}:{principal.type}"
    return f"{prefix}/{principal.name}", f"{prefix}/*/{principal.name}"


def _patterns(block: dict[str, Json]) -> tuple[str, ...]:
    found = block.get(PRINCIPAL_ARN)
    return tuple(each for each in found if isinstance(each, str)) if isinstance(found, list) else ()
