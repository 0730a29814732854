"""The lag: what each region believes, which is what the control plane said some seconds ago."""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lab.lagging.estate import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Lag:
    """How far enforcement is behind.

    Args:
        seconds: from a write until regions act on it.
        jitter: up to so many seconds more, drawn anew for each write and region.
        per_region: regions that are slower or quicker than the others.
    """

    seconds: float = 4.0
    jitter: float = 0.0
    per_region: Mapping[str, float] = field(default_factory=dict)

    def of(self, region: str) -> float:
        """Return the lag of a region without the jitter."""
        return self.per_region.get(region, self.seconds)


class Planes:
    """The data planes of all regions.

    A write never overtakes an earlier one: a region sees the history of the control plane, late but
    in order.

    Args:
        lag: how late.
        first: the world that every region knows from the beginning.
        seed: makes the jitter the same in every run.
    """

    def __init__(self, lag: Lag, first: World, seed: int) -> None:
        self.lag = lag
        self._random = random.Random(seed)  # noqa: S311 - spreads delays, guards no secret
        self._history: list[tuple[datetime, World]] = []
        self._settled = first
        self._seen_at: dict[str, list[datetime]] = {}

    def publish(self, world: World, now: datetime) -> None:
        """Take in a write of the control plane; regions see it when their lag has passed."""
        self._history.append((now, world))
        for region in sorted(self._seen_at):
            self._schedule(region, now)

    def settle(self, world: World) -> None:
        """Let every region know the newest world at once, as if it had been so for long."""
        self._settled = world
        self._history.clear()
        self._seen_at.clear()

    def at(self, region: str, now: datetime) -> World:
        """Return the world that a region goes by."""
        if region not in self._seen_at:
            self._seen_at[region] = []
            for written, _ in self._history:
                self._schedule(region, written)
        seen = bisect_right(self._seen_at[region], now)
        return self._settled if seen == 0 else self._history[seen - 1][1]

    def settled_at(self, region: str, now: datetime) -> datetime:
        """Return the instant at which a region will have seen all that is written so far."""
        self.at(region, now)
        return max([now, *self._seen_at[region][-1:]])

    def _schedule(self, region: str, written: datetime) -> None:
        seen = self._seen_at[region]
        delay = self.lag.of(region) + self._random.uniform(0, self.lag.jitter)
        earliest = seen[-1:] or [written]
        seen.append(max(earliest[0], written + timedelta(seconds=delay)))
