"""In which account a change is made: most in the responder's own, some in another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.model.action import DeleteRootKey, SetFence

if TYPE_CHECKING:
    from unleak.model.plan import Step

DEFAULT_MEMBER_ROLE = "OrganizationAccountAccessRole"
"""The role that AWS Organizations makes in each account that it creates.

Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_access.html
"""


def home_of(step: Step) -> str | None:
    """Return the account whose IAM a step changes; None: the organization makes it, from outside.

    Args:
        step: any step of a plan.
    """
    if isinstance(step.action, SetFence | DeleteRootKey):
        return None
    return step.account
