"""The claims of one machine, in the journal's own file: one transaction writes both.

For a runner that answers events without a table: a cron job, a container, a person who tries a
policy out.  Processes of one machine share the file; another machine does not see it.
"""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from unleak.apply.codec import Unfit, decode, encode
from unleak.apply.database import Database
from unleak.apply.fold import EntryKind
from unleak.apply.home import prepare_home
from unleak.errors import IncidentBusy, StateFolder
from unleak.model.claim import Claim, ClaimState, Lapsed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from unleak.apply.database import Row
    from unleak.model.outcome import Status

_SCHEMA = "CREATE TABLE IF NOT EXISTS claim (subject TEXT PRIMARY KEY, body TEXT NOT NULL)"
_ONE = "SELECT body FROM claim WHERE subject = ?"
_ALL = "SELECT subject, body FROM claim ORDER BY subject"
_PUT = "INSERT OR REPLACE INTO claim (subject, body) VALUES (?, ?)"


def _local_now() -> datetime:
    return datetime.now(UTC)


class FolderClaims:
    """The claims in a state folder; see `Claims` for what each call promises.

    Args:
        path: the journal's file.
        now: the time; leases end by it, and only processes of this machine compare them.
    """

    def __init__(self, path: Path, now: Callable[[], datetime] = _local_now) -> None:
        self._path = path
        self._now = now

    def take(self, subject: str, *, owner: str, seconds: float, alert: str) -> Claim:
        """Take the claim, or learn who has it."""
        with self._changing() as database:
            there = _read(database, subject) or _new(subject, alert)
            there = replace(there, deliveries=there.deliveries + 1)
            if there.owner and not there.is_free(self._now()):
                return _write(database, there)
            return self._handed(database, there, owner, seconds)

    def retake(self, claim: Claim, *, owner: str, seconds: float, alert: str) -> Claim:
        """Take a claim that has ended, if nobody has since it was read."""
        with self._changing() as database:
            there = _known(database, claim.subject)
            if there.turn != claim.turn or there.state not in {ClaimState.DONE, ClaimState.TOLD}:
                return there
            anew = replace(there, alert=alert, incident=None, tries=0)
            return self._handed(database, anew, owner, seconds)

    @contextmanager
    def keeping(self, claim: Claim, *, seconds: float) -> Iterator[None]:
        """Renew the lease from another thread for the length of a `with` block."""
        end = threading.Event()
        thread = threading.Thread(
            target=self._renew, args=(claim, seconds, end), name="claim", daemon=True
        )
        thread.start()
        try:
            yield
        finally:
            end.set()
            thread.join()

    def wait(self, claim: Claim, *, token_hash: str, until: datetime, plan_words: str) -> Claim:
        """Let it wait for an approval."""
        return self._changed(
            claim,
            lambda there: replace(
                there,
                state=ClaimState.WAITING,
                until=until,
                token_hash=token_hash,
                plan_words=plan_words,
            ),
        )

    def approve(self, subject: str, *, token_hash: str, owner: str, seconds: float) -> Claim | None:
        """Turn a waiting claim into one that is worked on; one token counts once."""
        with self._changing() as database:
            there = _read(database, subject)
            if there is None:
                return None
            waits = there.state is ClaimState.WAITING and not there.is_free(self._now())
            if not waits or there.token_hash != token_hash:
                return there
            return self._handed(database, there, owner, seconds)

    def finish(self, claim: Claim, *, incident: str | None, status: Status) -> Claim:
        """Note how the response ended."""
        return self._changed(
            claim,
            lambda there: replace(
                there,
                state=ClaimState.DONE,
                until=None,
                incident=incident or there.incident,
                status=status,
                ended_at=self._now(),
            ),
        )

    def told(self, claim: Claim) -> Claim:
        """Note that people were told, and that nothing else was to be done."""
        return self._changed(
            claim,
            lambda there: replace(there, state=ClaimState.TOLD, until=None, ended_at=self._now()),
        )

    def release(self, claim: Claim) -> None:
        """End the lease now; nothing happens where the claim is another worker's by now."""
        with self._changing() as database:
            there = _known(database, claim.subject)
            if _is_same(there, claim):
                _write(database, replace(there, until=None))

    def look(self, subject: str) -> Claim | None:
        """Return the claim as it stands."""
        with self._changing() as database:
            return _read(database, subject)

    def lapsed(self) -> Lapsed:
        """Return the claims whose worker gives no sign of life."""
        with self._changing() as database:
            rows = database.run(_ALL)
        now, found, unreadable = self._now(), [], []
        for subject, body in rows:
            try:
                claim = _claim(subject, body)
            except StateFolder as error:
                unreadable.append(error.message)
            else:
                found.append(claim)
        left = (each for each in found if each.state is ClaimState.WORKING and each.is_free(now))
        return Lapsed(claims=tuple(left), unreadable=tuple(unreadable))

    def _handed(self, database: Database, there: Claim, owner: str, seconds: float) -> Claim:
        taken = replace(
            there,
            state=ClaimState.WORKING,
            owner=owner,
            until=self._now() + timedelta(seconds=seconds),
            turn=there.turn + 1,
            tries=there.next_try,
            status=None,
            token_hash="",
            ended_at=None,
        )
        return replace(_write(database, taken), is_ours=True)

    def _changed(self, claim: Claim, change: Callable[[Claim], Claim]) -> Claim:
        """Change a claim that is still ours.

        Raises:
            IncidentBusy: another worker has taken it over.
        """
        with self._changing() as database:
            there = _known(database, claim.subject)
            _check(there, claim)
            return _write(database, change(there))

    def _renew(self, claim: Claim, seconds: float, end: threading.Event) -> None:
        while not end.wait(seconds / 3):
            until = self._now() + timedelta(seconds=seconds)
            try:
                self._changed(claim, lambda there, until=until: replace(there, until=until))  # type: ignore[misc]  # mypy cannot infer a lambda with a default
            except IncidentBusy:
                return  # whatever the worker writes next is refused, and says so
            except StateFolder:
                continue  # the file is busy: the next beat may get through before the lease ends

    @contextmanager
    def _changing(self) -> Iterator[Database]:
        prepare_home(self._path.parent)
        database = Database(self._path)
        try:
            with database.transaction():
                database.run(_SCHEMA)
                yield database
        finally:
            database.close()


