"""Count calls without keeping them: all that the report tells of calls that are not listed."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from unleak.model.trace import Outcome
from unleak.trail.tactics import COSTS, DATA, plain_name, tactic_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from unleak.model.trace import Tactic
    from unleak.trail.record import Record

_MOST_TARGETS: Final = 20_000
"""Targets that are counted by name; more are counted by their call alone."""


class Tally:
    """What some calls come to."""

    def __init__(self) -> None:
        self.events = 0
        self.denied = 0
        self.outcomes: Counter[tuple[Tactic, Outcome]] = Counter()
        self.regions: Counter[str] = Counter()
        self.costs: Counter[str] = Counter()
        self.data: Counter[str] = Counter()
        self.first: datetime | None = None
        self.last: datetime | None = None

    def add(self, record: Record) -> None:
        """Count one call."""
        self.events += 1
        self.denied += record.is_denied
        self.outcomes[tactic_of(record.name), outcome_of(record)] += 1
        self.regions[record.region] += 1
        at = record.at
        if at is not None:
            self.first = at if self.first is None else min(self.first, at)
            self.last = at if self.last is None else max(self.last, at)
        if record.is_success:
            self._add_success(record)

    def add_all(self, other: Tally) -> None:
        """Count all that another tally has counted."""
        self.events += other.events
        self.denied += other.denied
        self.outcomes.update(other.outcomes)
        self.regions.update(other.regions)
        self.costs.update(other.costs)
        self.data.update(other.data)
        self.first = min(_known(self.first, other.first), default=None)
        self.last = max(_known(self.last, other.last), default=None)

    def _add_success(self, record: Record) -> None:
        name = plain_name(record.name)
        if name in COSTS:
            self.costs[record.name] += 1
        if name in DATA:
            label = f"{record.name} {record.target}".rstrip()
            is_room = label in self.data or len(self.data) < _MOST_TARGETS
            self.data[label if is_room else record.name] += 1


def outcome_of(record: Record) -> Outcome:
    """Return what came of a call."""
    if record.is_success:
        return Outcome.SUCCEEDED
    return Outcome.DENIED if record.is_denied else Outcome.FAILED


def tally_of(records: Iterable[Record]) -> Tally:
    """Return what these calls come to."""
    tally = Tally()
    for each in records:
        tally.add(each)
    return tally


def _known(*times: datetime | None) -> Iterable[datetime]:
    return (each for each in times if each is not None)
