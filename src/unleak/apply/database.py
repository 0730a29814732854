"""SQLite as the journal needs it: durable at each commit, append-only, and never a traceback."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeAlias

from unleak.apply.home import HINT, create_private, shown
from unleak.errors import StateFolder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

SCHEMA_VERSION = 1
BUSY_SECONDS = 10.0
"""How long one process waits for another one's commit, which takes milliseconds."""

Row: TypeAlias = "tuple[int, str, str, str, str | None, str]"
"""number, incident, at, kind, step, body"""

_REFUSE = "BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END"
_SCHEMA = (
    """CREATE TABLE entry (
        number INTEGER PRIMARY KEY, incident TEXT NOT NULL, at TEXT NOT NULL,
        kind TEXT NOT NULL, step TEXT, body TEXT NOT NULL
    )""",
    "CREATE INDEX entry_incident ON entry (incident)",
    f"CREATE TRIGGER entry_keeps BEFORE UPDATE ON entry {_REFUSE}",
    f"CREATE TRIGGER entry_stays BEFORE DELETE ON entry {_REFUSE}",
    "CREATE TRIGGER entry_unique BEFORE INSERT ON entry "  # noqa: S608 - nothing from outside in it
    "WHEN EXISTS (SELECT 1 FROM entry WHERE number = NEW.number) " + _REFUSE,
    f"PRAGMA user_version = {SCHEMA_VERSION}",
)
_COLUMNS = "number, incident, at, kind, step, body"


class Database:
    """One connection to the journal file, shared by the threads of this process.

    Args:
        path: the file; made with mode 0600 when it is not there.

    Raises:
        StateFolder: it cannot be opened, is damaged or was written by a newer unleak.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.RLock()
        self._is_open_transaction = False
        with self._explained():
            create_private(path)
            self._connection = sqlite3.connect(
                path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
        try:
            with self._explained():
                self._connection.execute("PRAGMA journal_mode = WAL")
                self._connection.execute("PRAGMA synchronous = FULL")
                self._has_schema = self._version() > 0
        except StateFolder:
            self._connection.close()
            raise

    @property
    def place(self) -> str:
        """The file's path, safe on a terminal."""
        return shown(self.path)

    def close(self) -> None:
        """Close the connection; what was committed stays."""
        with self._lock, self._explained():
            self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make all appends inside durable together, with one sync of the disk; nesting joins in.

        Raises:
            StateFolder: it could not be written; then nothing of it was.
        """
        with self._lock:
            if self._is_open_transaction:
                yield
                return
            with self._explained():
                self._connection.execute("BEGIN IMMEDIATE")
            self._is_open_transaction = True
            try:
                with self._explained():
                    self._make_schema()
                yield
                with self._explained():
                    self._connection.execute("COMMIT")
                self._has_schema = True
            finally:
                self._is_open_transaction = False
                if self._connection.in_transaction:
                    with self._explained():
                        self._connection.execute("ROLLBACK")

    def append(self, rows: Sequence[tuple[str, str, str, str | None, str]]) -> None:
        """Append entries (incident, at, kind, step, body); durable when this returns.

        Raises:
            StateFolder: they could not be written.
        """
        with self.transaction(), self._explained():
            self._connection.executemany(
                "INSERT INTO entry (incident, at, kind, step, body) VALUES (?, ?, ?, ?, ?)", rows
            )

    def run(self, statement: str, values: Sequence[str] = ()) -> list[tuple[str, ...]]:
        """Run one statement of the tables that stand beside the journal, and return its rows.

        Args:
            statement: SQL of our own, never text from outside.
            values: what its question marks stand for.

        Raises:
            StateFolder: it could not be run.
        """
        with self._lock, self._explained():
            return self._connection.execute(statement, tuple(values)).fetchall()

    def rows(self, incident: str) -> list[Row]:
        """Return the entries of one incident, oldest first."""
        return self._select("WHERE incident = ? ORDER BY number", (incident,))

    def rows_of_kinds(self, kinds: Sequence[str]) -> list[Row]:
        """Return the entries of some kinds over all incidents, oldest first."""
        marks = ", ".join("?" * len(kinds))
        return self._select(f"WHERE kind IN ({marks}) ORDER BY number", tuple(kinds))

    def incident_ids(self) -> tuple[str, ...]:
        """Return the ids of all incidents, the oldest first."""
        return tuple(row[1] for row in self.rows_of_kinds(("created",)))

    def _select(self, rest: str, values: tuple[str, ...]) -> list[Row]:
        with self._lock, self._explained():
            if not self._has_schema and self._version() == 0:
                return []
            query = f"SELECT {_COLUMNS} FROM entry {rest}"  # noqa: S608 - made of our own words
            return self._connection.execute(query, values).fetchall()

    def _make_schema(self) -> None:
        """Make the tables in the same transaction as the first entry: one sync less."""
        if not self._has_schema and self._version() == 0:
            for statement in _SCHEMA:
                self._connection.execute(statement)

    def _version(self) -> int:
        row: tuple[int] = self._connection.execute("PRAGMA user_version").fetchone()
        if row[0] > SCHEMA_VERSION:
            message = f"the journal {shown(self.path)} was written by a newer unleak"
            raise StateFolder(message, hint="install the newest unleak, or set UNLEAK_HOME")
        return row[0]

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn what SQLite and the system say into a situation that a person can act on."""
        try:
            yield
        except sqlite3.Error as error:
            message = f"the journal {shown(self.path)} cannot be used: {error}"
            raise StateFolder(message, hint=_hint_for(error)) from error
        except OSError as error:
            message = f"the journal {shown(self.path)} cannot be used: {error.strerror or error}"
            raise StateFolder(message, hint=HINT) from error


def _hint_for(error: sqlite3.Error) -> str:
    if _is_busy(error):
        return "another unleak is writing to it: run the same command again"
    if isinstance(error, sqlite3.OperationalError):
        return HINT
    return "move the file away (keep it: it is evidence), or set UNLEAK_HOME to another folder"


def _is_busy(error: sqlite3.Error) -> bool:
    """Tell a lock held by another process; the low byte is SQLite's primary result code."""
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
