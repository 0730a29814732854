"""The folder where journal and locks live: private to one person and writable, or we say so."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from unleak.errors import StateFolder

HINT = "set UNLEAK_HOME to a folder that you can write to, and run the same command again"
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def state_home() -> Path:
    """Return `$UNLEAK_HOME`, else the platform's folder for state; nothing is created."""
    chosen = os.environ.get("UNLEAK_HOME")
    if chosen:
        return Path(chosen).expanduser()
    from platformdirs import user_state_dir  # noqa: PLC0415 - not needed when the folder is named

    return Path(user_state_dir("unleak", appauthor=False))


def prepare_home(path: Path) -> Path:
    """Make the folder, with mode 0700 where there are modes, and return it.

    On Windows the folder inherits the access list of the person's profile, which is private.

    Args:
        path: the folder; parents are made as well.

    Raises:
        StateFolder: it cannot be made, is not a folder or cannot be written to.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        make_private(path, 0o700)
    except OSError as error:
        message = f"the state folder {shown(path)} cannot be used: {error.strerror or error}"
        raise StateFolder(message, hint=HINT) from error
    if not os.access(path, os.W_OK | os.X_OK):
        message = f"the state folder {shown(path)} cannot be written to"
        raise StateFolder(message, hint=HINT)
    return path


def make_private(path: Path, mode: int) -> None:
    """Take away what group and others may do, where the system knows modes.

    Args:
        path: a file or folder.
        mode: the mode that it gets if it is open to others now.

    Raises:
        OSError: it is not ours to change.
    """
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & _OTHERS:
        path.chmod(mode)


def create_private(path: Path) -> None:
    """Make an empty file of mode 0600 unless there is one; an existing file is never opened.

    Opening and closing a file drops the POSIX locks that this process holds on it through SQLite.
    Source: https://www.sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_

    Raises:
        OSError: it cannot be made.
    """
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        make_private(path, 0o600)


def shown(path: Path) -> str:
    """Return the path as text that is safe on a terminal."""
    return ascii(str(path))[1:-1]
