"""The fence around a member account's root user: the one lock that binds root.

Sessions of `sts:AssumeRoot` are let through: they are the organization's own way in, and delete the
leaked key.  Service control policies bind root of members, and nobody in the management account.
Sources: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
and https://github.com/aws-samples/service-control-policy-examples (the same condition).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.contain.deny_policy import parse_policy, rebuild_policy
from unleak.contain.fence_statement import PRINCIPAL_ARN, FenceFull

if TYPE_CHECKING:
    from unleak.contain.deny_policy import Json, Statement

ROOT_SID = "UnleakFenceRoot"
ASSUMED_ROOT = "aws:AssumedRoot"
"""In a request of `sts:AssumeRoot`'s sessions alone.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""


def root_arn(account: str, partition: str) -> str:
    """Return the ARN of an account's root user."""
    return f"arn:{partition}:iam::{account}:root"


def root_statement(arn: str) -> Statement:
    """Return the deny of everything to the root user."""
    return {
        "Sid": ROOT_SID,
        "Effect": "Deny",
        "Action": "*",
        "Resource": "*",
        "Condition": {
            "ArnLike": {PRINCIPAL_ARN: [arn]},
            "Null": {ASSUMED_ROOT: "true"},
        },
    }


def read_root(statement: Statement) -> str | None:
    """Return whom our statement shuts out, None for any other statement."""
    match statement:
        case {"Sid": sid, "Condition": {"ArnLike": {"aws:PrincipalArn": [str(arn)]}}} if (
            sid == ROOT_SID
        ):
            return arn if root_statement(arn) == statement else None
        case _:
            return None


def with_root(existing: str | None, arn: str, *, limit: int) -> str:
    """Return the text of the account's fence with root shut out as well.

    Args:
        existing: the text as it is, None where there is none.
        arn: of the root user.
        limit: the most characters that AWS takes.

    Raises:
        FenceFull: it does not fit.
        Unmergeable: `existing` is no policy document.
    """
    policy: dict[str, Json] = {"Version": "2012-10-17"}
    statements: list[Statement] = []
    if existing is not None:
        policy, statements = parse_policy(existing)
    if arn in map(read_root, statements):
        return existing or ""
    document = rebuild_policy(policy, [*statements, root_statement(arn)])
    if len(document) > limit:
        message = f"the fence would hold {len(document)} characters, and {limit} is the most"
        raise FenceFull(message)
    return document
