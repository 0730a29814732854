"""Reads the organization over an account, and the fence that may stand there already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.aws.failures import gap_of
from unleak.errors import NoOrganization, UnleakError
from unleak.model.organization import FenceFacts
from unleak.model.reading import NOT_LOOKED_AT, Absent, Gap, Known, Unknown

if TYPE_CHECKING:
    from unleak.model.organization import Organization
    from unleak.model.ports import Reader
    from unleak.model.reading import Listing, Reading


def read_organization(reader: Reader) -> Reading[Organization]:
    """Return the organization that the responder reaches, `Absent` where there is none."""
    try:
        return Known(reader.organization())
    except NoOrganization:
        return Absent()
    except UnleakError as error:
        return gap_of(error)


def read_fence(reader: Reader, account: str) -> FenceFacts:
    """Return what a fence around the account has to be planned with; never raises.

    Nothing more is asked where there is no organization, or the account is its management account.
    """
    organization = read_organization(reader)
    if not isinstance(organization, Known):
        return FenceFacts(organization=organization)
    if organization.value.management_account == account:
        return FenceFacts(organization=organization)
    document = _document(reader, account)
    room: Listing[int] = NOT_LOOKED_AT
    if isinstance(document, Absent):
        room = _room(reader, account)
    return FenceFacts(organization=organization, document=document, room=room)


def _document(reader: Reader, account: str) -> Reading[str]:
    try:
        found = reader.fence(account)
    except UnleakError as error:
        return gap_of(error)
    return Absent() if found is None else Known(found)


def _room(reader: Reader, account: str) -> Listing[int]:
    try:
        free = reader.fence_room(account)
    except UnleakError as error:
        return gap_of(error)
    return Unknown(Gap.UNSUPPORTED, "this cloud does not tell") if free is None else Known(free)
