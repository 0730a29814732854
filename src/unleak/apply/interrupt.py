"""Ctrl-C while changes are under way: calls in flight are waited for, no new one starts."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType


class StopFlag:
    """Whether the person has asked to stop."""

    def __init__(self) -> None:
        self.is_set = False

    def set(self) -> None:
        """Ask to stop."""
        self.is_set = True


@contextmanager
def deferred_ctrl_c() -> Iterator[StopFlag]:
    """Turn Ctrl-C into a flag, so that a call in flight is not torn from its outcome.

    Without this, Python raises KeyboardInterrupt in the middle of the call.  Only the main thread
    can do it, and a handler that somebody else has installed is left alone.
    """
    flag = StopFlag()

    def stop(_number: int, _frame: FrameType | None) -> None:
        flag.set()

    is_ours = (
        threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    )
    if not is_ours:
        yield flag
        return
    signal.signal(signal.SIGINT, stop)
    try:
        yield flag
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
