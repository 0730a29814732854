"""Puts the account's long-lived credentials together: the listings, the report, and the gaps."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from unleak.aws.failures import gap_of
from unleak.errors import ClockSkew, MissingPermission, ResponderCredentials, UnleakError
from unleak.identify.holdings_of_root import root_holdings
from unleak.model.frozen import dataclass
from unleak.model.holding import Holding, HoldingKind, HoldingState, NotAudited, Used
from unleak.model.reading import NOT_LOOKED_AT, Absent, Gap, Known, Unknown
from unleak.model.register import KEYS_COUNTED_SINCE, CredentialReport, RegisteredUser

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from unleak.model.ports import Reader
    from unleak.model.reading import Reading
    from unleak.model.register import Register, Registered, ReportKey, ReportRow

T = TypeVar("T")

AT_ONCE = 8
"""Users asked about at once: IAM throttles the account, and others want to work too."""
_TOLD_EVERY = 50
_FINAL = frozenset({Gap.DENIED, Gap.UNREACHABLE, Gap.UNSUPPORTED})
"""What is so for one user is so for all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """All that could be seen, and what could not."""

    holdings: tuple[Holding, ...]
    not_audited: tuple[NotAudited, ...]
    users_seen: int
    report_at: datetime | None


def inventory(
    register: Register, reader: Reader, *, hears: Callable[[str], None] = lambda _: None
) -> Inventory:
    """Return every long-lived credential of the account.

    Key ids come from listings, which are of this moment; passwords, second factors and last uses
    come from the credential report, which is up to four hours old.

    Args:
        register: the listings and the report.
        reader: asks for the account's summary and single uses.
        hears: is told of progress.

    Raises:
        ResponderCredentials: the responder cannot sign.
        ClockSkew: no signature of ours will be accepted.
    """
    return _Count(register, reader, hears).run()


class _Questions:
    """Asks, keeps the gaps, and does not repeat to 5,000 users what is refused for one."""

    def __init__(self) -> None:
        self.gaps: list[NotAudited] = []
        self._closed: set[str] = set()
        self._lock = threading.Lock()

    def ask(self, what: str, call: Callable[[], T], *, whose: str = "") -> T | None:
        """Return the answer, None where there is none: then the gap is noted."""
        with self._lock:
            if what in self._closed:
                return None
        try:
            return call()
        except (ResponderCredentials, ClockSkew):
            raise
        except UnleakError as error:
            self._note(what, error, whose)
            return None

    def _note(self, what: str, error: UnleakError, whose: str) -> None:
        is_final = not whose or gap_of(error).gap in _FINAL
        with self._lock:
            if what in self._closed:
                return
            if is_final:
                self._closed.add(what)
            where = what if is_final else f"{what} of user/{whose}"
            self.gaps.append(NotAudited(where=where, why=error.message))


