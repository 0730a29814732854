"""How large may policies be in this account?  AWS's word where it is read, else the defaults."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.identify.questions import Failed, Told, answer, explain
from unleak.model.situation import Quotas

if TYPE_CHECKING:
    from collections.abc import Mapping

    from unleak.model.ports import Reader

_DEFAULTS = Quotas()


def read_quotas(reader: Reader) -> tuple[Quotas, str | None]:
    """Read the limits from `iam:GetAccountSummary`.

    Returns:
        The limits, in characters and attachments, and a note where the defaults had to do.

    Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountSummary.html
    """
    match answer(reader.account_summary):
        case Told(value=summary):
            return quotas_of(summary), None
        case Failed(error=error):
            why = explain(error, operation="iam:GetAccountSummary")
            return _DEFAULTS, f"{why}: AWS's default policy quotas are assumed"


def quotas_of(summary: Mapping[str, int]) -> Quotas:
    """Return the limits that a summary tells, defaults for what it leaves out."""

    def limit(key: str, default: int) -> int:
        told = summary.get(key, default)
        return told if told > 0 else default

    return Quotas(
        role_inline=limit("RolePolicySizeQuota", _DEFAULTS.role_inline),
        user_inline=limit("UserPolicySizeQuota", _DEFAULTS.user_inline),
        managed=limit("PolicySizeQuota", _DEFAULTS.managed),
        attached_per_role=limit("AttachedPoliciesPerRoleQuota", _DEFAULTS.attached_per_role),
        attached_per_user=limit("AttachedPoliciesPerUserQuota", _DEFAULTS.attached_per_user),
    )
