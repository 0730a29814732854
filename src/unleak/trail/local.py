"""A trail in files: listed in the order of delivery, read on every processor."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from unleak.errors import WrongUse
from unleak.model.trace import Skipped
from unleak.trail.crew import Crew
from unleak.trail.layout import LOG_SUFFIXES, delivered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unleak.trail.glance import Glance
    from unleak.trail.tokens import Index, Wanted

_NO_EVENTS: Final = ("CloudTrail-Digest", "CloudTrail-Insight")


class LocalTrail:
    """Files and folders on this machine.

    Args:
        paths: files, which are read whatever their names, and folders.

    Raises:
        WrongUse: a path is not there.
    """

    def __init__(self, paths: tuple[Path, ...]) -> None:
        self._others: list[str] = []
        self._gaps: list[Skipped] = []
        self._digests = 0
        listed = [each for path in paths for each in self._below(path)]
        self._files = sorted(dict.fromkeys(listed), key=delivered)
        self._indexes: dict[str, tuple[Index, int]] = {}

    @property
    def files(self) -> tuple[str, ...]:
        """The files, in the order of delivery."""
        return tuple(self._files)

    def read(self, wanted: Wanted) -> Iterator[Glance]:
        """Read every file once."""
        with Crew(self._files) as crew:
            for known, glance in crew.glances(self._files, wanted, since=lambda _: 0):
                if glance.index is not None:
                    self._indexes[glance.path] = (glance.index, known)
                yield glance

    def again(self, wanted: Wanted) -> Iterator[Glance]:
        """Open the files again that may hold what became known since."""
        since = {path: known for path, (_, known) in self._indexes.items()}
        worth = [
            path
            for path, (index, known) in self._indexes.items()
            if index.may_hold(wanted.later_than(known) if known else frozenset())
        ]
        total = len(wanted)
        for path, (index, _) in list(self._indexes.items()):
            self._indexes[path] = (index, total)
        with Crew(worth) as crew:
            for _, glance in crew.glances(worth, wanted, since=lambda path: since[path]):
                yield glance

    def gaps(self) -> tuple[Skipped, ...]:
        """Return the folders that could not be looked into."""
        return tuple(self._gaps)

    def notes(self) -> tuple[str, ...]:
        """Return which files of the folders were taken for something else."""
        notes = []
        if self._others:
            count = len(self._others)
            what = "1 file is" if count == 1 else f"{count} files are"
            notes.append(f"{what} no log by name, and left out, such as {self._others[0]}")
        if self._digests:
            notes.append("folders of digests and insights were left out: they hold no calls")
        return tuple(notes)

    def _below(self, path: Path) -> Iterator[str]:
        if path.is_file():
            yield os.path.realpath(path)
            return
        if not path.is_dir():
            message = f"there is no trail at {str(path)[:200]!a}"
            raise WrongUse(message, hint="name a file, a folder, or `lookup`")
        for folder, below, names in os.walk(path, onerror=self._not_listed):
            self._digests += sum(each in _NO_EVENTS for each in below)
            below[:] = [each for each in below if each not in _NO_EVENTS]
            real = os.path.realpath(folder)  # once: it asks for each part of a path
            for name in names:
                full = os.path.join(real, name)  # noqa: PTH118 - many files
                if name.endswith(LOG_SUFFIXES):
                    yield os.path.realpath(full) if os.path.islink(full) else full  # noqa: PTH114
                else:
                    self._others.append(name)

    def _not_listed(self, error: OSError) -> None:
        why = f"it cannot be listed: {error.strerror}"
        self._gaps.append(Skipped(path=str(error.filename), why=why))