class _Count:
    """One inventory."""

    def __init__(self, register: Register, reader: Reader, hears: Callable[[str], None]) -> None:
        self._register = register
        self._reader = reader
        self._hears = hears
        self._questions = _Questions()
        self._rows: Mapping[str, ReportRow] = {}
        self._has_report = False

    def run(self) -> Inventory:
        self._hears("asking IAM for the credential report")
        report = self._questions.ask("credential report", self._register.report)
        if report is not None:
            self._has_report = True
            self._rows = {row.user: row for row in report.rows}
            if report.note:
                gap = NotAudited(where="credential report", why=report.note)
                self._questions.gaps.append(gap)
        summary = self._questions.ask("account summary", self._reader.account_summary)
        root = next((row for row in self._rows.values() if row.is_root), None)
        found, gaps = root_holdings(root, summary)
        users = self._users(report)
        holdings = [*found, *self._of_users(users), *self._service_keys(users)]
        return Inventory(
            holdings=tuple(holdings),
            not_audited=(*self._questions.gaps, *gaps),
            users_seen=len(users),
            report_at=None if report is None else report.made_at,
        )

    def _users(self, report: CredentialReport | None) -> tuple[RegisteredUser, ...]:
        listed = self._questions.ask("users", self._register.users)
        if listed is not None:
            return listed
        rows = () if report is None else report.rows
        return tuple(
            RegisteredUser(name=row.user, arn=row.arn, created_at=row.created_at)
            for row in rows
            if not row.is_root
        )

    def _of_users(self, users: tuple[RegisteredUser, ...]) -> Iterable[Holding]:
        with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
            answers = pool.map(self._of_user, users)
            for number, each in enumerate(answers, start=1):
                if number % _TOLD_EVERY == 0:
                    self._hears(f"looked at {number} of {len(users)} users")
                yield from each

    def _of_user(self, user: RegisteredUser) -> list[Holding]:
        row = self._rows.get(user.name)
        holdings = [*self._keys(user, row), *self._password(user, row)]
        holdings += self._listed(
            user, HoldingKind.SSH_KEY, "SSH public keys", self._register.ssh_keys
        )
        if row is None or any(each.is_active or each.rotated_at for each in row.certificates):
            holdings += self._listed(
                user,
                HoldingKind.CERTIFICATE,
                "signing certificates",
                self._register.certificates,
            )
        return holdings

    def _keys(self, user: RegisteredUser, row: ReportRow | None) -> list[Holding]:
        listed = self._questions.ask(
            "access keys", lambda: self._register.access_keys(user.name), whose=user.name
        )
        if listed is None:
            return [] if row is None else _keys_of_row(row)
        return [
            _holding(HoldingKind.ACCESS_KEY, user, each, self._key_use(each, row))
            for each in listed
        ]

    def _key_use(self, key: Registered, row: ReportRow | None) -> Reading[Used]:
        """Take the last use from the report where the dates tell which column it is, else ask."""
        columns = () if row is None else row.keys
        same = [each for each in columns if each.rotated_at == key.created_at is not None]
        if len(same) == 1:
            return same[0].last_used
        return self._asked_use(key)

    def _asked_use(self, key: Registered) -> Reading[Used]:
        use = self._questions.ask(
            "last uses of access keys", lambda: self._reader.key_use(key.id), whose=key.user
        )
        if use is None:
            return NOT_LOOKED_AT
        if use.last_used_at is None:
            is_counted = key.created_at is not None and key.created_at >= KEYS_COUNTED_SINCE
            return Absent() if is_counted else Unknown(Gap.UNSUPPORTED, "IAM knows of no use")
        return Known(Used(at=use.last_used_at, service=use.service, region=use.region))

    def _password(self, user: RegisteredUser, row: ReportRow | None) -> list[Holding]:
        if row is not None and row.has_password is not None:
            return [_password_of_row(row)] if row.has_password else []
        made_at = self._questions.ask(
            "passwords", lambda: (self._reader.login_profile(user.name),), whose=user.name
        )
        if made_at is None or made_at[0] is None:
            return []
        has_mfa = self._questions.ask(
            "MFA devices", lambda: self._register.has_mfa(user.name), whose=user.name
        )
        return [
            Holding(
                kind=HoldingKind.PASSWORD,
                owner=user.name,
                owner_arn=user.arn,
                state=HoldingState.ACTIVE,
                created_at=made_at[0],
                has_mfa=has_mfa,
            )
        ]

    def _listed(
        self,
        user: RegisteredUser,
        kind: HoldingKind,
        what: str,
        listing: Callable[[str], tuple[Registered, ...]],
    ) -> list[Holding]:
        found = self._questions.ask(what, lambda: listing(user.name), whose=user.name)
        return [_holding(kind, user, each, _UNCOUNTED) for each in found or ()]

    def _service_keys(self, users: tuple[RegisteredUser, ...]) -> list[Holding]:
        """List them for all users at once; one by one where the cloud or botocore is older."""
        by_name = {user.name: user for user in users}
        try:
            found = self._register.service_keys(None)
        except (ResponderCredentials, ClockSkew):
            raise
        except MissingPermission as error:
            self._questions.gaps.append(NotAudited(where="service keys", why=error.message))
            return []
        except UnleakError:
            found = tuple(self._service_keys_one_by_one(users))
        return [
            _holding(
                HoldingKind.SERVICE_KEY,
                by_name.get(each.user) or RegisteredUser(name=each.user, arn=""),
                each,
                _UNCOUNTED,
            )
            for each in found
        ]

    def _service_keys_one_by_one(self, users: tuple[RegisteredUser, ...]) -> Iterable[Registered]:
        def listed(user: RegisteredUser) -> tuple[Registered, ...]:
            return (
                self._questions.ask(
                    "service keys",
                    lambda: self._register.service_keys(user.name),
                    whose=user.name,
                )
                or ()
            )

        with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
            for each in pool.map(listed, users):
                yield from each


_UNCOUNTED = Unknown(Gap.UNSUPPORTED, "IAM keeps no record of its use")


def _holding(
    kind: HoldingKind, user: RegisteredUser, found: Registered, last_used: Reading[Used]
) -> Holding:
    return Holding(
        kind=kind,
        owner=user.name,
        owner_arn=user.arn,
        id=found.id,
        state=found.state,
        created_at=found.created_at,
        last_used=last_used,
        service=found.service,
        expires_at=found.expires_at,
    )


def _password_of_row(row: ReportRow) -> Holding:
    return Holding(
        kind=HoldingKind.PASSWORD,
        owner=row.user,
        owner_arn=row.arn,
        state=HoldingState.ACTIVE,
        created_at=row.password_changed_at or row.created_at,
        last_used=row.password_last_used,
        has_mfa=row.has_mfa,
    )


def _keys_of_row(row: ReportRow) -> list[Holding]:
    """Return what the report alone tells: no key ids, and nothing of keys made since."""
    return [
        Holding(
            kind=HoldingKind.ACCESS_KEY,
            owner=row.user,
            owner_arn=row.arn,
            state=_state(key),
            created_at=key.rotated_at,
            last_used=key.last_used,
        )
        for key in row.keys
        if key.is_active or key.rotated_at is not None
    ]


def _state(key: ReportKey) -> HoldingState:
    return HoldingState.ACTIVE if key.is_active else HoldingState.INACTIVE
