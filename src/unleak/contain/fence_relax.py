"""The fence after the fight: old sessions stay shut out by the organization, new ones work again.

While a thief could act, the fence is closed for the leaked principal altogether and IAM is frozen.
Once the cut-off has moved past his last act that would only keep honest users out, so the fence
then says what the cut-off says, where no thief can take it away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.contain.deny_policy import (
    ISSUE_TIME,
    Statement,
    parse_policy,
    rebuild_policy,
    render_cutoff,
)
from unleak.contain.fence import fence_document, without_freeze, without_principals
from unleak.contain.fence_statement import PRINCIPAL_ARN, exemption_of, patterns_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from unleak.model.principal import Principal
    from unleak.model.situation import Caller

_EMPTY = '{"Version":"2012-10-17","Statement":[]}'
OLDER_SID = "UnleakOlder"


def relaxed(
    document: str, *, principals: Sequence[Principal], responder: Caller, cutoff: datetime
) -> str:
    """Return the fence with IAM thawed and these principals' new sessions let in.

    Whoever else is fenced (what the thief made, earlier incidents) stays shut out.

    Args:
        document: the fence as it is.
        principals: the leaked users and roles, each with account and partition.
        responder: spared, as in the fence.
        cutoff: their sessions issued before it stay shut out.

    Raises:
        Unfenceable: the responder cannot be spared by name.
        Unmergeable: it is no policy document.
    """
    rest = without_principals(without_freeze(document), principals)
    policy, statements = parse_policy(rest or _EMPTY)
    fenced = [
        pattern
        for each in principals
        if each.account is not None and each.partition is not None
        for pattern in patterns_of(each, account=each.account, partition=each.partition)
    ]
    if not fenced:
        return rebuild_policy(policy, statements)
    older: Statement = {
        "Sid": f"{OLDER_SID}{cutoff:%Y%m%dT%H%M%SZ}",
        "Effect": "Deny",
        "Action": "*",
        "Resource": "*",
        "Condition": {
            "ArnLike": {PRINCIPAL_ARN: list(dict.fromkeys(fenced))},
            "ArnNotLike": {PRINCIPAL_ARN: list(exemption_of(responder))},
            "DateLessThan": {ISSUE_TIME: render_cutoff(cutoff)},
        },
    }
    kept = [each for each in statements if each.get("Sid") != older["Sid"]]
    return rebuild_policy(policy, [*kept, older])


def tightened(document: str, *, principals: Sequence[Principal], responder: Caller) -> str:
    """Return the fence closed for these principals again, and IAM frozen.

    Args:
        document: the fence as it is.
        principals: whom to shut out.
        responder: spared.

    Raises:
        Unfenceable: it does not fit, or would lock the responder out.
        Unmergeable: it is no policy document.
    """
    return fence_document(document, principals=principals, responder=responder, freeze=True)
