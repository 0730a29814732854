"""Follow what turns up in what is read, until nothing new does, and tell how much was read."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from unleak.model.trace import Trace
from unleak.trail.baseline import new_regions, what_files_lack
from unleak.trail.closure import close
from unleak.trail.damage import persistence_of, timeline_of
from unleak.trail.extent import Extent
from unleak.trail.kept import Kept

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from unleak.model.trace import Coverage, TracedCredential
    from unleak.trail.closure import Closed
    from unleak.trail.glance import Glance
    from unleak.trail.keeper import Keeper
    from unleak.trail.record import Record
    from unleak.trail.seeds import Seed
    from unleak.trail.source import Source
    from unleak.trail.tally import Tally
    from unleak.trail.tokens import Wanted

_CUT: Final = "a key was used from so many places that sessions from some of them may be missed"


class Pursuit:
    """One call of `trace`."""

    def __init__(
        self,
        seeds: tuple[Seed, ...],
        sources: Sequence[Source],
        since: datetime | None,
        until: datetime | None,
        hears: Callable[[str], None],
        keeper: Keeper,
        wanted: Wanted,
    ) -> None:
        self._seeds = seeds
        self._sources = sources
        self._since = since
        self._until = until
        self._hears = hears
        self._keeper = keeper
        self._wanted = wanted
        self._kept = Kept()
        self._extent = Extent()

    def run(self, readings: Iterable[Iterable[Glance]]) -> Trace:
        """Take in what is read, follow what it names, and return the answer.

        Args:
            readings: what the sources yield, the first time that they are read.
        """
        for reading in readings:
            for glance in reading:
                self._extent.add(glance)
                self._keep(glance)
                self._wanted.with_ids = self._extent.is_counting
                if self._extent.files % 500 == 0:
                    self._hears(f"read {self._extent.files} files")
        self._wanted.with_ids = False  # what is read again is not counted again
        closed = self._close()
        while self._grows():
            closed = self._close()
        records, counted = self._kept.records(), self._kept.tallies
        timeline = timeline_of(records, closed, counted)
        answer = Trace(
            seeds=tuple(each.label for each in self._seeds),
            credentials=tuple(_in_full(each, counted) for each in closed.credentials),
            principals=closed.principals,
            persistence=persistence_of(records, closed),
            timeline=replace(
                timeline, new_regions=new_regions(records, closed, self._extent.region_firsts)
            ),
            coverage=self._coverage(),
        )
        self._keeper.finish(answer, closed, self._wanted.words())
        return answer

    def _close(self) -> Closed:
        closed, sought = close(self._kept.records(), self._seeds)
        self._wanted.add(*sorted(sought))
        return closed

    def _grows(self) -> bool:
        """Look for what became known; return whether that has brought anything."""
        before = len(self._kept)
        for source in self._sources:
            for glance in source.again(self._wanted):
                self._extent.add_answer(glance)
                self._keep(glance)
        return len(self._kept) > before

    def _keep(self, glance: Glance) -> None:
        for record in glance.hits:
            if self._is_in_time(record) and self._kept.add(record):
                self._keeper.keep(record)
            if record.key_id in self._wanted and record.is_success:
                # sought from the next file on already; whether it belongs, the closure decides
                self._wanted.add(*(each.key_id for each in record.minted))

    def _is_in_time(self, record: Record) -> bool:
        at = record.at
        if at is None:
            return True
        if self._since is not None and at < self._since:
            return False
        return self._until is None or at <= self._until

    def _coverage(self) -> Coverage:
        gaps = [each for source in self._sources for each in source.gaps()]
        notes = [each for source in self._sources for each in source.notes()]
        if self._kept.is_cut:
            notes.append(_CUT)
        if self._extent.region_firsts:
            notes += what_files_lack(self._kept.records(), self._extent.last)
        return self._extent.coverage(gaps, notes)


def _in_full(credential: TracedCredential, counted: Mapping[str, Tally]) -> TracedCredential:
    """Return the credential with the calls that were counted only."""
    tally = counted.get(credential.access_key_id)
    if tally is None:
        return credential
    return replace(credential, events=credential.events + tally.events)
