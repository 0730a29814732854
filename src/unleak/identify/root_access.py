"""Reads what an organization can do about the root user of an account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.aws.failures import gap_of
from unleak.errors import UnleakError
from unleak.identify.organization import read_fence
from unleak.model.reading import NOT_LOOKED_AT, Gap, Known, Unknown
from unleak.model.situation import RootFacts

if TYPE_CHECKING:
    from unleak.model.ports import Reader
    from unleak.model.reading import Listing
    from unleak.model.situation import KeyFact

_NEEDED = frozenset({"RootCredentialsManagement", "RootSessions"})


def read_root(reader: Reader, account: str) -> RootFacts:
    """Return what a containment of the account's root has to be planned with; never raises.

    Central root access is for members: of the management account nothing more is asked.

    Args:
        reader: reads only; its session for the look at root's keys may do nothing else.
        account: whose root.
    """
    fence = read_fence(reader, account)
    if not isinstance(fence.organization, Known):
        return RootFacts(account=account, fence=fence, features=_NO_ORGANIZATION)
    if fence.organization.value.management_account == account:
        why = f"{account} is the management account, and central root access is for members"
        return RootFacts(account=account, fence=fence, features=Unknown(Gap.UNSUPPORTED, why))
    features = _features(reader)
    keys: Listing[tuple[KeyFact, ...]] = NOT_LOOKED_AT
    if isinstance(features, Known) and features.value >= _NEEDED:
        keys = _keys(reader, account)
    return RootFacts(account=account, fence=fence, features=features, keys=keys)


_NO_ORGANIZATION = Unknown(
    Gap.NOT_LOOKED_AT,
    "no organization is in reach: name credentials of its management account with --org-profile",
)


def _features(reader: Reader) -> Listing[frozenset[str]]:
    try:
        return Known(reader.root_features())
    except UnleakError as error:
        return gap_of(error)


def _keys(reader: Reader, account: str) -> Listing[tuple[KeyFact, ...]]:
    try:
        return Known(reader.root_keys(account))
    except UnleakError as error:
        return gap_of(error)
