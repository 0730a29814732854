"""How much of the sources was read: files, events, duplicates, span, regions, what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from unleak.evidence.clean import printable
from unleak.model.trace import Coverage, Skipped
from unleak.trail.event_ids import one_by_one, packed_ids

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator
    from datetime import datetime

    from unleak.trail.glance import Glance

_MOST_IDS: Final = 400_000
"""Event ids that are remembered to count duplicates; what is traced is told apart without end."""
_LONGEST_PATH: Final = 400


class Extent:
    """How much was read."""

    def __init__(self) -> None:
        self.files = 0
        self._events = 0
        self._duplicates = 0
        self._ids: set[Hashable] = set()
        self.is_counting = True
        """Whether event ids are still taken."""
        self._skipped: list[Skipped] = []
        self._first: datetime | None = None
        self.last: datetime | None = None
        self._regions: set[str] = set()
        self.region_firsts: dict[str, datetime] = {}
        """When each region is first named by anybody."""

    def add(self, glance: Glance) -> None:
        """Count one part of a source."""
        self.files += 1
        self._events += glance.events
        if glance.why:
            path = printable(glance.path, limit=_LONGEST_PATH)
            self._skipped.append(Skipped(path=path, why=printable(glance.why)))
        self._regions.update(printable(each, limit=40) for each in glance.regions)
        for region, at in glance.region_firsts:
            self.region_firsts[region] = min(at, self.region_firsts.get(region, at))
        self._first = min(_known(self._first, glance.first), default=None)
        self.last = max(_known(self.last, glance.last), default=None)
        self._count(glance)

    def add_answer(self, glance: Glance) -> None:
        """Count what a later question was answered with, where that is no file read again.

        A file that cannot be read a second time is told: what it holds of a new key is missing.
        """
        if glance.why:
            path = printable(glance.path, limit=_LONGEST_PATH)
            skipped = Skipped(path=path, why=printable(glance.why))
            if skipped not in self._skipped:
                self._skipped.append(skipped)
        elif glance.index is None:
            self.add(glance)

    def _count(self, glance: Glance) -> None:
        if not self.is_counting:
            return
        uuids, others = packed_ids(glance.event_ids)
        known = one_by_one(glance.uuids + uuids, others)
        before = len(self._ids)
        self._ids.update(known)
        self._duplicates += len(known) - (len(self._ids) - before)
        if len(self._ids) > _MOST_IDS:
            self.is_counting = False
            self._ids.clear()

    def coverage(self, gaps: list[Skipped], notes: list[str]) -> Coverage:
        """Return it."""
        if not self.is_counting:
            notes = [*notes, f"duplicates were counted among the first {_MOST_IDS} events only"]
        return Coverage(
            files=self.files,
            events=self._events,
            duplicates=self._duplicates,
            skipped=tuple(dict.fromkeys((*self._skipped, *gaps))),
            first=self._first,
            last=self.last,
            regions=tuple(sorted(self._regions)),
            notes=tuple(notes),
        )


def _known(*times: datetime | None) -> Iterator[datetime]:
    return (each for each in times if each is not None)
