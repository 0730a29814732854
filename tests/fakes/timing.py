"""Time that passes only when somebody waits: a minute of holding in milliseconds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from unleak.flow.timing import Timing

if TYPE_CHECKING:
    from fakes.cloud import FakeCloud


class FakeTime:
    """Moves the fake cloud's clock, and lets a thief act every half second of it.

    Args:
        cloud: whose clock it is.
        thief: called each half second that passes.
    """

    def __init__(self, cloud: FakeCloud, thief: Callable[[], None] | None = None) -> None:
        self._cloud = cloud
        self._thief = thief
        self.seconds = 0.0

    @property
    def timing(self) -> Timing:
        """What the flows take."""
        return Timing(pause=self.pause, monotonic=lambda: self.seconds)

    def pause(self, seconds: float) -> None:
        """Let time pass."""
        whole_before = int(self.seconds * 2)
        self.seconds += seconds
        self._cloud.fake_clock.move(timedelta(seconds=seconds))
        if self._thief is not None:
            for _ in range(int(self.seconds * 2) - whole_before):
                self._thief()