class BoundEntries:
    """The journal's rows; the first incident begun in them is noted on a claim with its first row.

    Args:
        entries: the open file.
        claim: ours.
    """

    def __init__(self, entries: Database, claim: Claim) -> None:
        self._entries = entries
        self._claim = claim

    @property
    def place(self) -> str:
        """Where the rows are."""
        return self._entries.place

    def transaction(self) -> AbstractContextManager[None]:
        """Make all appends inside durable together."""
        return self._entries.transaction()

    def append(self, rows: Sequence[tuple[str, str, str, str | None, str]]) -> None:
        """Append entries, and the claim's incident with the first of them.

        Raises:
            IncidentBusy: another worker has taken the claim over: nothing was written.
        """
        with self._entries.transaction():
            for incident, _at, kind, _step, _body in rows:
                if kind == EntryKind.CREATED:
                    there = _known(self._entries, self._claim.subject)
                    _check(there, self._claim)
                    _write(self._entries, replace(there, incident=incident))
            self._entries.append(rows)

    def rows(self, incident: str) -> list[Row]:
        """Return the entries of one incident, oldest first."""
        return self._entries.rows(incident)

    def rows_of_kinds(self, kinds: Sequence[str]) -> list[Row]:
        """Return the entries of some kinds over all incidents."""
        return self._entries.rows_of_kinds(kinds)

    def incident_ids(self) -> tuple[str, ...]:
        """Return the ids of all incidents, the oldest first."""
        return self._entries.incident_ids()

    def close(self) -> None:
        """Let go."""
        self._entries.close()


def _new(subject: str, alert: str) -> Claim:
    return Claim(
        subject=subject,
        state=ClaimState.WORKING,
        owner="",
        until=None,
        turn=0,
        deliveries=0,
        is_ours=False,
        alert=alert,
    )


def _is_same(there: Claim, claim: Claim) -> bool:
    return there.owner == claim.owner and there.state is ClaimState.WORKING


def _check(there: Claim, claim: Claim) -> None:
    if not _is_same(there, claim):
        message = f"another worker has taken over {claim.subject}"
        raise IncidentBusy(message, hint="it goes on from here; nothing more was done by this one")


def _known(database: Database, subject: str) -> Claim:
    there = _read(database, subject)
    if there is None:
        message = f"there is no claim on {subject}"
        raise IncidentBusy(message, hint="the state folder was taken away meanwhile")
    return there


def _read(database: Database, subject: str) -> Claim | None:
    rows = database.run(_ONE, (subject,))
    return _claim(subject, rows[0][0]) if rows else None


def _claim(subject: str, body: str) -> Claim:
    """Return the claim that a row holds.

    Raises:
        StateFolder: it is damaged, or a newer unleak wrote it.
    """
    try:
        return decode(Claim, json.loads(body))
    except (Unfit, ValueError) as error:
        message = f"the claim {subject[:60]!a} cannot be understood"
        raise StateFolder(message, hint="if a newer unleak wrote it, install that") from error


def _write(database: Database, claim: Claim) -> Claim:
    body = json.dumps(encode(replace(claim, is_ours=False)), separators=(",", ":"))
    database.run(_PUT, (claim.subject, body))
    return claim
