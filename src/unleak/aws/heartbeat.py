"""A sign of life from another thread, for as long as a block runs."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from unleak.errors import StateFolder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def heartbeat(renew: Callable[[], bool], *, every_seconds: float) -> Iterator[None]:
    """Call `renew` every few seconds until the block ends or `renew` returns False.

    Args:
        renew: gives the sign; False: it is of no use any more.
        every_seconds: the time between two signs.
    """
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(every_seconds):
            try:
                if not renew():
                    return
            except StateFolder:
                continue  # the next beat may get through; what is written meanwhile is fenced

    thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
