"""The organization above an account, and what stands in the policy that unleak keeps there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.model.frozen import dataclass
from unleak.model.reading import NOT_LOOKED_AT

if TYPE_CHECKING:
    from unleak.model.reading import Listing, Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization:
    """The organization that the responder reaches, and who he is in it."""

    id: str
    management_account: str
    """No service control policy binds it.

    Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
    """
    caller_account: str | None
    """The account whose credentials asked; None where the cloud cannot tell."""
    is_management: bool
    """Whether that is the management account; a delegated administrator may do the same."""
    root_id: str | None = None
    are_scps_enabled: bool | None = None
    """Whether service control policies are switched on; None: we may not look."""
    partition: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScpQuotas:
    """How large a service control policy may be, white space counted, and how many fit on a target.

    Doubled on 15 May 2026 in the commercial Regions, GovCloud and China, by three reports of AWS's
    announcement (untested); for the other partitions the old numbers stand.
    Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
    """

    size: int = 10_240
    attachments: int = 10


_OLD_QUOTAS = ScpQuotas(size=5_120, attachments=5)
_DOUBLED = frozenset({"aws", "aws-cn", "aws-us-gov"})


def scp_quotas(partition: str | None) -> ScpQuotas:
    """Return the quotas of a partition, the smaller ones where it is not known."""
    return ScpQuotas() if partition in _DOUBLED else _OLD_QUOTAS


@dataclass(frozen=True, slots=True, kw_only=True)
class FenceFacts:
    """What was read before a fence is planned for one account."""

    organization: Reading[Organization] = NOT_LOOKED_AT
    document: Reading[str] = NOT_LOOKED_AT
    """The text of unleak's own policy, `Absent` where none is attached to the account."""
    room: Listing[int] = NOT_LOOKED_AT
    """How many more policies can be attached to the account, ours not counted."""
