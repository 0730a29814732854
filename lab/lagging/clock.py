"""The time of a cloud: one that moves when told, and the real one, behind the same protocol."""

from __future__ import annotations

import heapq
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

START = datetime(2026, 11, 24, 7, tzinfo=UTC)
"""When every virtual clock starts."""


class Clock(Protocol):
    """What a cloud and its thieves need of time."""

    @property
    def lock(self) -> threading.RLock:
        """The one lock around the cloud, held by whoever looks, writes or moves the time."""
        ...

    def now(self) -> datetime:
        """Return the instant, in UTC."""
        ...

    def advance(self, seconds: float) -> None:
        """Let time pass, and run what was scheduled for it."""
        ...

    def at(self, instant: datetime, callback: Callable[[], object]) -> None:
        """Run a callback once, when the time has come."""
        ...

    def every(
        self, seconds: float, callback: Callable[[], object], *, until: datetime | None = None
    ) -> None:
        """Run a callback again and again, first after one interval."""
        ...


@dataclass(order=True, slots=True)
class _Appointment:
    instant: datetime
    number: int
    callback: Callable[[], object] = field(compare=False)


class VirtualClock:
    """A clock that stands still until somebody lets time pass.

    Callbacks run inside `advance`, in the thread that called it, in order of time; the clock shows
    each its own instant.  A callback may call the cloud, schedule more, or advance the clock.

    Args:
        start: the first instant.
    """

    def __init__(self, start: datetime = START) -> None:
        self.lock = threading.RLock()
        self._now = start
        self._queue: list[_Appointment] = []
        self._count = 0

    def now(self) -> datetime:
        """Return the instant, in UTC."""
        with self.lock:
            return self._now

    def advance(self, seconds: float) -> None:
        """Move on by `seconds` and run all that falls due on the way."""
        with self.lock:
            target = self._now + timedelta(seconds=seconds)
            while self._queue and self._queue[0].instant <= target:
                due = heapq.heappop(self._queue)
                self._now = max(self._now, due.instant)
                due.callback()
            self._now = max(self._now, target)

    def advance_to(self, instant: datetime) -> None:
        """Move on to an instant; one that has passed changes nothing."""
        with self.lock:
            self.advance(max(0.0, (instant - self._now).total_seconds()))

    def at(self, instant: datetime, callback: Callable[[], object]) -> None:
        """Run a callback once, inside the `advance` that reaches `instant`."""
        with self.lock:
            self._count += 1
            heapq.heappush(self._queue, _Appointment(instant, self._count, callback))

    def every(
        self, seconds: float, callback: Callable[[], object], *, until: datetime | None = None
    ) -> None:
        """Run a callback every so many seconds, first after one interval."""
        _repeat(self, seconds, callback, until)


class RealClock:
    """The machine's clock; callbacks run in threads of their own."""

    def __init__(self) -> None:
        self.lock = threading.RLock()

    def now(self) -> datetime:
        """Return the instant, in UTC."""
        return datetime.now(UTC)

    def advance(self, seconds: float) -> None:
        """Wait."""
        if seconds > 0:
            time.sleep(seconds)

    def at(self, instant: datetime, callback: Callable[[], object]) -> None:
        """Run a callback once in a thread of its own, which does not outlive the process."""
        wait = max(0.0, (instant - self.now()).total_seconds())
        timer = threading.Timer(wait, callback)
        timer.daemon = True
        timer.start()

    def every(
        self, seconds: float, callback: Callable[[], object], *, until: datetime | None = None
    ) -> None:
        """Run a callback every so many seconds, first after one interval."""
        _repeat(self, seconds, callback, until)


def _repeat(
    clock: Clock, seconds: float, callback: Callable[[], object], until: datetime | None
) -> None:
    first = clock.now() + timedelta(seconds=seconds)

    def run(instant: datetime) -> None:
        following = instant + timedelta(seconds=seconds)
        book(following)
        callback()

    def book(instant: datetime) -> None:
        if until is None or instant <= until:
            clock.at(instant, lambda: run(instant))

    book(first)
