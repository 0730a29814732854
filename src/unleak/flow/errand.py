"""Work that goes on beside everything else, with its answer or the error that ended it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Generic, TypeVar

from unleak.errors import UnleakError

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class Errand(Generic[T]):
    """One piece of work under way.

    Args:
        work: done once, in a thread of its own.
        name: the thread's.
    """

    def __init__(self, work: Callable[[], T], *, name: str) -> None:
        self._work = work
        self._answer: T | None = None
        self._error: UnleakError | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def result(self, patience: float | None = None) -> T | UnleakError | None:
        """Return what the work came to, or what ended it; None while it is under way.

        Args:
            patience: seconds to wait; None waits for the end.
        """
        self._thread.join(patience)
        if self._error is not None:
            return self._error
        return None if self._thread.is_alive() else self._answer

    def _run(self) -> None:
        try:
            self._answer = self._work()
        except UnleakError as error:
            self._error = error
