"""Waiting and counting seconds, as arguments: tests run a minute of holding in milliseconds."""

from __future__ import annotations

import time
from collections.abc import Callable

from unleak.model.frozen import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How to wait, and a clock that never goes back."""

    pause: Callable[[float], None]
    """Sleeps that many seconds."""
    monotonic: Callable[[], float]
    """Seconds from some fixed point."""


REAL = Timing(pause=time.sleep, monotonic=time.monotonic)
"""The machine's own."""
