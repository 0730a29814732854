"""AWS's clock, told by the `Date` header of its answers and carried on by a clock that never jumps.

The local wall clock may be hours off, and a cut-off taken from it would let sessions live or lock
new ones out, so it is used for nothing but telling how far off it is.
"""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

_RESOLUTION = timedelta(seconds=1)
"""A `Date` header of 10 s is sent at any instant from 10.0 to 10.999 s."""


def parse_date_header(text: str) -> datetime | None:
    """Read an HTTP `Date` header; None where it is missing or is no date.

    Args:
        text: `Tue, 24 Nov 2026 07:00:00 GMT` for example.
    """
    try:
        parsed = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)


class AwsClock:
    """An upper bound of AWS's time, shared by every client of one session; safe across threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked_at: float | None = None
        self._bound_then: datetime | None = None
        self._skew_seconds: float | None = None
        self._shown: datetime | None = None

    def observe(self, date_header: str, *, asked_at: float) -> None:
        """Take in one answer's `Date` header.

        The time is counted from when the request was *sent*: AWS wrote the header after that, so
        `Date` + 1 s + the time gone since is never too early, however slow the way back was.  The
        newest request wins, because a monotonic clock may stand still while a laptop sleeps.

        Args:
            date_header: the header's text; anything that is no date is ignored.
            asked_at: `time.monotonic()` when the request was sent, in seconds.
        """
        date = parse_date_header(date_header)
        if date is None:
            return
        skew = (datetime.now(UTC) - date).total_seconds()
        with self._lock:
            if self._asked_at is not None and asked_at < self._asked_at:
                return
            self._asked_at = asked_at
            self._bound_then = date + _RESOLUTION
            self._skew_seconds = skew

    def now(self) -> datetime | None:
        """Return an upper bound of AWS's time now, never earlier than it said before.

        None before any answer was seen.
        """
        with self._lock:
            if self._bound_then is None or self._asked_at is None:
                return None
            bound = self._bound_then + timedelta(seconds=time.monotonic() - self._asked_at)
            if self._shown is None or bound > self._shown:
                self._shown = bound
            return self._shown

    def skew_seconds(self) -> float | None:
        """Return local clock minus AWS's clock, right to about a second; None before any answer."""
        with self._lock:
            return self._skew_seconds
