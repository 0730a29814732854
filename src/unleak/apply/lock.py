"""One process at a time on one incident: a lock that the system takes away when the process dies.

It is SQLite's exclusive lock on an empty file, because that works on every system that Python runs
on and needs no cleaning up after `kill -9`.
"""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing, contextmanager
from hashlib import sha256
from typing import TYPE_CHECKING

from unleak.apply.home import HINT, create_private, prepare_home, shown
from unleak.errors import IncidentBusy, StateFolder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FOLDER = "locks"
_PLAIN = re.compile(r"[a-z0-9-]{1,40}", re.ASCII)


@contextmanager
def hold(home: Path, name: str, *, wait_seconds: float = 0.0) -> Iterator[None]:
    """Hold the lock of one incident for the length of a `with` block.

    Args:
        home: the state folder.
        name: the incident's id, or any other name.
        wait_seconds: how long to wait for another process that holds it.

    Raises:
        IncidentBusy: another process (or thread) holds it.
        StateFolder: the lock file cannot be made.
    """
    path = prepare_home(home / FOLDER) / file_name(name)
    try:
        create_private(path)
    except OSError as error:
        message = f"the lock {shown(path)} cannot be made: {error.strerror or error}"
        raise StateFolder(message, hint=HINT) from error
    with closing(_connect(path, wait_seconds)) as connection:
        _take(connection, path, name)
        yield


def file_name(name: str) -> str:
    """Return a file name for a lock: the name itself if it is plain, else a digest of it."""
    if _PLAIN.fullmatch(name):
        return f"{name}.lock"
    digest = sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
    return f"_{digest[:40]}.lock"


def _connect(path: Path, wait_seconds: float) -> sqlite3.Connection:
    try:
        return sqlite3.connect(
            path, timeout=wait_seconds, isolation_level=None, check_same_thread=False
        )
    except sqlite3.Error as error:
        raise _unusable(path, error) from error


def _take(connection: sqlite3.Connection, path: Path, name: str) -> None:
    try:
        connection.execute("PRAGMA journal_mode = MEMORY")  # else a second file stands beside it
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise _unusable(path, error) from error
        message = f"another unleak is working on {name[:60]!a}"
        hint = "wait for it to end; if it hangs, end it and run `unleak resume`"
        raise IncidentBusy(message, hint=hint) from error
    except sqlite3.Error as error:
        raise _unusable(path, error) from error


def _unusable(path: Path, error: sqlite3.Error) -> StateFolder:
    message = f"the lock {shown(path)} cannot be used: {error}"
    return StateFolder(message, hint=HINT)
