"""Whose is this credential of one service?  One list of all users' tells, else each user's own."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from unleak.identify.questions import Failed, Round, Told, answer, explain
from unleak.model.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable

    from unleak.model.credential import Credential
    from unleak.model.ports import Reader
    from unleak.model.ways_in import ServiceCredential

_BATCH = 64
_OPERATION = "iam:ListServiceSpecificCredentials"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSearch:
    """The credential as IAM lists it, or whether we looked at every user in vain."""

    found: ServiceCredential | None
    is_complete: bool
    notes: tuple[str, ...] = ()


def match_of(
    credential: Credential, listed: Iterable[ServiceCredential]
) -> ServiceCredential | None:
    """Return the one that is meant: by its id, else by the name that it carries."""
    for each in listed:
        if credential.access_key_id is not None:
            if each.credential_id == credential.access_key_id:
                return each
        elif each.service == credential.service and each.alias == credential.alias:
            return each
    return None


def search_service(credential: Credential, *, reader: Reader) -> ServiceSearch:
    """Look through `ListUsers` x `ListServiceSpecificCredentials`, many users at once.

    For clouds that do not list those of all users in one call.

    Args:
        credential: with its id, or with the name that it carries.
        reader: reads only.
    """
    match answer(reader.users):
        case Failed(error=error):
            notes = (explain(error, operation="iam:ListUsers"),)
            return ServiceSearch(found=None, is_complete=False, notes=notes)
        case Told(value=users):
            return _search(credential, users, reader)


def _search(credential: Credential, users: tuple[str, ...], reader: Reader) -> ServiceSearch:
    why: list[str] = []
    for start in range(0, len(users), _BATCH):
        with Round() as asking:
            asked = [
                asking.ask(partial(reader.service_credentials, user))
                for user in users[start : start + _BATCH]
            ]
        for each in asked:
            match each.result():
                case Told(value=listed):
                    found = match_of(credential, listed)
                    if found is not None:
                        return ServiceSearch(found=found, is_complete=True)
                case Failed(error=error):
                    why.append(explain(error, operation=_OPERATION))
    if why:
        notes = (f"the credentials of {len(why)} of {len(users)} users are unread: {why[-1]}",)
        return ServiceSearch(found=None, is_complete=False, notes=notes)
    return ServiceSearch(found=None, is_complete=True)
