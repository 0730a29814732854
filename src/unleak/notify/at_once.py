"""Runs jobs that may hang, all at the same time, and waits for none longer than a limit."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")


def at_once(
    jobs: Sequence[Callable[[], T]],
    *,
    late: T,
    broken: Callable[[Exception], T],
    seconds: float,
) -> tuple[T, ...]:
    """Run the jobs and return what each gave, in their order.

    A job that hangs is left to its thread, which does not keep the process from ending.

    Args:
        jobs: what to run.
        late: what stands for a job that has not come to its end.
        broken: makes what stands for a job that raised something.
        seconds: how long to wait for all of them together.
    """
    end = time.monotonic() + seconds
    running = [_Running(job, broken) for job in jobs]
    for each in running:
        each.thread.start()
    for each in running:
        each.thread.join(max(0.0, end - time.monotonic()))
    return tuple(each.given[0] if each.given else late for each in running)


class _Running(Generic[T]):
    """One job in its thread."""

    def __init__(self, job: Callable[[], T], broken: Callable[[Exception], T]) -> None:
        self.given: list[T] = []
        self._job = job
        self._broken = broken
        self.thread = threading.Thread(target=self._run, name="unleak-tell", daemon=True)

    def _run(self) -> None:
        try:
            given = self._job()
        except Exception as error:  # noqa: BLE001 - the thread's outermost frame; it is told
            given = self._broken(error)
        self.given.append(given)
