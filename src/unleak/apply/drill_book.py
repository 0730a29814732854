"""The drills of this machine, one file each: what may be left over, and the baseline of later ones.

A drill is written down before its role is made, so that whoever comes after a crash knows its name.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from unleak.apply.codec import Unfit, dump, load
from unleak.apply.home import HINT, prepare_home, shown
from unleak.errors import StateFolder
from unleak.model.drill import Drill

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = "drills"


class DrillBook:
    """The files.

    Args:
        home: the state folder.

    Raises:
        StateFolder: the folder cannot be used.
    """

    def __init__(self, home: Path) -> None:
        self._folder = prepare_home(home / FOLDER)

    def write(self, drill: Drill) -> None:
        """Keep a drill as it stands now; durable when this returns, and never half written.

        Raises:
            StateFolder: it could not be written.
        """
        path = self._folder / f"{drill.id}.json"
        new = path.with_suffix(".new")
        try:
            handle = os.open(new, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(dump(drill))
                file.flush()
                os.fsync(file.fileno())
            new.replace(path)
            _sync_folder(self._folder)
        except OSError as error:
            message = f"the drill cannot be kept in {shown(path)}: {error.strerror or error}"
            raise StateFolder(message, hint=HINT) from error

    def drills(self) -> tuple[Drill, ...]:
        """Return all that can be read, newest first; `unreadable` names the others."""
        found = [each for each in map(_read, self._paths()) if each is not None]
        return tuple(sorted(found, key=lambda drill: drill.at, reverse=True))

    def unreadable(self) -> tuple[str, ...]:
        """Return the files that are damaged, or that a newer unleak has written."""
        return tuple(shown(path) for path in self._paths() if _read(path) is None)

    def _paths(self) -> list[Path]:
        return sorted(self._folder.glob("*.json"))


def _read(path: Path) -> Drill | None:
    try:
        return load(Drill, path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, Unfit):
        return None  # not swallowed: `unreadable` names it


def _sync_folder(folder: Path) -> None:
    """Make the new name durable too, where a folder can be opened."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
