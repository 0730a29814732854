"""Reads everything that can act in the account, to find what a thief may have added to it.

Two depths: the whole sweep before the plan, and one single call for each round of the watch.
"""

from __future__ import annotations

from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from unleak.errors import NoSuchPrincipal
from unleak.identify.questions import Failed, Round, Told, unknown
from unleak.model.frozen import dataclass
from unleak.model.reading import NOT_LOOKED_AT, Absent, Gap, Known, Unknown

if TYPE_CHECKING:
    from concurrent.futures import Future
    from datetime import datetime

    from unleak.identify.questions import Answer
    from unleak.model.account import AccountDetails, Provider
    from unleak.model.ports import Reader
    from unleak.model.reading import Listing, Reading
    from unleak.model.situation import KeyFact
    from unleak.model.ways_in import ServiceCredential

_T = TypeVar("_T")

MOST_USERS = 2000
"""Each user costs two calls, and IAM answers some twenty a second."""

_AT_ONCE = 16


class Depth(StrEnum):
    """How much is read."""

    FULL = "full"
    LIGHT = "light"
    """Users, roles and policies only, in one call a page: keys and passwords stay unseen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UserAccess:
    """How one user can sign in."""

    user: str
    keys: Listing[tuple[KeyFact, ...]]
    password: Reading[datetime]
    """When the password was made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What the sweep has seen, and what it could not see."""

    details: Listing[AccountDetails] = NOT_LOOKED_AT
    access: Listing[tuple[UserAccess, ...]] = NOT_LOOKED_AT
    providers: Listing[tuple[Provider, ...]] = NOT_LOOKED_AT
    services: Listing[tuple[ServiceCredential, ...]] = NOT_LOOKED_AT
    """The credentials for single services of all users: Bedrock, CodeCommit, ..."""
    unread: tuple[str, ...] = ()
    """In words; what was left out on purpose, because the sweep was a light one, is not in it."""

    @property
    def is_whole(self) -> bool:
        """Whether everything that was to be looked at was seen: unknown is not no."""
        return not self.unread

    def keys_of(self, user: str) -> tuple[KeyFact, ...] | None:
        """Return the keys of a user, None where they were not read."""
        for each in self.access.value if isinstance(self.access, Known) else ():
            if each.user == user:
                return each.keys.value if isinstance(each.keys, Known) else None
        return None


def gather_sweep(reader: Reader, *, depth: Depth = Depth.FULL) -> Swept:
    """Read users, roles, policies, keys, passwords, service credentials, providers, if we may.

    Args:
        reader: reads only.
        depth: `LIGHT` makes one call a page and no more.

    Raises:
        ResponderCredentials: our own credentials stopped working.
    """
    if depth is Depth.LIGHT:
        with Round(most=1) as asking:
            details = asking.ask(reader.account_details)
        read = _listing(details.result(), "iam:GetAccountAuthorizationDetails")
        return Swept(details=read, unread=_missing("users, roles and policies", read))
    with Round(most=3) as first:
        asked_details = first.ask(reader.account_details)
        asked_providers = first.ask(reader.providers)
        asked_services = first.ask(partial(reader.service_credentials, None))
    details_read = _listing(asked_details.result(), "iam:GetAccountAuthorizationDetails")
    providers = _listing(asked_providers.result(), "listing the identity providers")
    services = _listing(asked_services.result(), "iam:ListServiceSpecificCredentials")
    users = _users(reader, details_read)
    access = _access(reader, users)
    return Swept(
        details=details_read,
        access=access,
        providers=providers,
        services=services,
        unread=(
            *_missing("users, roles and policies", details_read),
            *_missing_access(users, access),
            *_missing("identity providers", providers),
            *_missing_services(services),
        ),
    )


def _users(reader: Reader, details: Listing[AccountDetails]) -> Listing[tuple[str, ...]]:
    """Return the names, the newest user first; where the whole reading failed, ask for the list."""
    if isinstance(details, Known):
        oldest_last = sorted(
            details.value.users,
            key=lambda each: 0.0 if each.created_at is None else -each.created_at.timestamp(),
        )
        return Known(tuple(each.name for each in oldest_last))
    with Round(most=1) as asking:
        listed = asking.ask(reader.users)
    return _listing(listed.result(), "iam:ListUsers")


def _access(reader: Reader, users: Listing[tuple[str, ...]]) -> Listing[tuple[UserAccess, ...]]:
    if isinstance(users, Unknown):
        return users
    with Round(most=_AT_ONCE) as asking:
        asked = [
            (
                name,
                asking.ask(partial(reader.keys, name)),
                asking.ask(partial(reader.login_profile, name)),
            )
            for name in users.value[:MOST_USERS]
        ]
    return Known(
        tuple(
            UserAccess(
                user=name,
                keys=_keys(keys),
                password=_password(password),
            )
            for name, keys, password in asked
        )
    )


def _keys(asked: Future[Answer[tuple[KeyFact, ...]]]) -> Listing[tuple[KeyFact, ...]]:
    told = asked.result()
    if isinstance(told, Failed) and isinstance(told.error, NoSuchPrincipal):
        return Known(())  # deleted between the two calls
    return _listing(told, "iam:ListAccessKeys")


def _password(asked: Future[Answer[datetime | None]]) -> Reading[datetime]:
    match asked.result():
        case Told(value=made_at):
            return Absent() if made_at is None else Known(made_at)
        case Failed(error=error):
            return unknown(error, operation="iam:GetLoginProfile")


def _listing(told: Answer[_T], operation: str) -> Listing[_T]:
    match told:
        case Told(value=value):
            return Known(value)
        case Failed(error=error):
            return unknown(error, operation=operation)


def _missing(what: str, reading: Listing[_T]) -> tuple[str, ...]:
    return (f"{what}: {reading.detail}",) if isinstance(reading, Unknown) else ()


def _missing_services(services: Listing[tuple[ServiceCredential, ...]]) -> tuple[str, ...]:
    """Say what is unread; a cloud that has no such call has no such credentials either."""
    if isinstance(services, Unknown) and services.gap is Gap.UNSUPPORTED:
        return ()
    return _missing("service-specific credentials", services)


def _missing_access(
    users: Listing[tuple[str, ...]], access: Listing[tuple[UserAccess, ...]]
) -> tuple[str, ...]:
    """Say each reason once, and of how many users; a user who is gone by now is no gap."""
    if isinstance(access, Unknown) or isinstance(users, Unknown):
        return _missing("keys and passwords", access)
    reasons: dict[str, int] = {}
    for each in access.value:
        for what, reading in (("keys", each.keys), ("passwords", each.password)):
            if isinstance(reading, Unknown):
                words = f"{what}: {reading.detail}"
                reasons[words] = reasons.get(words, 0) + 1
    unread = [
        f"{words} (of {count} of {len(users.value)} users)" for words, count in reasons.items()
    ]
    over = len(users.value) - len(access.value)
    if over:
        unread.append(f"keys and passwords of the {over} oldest users: more than {MOST_USERS}")
    return tuple(unread)
