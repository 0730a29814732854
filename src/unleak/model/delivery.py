"""How late CloudTrail is, and what that means for a look into it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from unleak.model.plan import Plan

DELIVERY: Final = timedelta(minutes=15)
"""How late CloudTrail may be.

Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html
"""


def is_late_enough(plan: Plan, created_at: datetime) -> bool:
    """Whether the last look was late enough for CloudTrail to show all that was done before it.

    Args:
        plan: with the time of the last look.
        created_at: when the incident began.
    """
    if plan.traced_at is None:
        return False
    return plan.traced_at >= max(created_at, plan.chased_at or created_at) + DELIVERY
