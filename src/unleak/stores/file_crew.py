"""Search many files on every processor: Python's lock lets one process use only one of them."""

from __future__ import annotations

import os
import select
import subprocess
import sys
from collections import deque
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Final

from unleak.stores.file_batch import Batch, read_batch, search_batch, written_order, written_paths
from unleak.stores.file_search import FileSearch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unleak.stores.spellings import Spellings

_FILES: Final = 128
_ALONE: Final = 3
"""So many batches take less time than another process needs to start."""
_AHEAD: Final = 2
_MOST_HELPERS: Final = 3


def search_files(files: Iterator[str], top: str, sought: Spellings) -> Iterator[Batch]:
    """Yield what all files have come to, in any order.

    Args:
        files: their paths; the list may be read while it is made.
        top: the path that the person named.
        sought: what to look for.
    """
    search = FileSearch(sought)
    helpers: list[_Helper] = []
    try:
        number = 0
        while paths := tuple(islice(files, _FILES)):
            number += 1
            if number == _ALONE:
                with suppress(OSError):  # no memory, no interpreter: it is done here then
                    helpers.extend(_Helper(sought, top) for _ in range(_helper_count()))
            free = next((each for each in helpers if each.is_free), None)
            if free is None or not free.ask(paths):
                yield search_batch(search, paths, top)
            for each in helpers:
                yield from each.answers(search)
        for each in helpers:
            yield from each.last_answers(search)
    finally:
        for each in helpers:
            each.close()


def _helper_count() -> int:
    if os.name != "posix" or not sys.executable:
        return 0  # there is no asking whether a pipe has something to read
    affinity = getattr(os, "sched_getaffinity", None)
    processors = len(affinity(0)) if affinity else os.cpu_count() or 1
    return min(_MOST_HELPERS, processors - 1)


class _Helper:
    """One process beside this one; what it leaves undone when it dies is done here."""

    def __init__(self, sought: Spellings, top: str) -> None:
        # -P: with `-m` alone, a module in the folder that is searched would be imported and run
        command = [sys.executable, "-P", "-m", "unleak.stores.file_batch"]
        self._top = top
        self._waiting: deque[tuple[str, ...]] = deque()
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self._is_alive = self._send(written_order(sought, top))

    @property
    def is_free(self) -> bool:
        """Whether it would soon have nothing to do."""
        return self._is_alive and len(self._waiting) < _AHEAD

    def ask(self, paths: tuple[str, ...]) -> bool:
        """Hand it some files; False where it takes none any more."""
        if self._send(written_paths(paths)):
            self._waiting.append(paths)
            return True
        return False

    def answers(self, search: FileSearch) -> Iterator[Batch]:
        """Yield what has come back; never wait."""
        output = self._process.stdout
        if self._waiting and output and select.select([output], [], [], 0)[0]:
            yield self._answer(search)

    def last_answers(self, search: FileSearch) -> Iterator[Batch]:
        """Yield all that is still to come."""
        while self._waiting:
            yield self._answer(search)

    def close(self) -> None:
        """Let it end."""
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                with suppress(OSError):
                    pipe.close()
        self._process.wait()

    def _answer(self, search: FileSearch) -> Batch:
        paths = self._waiting.popleft()
        if self._is_alive and self._process.stdout:
            with suppress(ValueError, OSError):
                return read_batch(self._process.stdout.readline())
        self._is_alive = False
        return search_batch(search, paths, self._top)

    def _send(self, line: bytes) -> bool:
        if not self._process.stdin:
            return False
        try:
            self._process.stdin.write(line)
            self._process.stdin.flush()
        except OSError:
            self._is_alive = False
            return False
        return True
