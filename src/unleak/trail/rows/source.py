"""A file of rows as a trail: a second question about the same leak, answered without the logs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from unleak.model.trace import Skipped
from unleak.trail.glance import Glance
from unleak.trail.rows.database import opened
from unleak.trail.rows.row import cleaned, record_of
from unleak.trail.rows.tables import CALLS
from unleak.trail.tokens import Index

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from unleak.trail.tokens import Wanted

_COLUMNS: Final = tuple(CALLS)
_FIND: Final = f"SELECT {', '.join(_COLUMNS)} FROM calls WHERE list_has_any(words, ?)"  # noqa: S608 - our own names
_EXTENT: Final = """
SELECT count(*), min(event_time), max(event_time), list(DISTINCT region) FROM calls
"""
_NO_FILE: Final = Index(marks=b"")
"""Marks a glance as an answer, which adds nothing to the coverage."""


class RowsTrail:
    """What an earlier trace found.

    Args:
        path: a `.duckdb` that `RowsFile` wrote.

    Raises:
        NotInstalled: DuckDB is not there.
        NoRows: it is damaged.
        WrongUse: it holds no rows.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._database = opened(path)
        sought = self._database.asked("SELECT word FROM sought")
        self._sought = frozenset(str(word) for (word,) in sought)
        self._asked = 0
        self._strange: list[str] = []

    def read(self, wanted: Wanted) -> Iterator[Glance]:
        """Tell how much there is; what is sought is asked for after that."""
        del wanted
        ((events, first, last, regions),) = self._database.asked(_EXTENT)
        found = regions if isinstance(regions, list) else []
        yield Glance(
            path=str(self._path),
            events=events if isinstance(events, int) else 0,
            first=_in_utc(first),
            last=_in_utc(last),
            regions=tuple(sorted(str(each) for each in found if each)),
        )

    def again(self, wanted: Wanted) -> Iterator[Glance]:
        """Look for the words that became known since."""
        fresh = sorted({cleaned(each) or "" for each in wanted.later_than(self._asked)})
        self._asked = len(wanted)
        self._strange += [each for each in fresh if each not in self._sought]
        if not fresh:
            return
        for rows in self._database.answers(_FIND, [fresh]):
            hits = tuple(record_of(dict(zip(_COLUMNS, row, strict=True))) for row in rows)
            yield Glance(path=str(self._path), index=_NO_FILE, hits=hits)

    def gaps(self) -> tuple[Skipped, ...]:
        """Return what the first trace left out, and what it did not seek."""
        found = self._database.asked("SELECT path, why FROM skipped")
        gaps = [Skipped(path=str(path), why=str(why)) for path, why in found]
        if self._strange:
            others = len(self._strange) - 1
            what = self._strange[0] + (f" and {others} more" if others else "")
            why = f"{what} was not sought when these rows were written: ask the logs"
            gaps.append(Skipped(path=str(self._path), why=why))
        return tuple(gaps)

    def notes(self) -> tuple[str, ...]:
        """Return what the rows are of."""
        told = self._database.asked("SELECT name, value FROM about")
        about = {str(name): str(value or "") for name, value in told}
        whole = (
            f"{self._path.name} holds what a trace of {about.get('seeds')} found in"
            f" {about.get('files')} files with {about.get('events')} events,"
            f" {about.get('duplicates')} of them copies"
        )
        spans = [
            f"it was told to leave out what happened {word} {about[name]}"
            for name, word in (("since", "before"), ("until", "after"))
            if about.get(name)
        ]
        notes = [str(note) for (note,) in self._database.asked("SELECT note FROM notes")]
        return (whole, *spans, *notes)


def _in_utc(at: object) -> datetime | None:
    return at.replace(tzinfo=UTC) if isinstance(at, datetime) else None
