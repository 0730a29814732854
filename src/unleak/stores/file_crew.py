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
_PARTS: Final = 8


def search_files(files: Iterator[str], top: str, sought: Spellings) -> Iterator[Batch]:
    """Yield what all files have come to, in any order.

    Args:
        files: their paths; the list may be read while it is made.
        top: the path that the person named.
        sought: what to look for.
    """
    search = FileSearch(sought)
    helpers: list[_Helper] = []
    todo = _ToDo(files)
    try:
        number = 0
        while True:
            while paths := todo.take():
                number += 1
                if number == _ALONE:
                    with suppress(OSError):  # no memory, no interpreter: it is done here then
                        helpers.extend(_Helper(sought, top, todo) for _ in range(_helper_count()))
                free = next((each for each in helpers if each.is_free), None)
                if free is None or not free.ask(paths):
                    yield todo.without_rest(search_batch(search, paths, top), paths)
                for each in helpers:
                    yield from each.answers(search)
            busy = next((each for each in helpers if each.is_busy), None)
            if busy is None:
                return
            yield busy.next_answer(search)
    finally:
        for each in helpers:
            each.close()


class _ToDo:
    """The files that nobody has been given yet.

    Args:
        files: their paths.
    """

    def __init__(self, files: Iterator[str]) -> None:
        self._files = files
        self._back: deque[tuple[str, ...]] = deque()

    def take(self) -> tuple[str, ...]:
        """Return some files, none at the end; what came back is handed out first."""
        if self._back:
            return self._back.popleft()
        return tuple(islice(self._files, _FILES))

    def without_rest(self, batch: Batch, paths: tuple[str, ...]) -> Batch:
        """Take back what was not searched of some files, in parts, so that nobody has to wait."""
        rest = paths[batch.seen :]
        size = max(1, len(rest) // _PARTS)
        self._back.extend(rest[start : start + size] for start in range(0, len(rest), size))
        return batch


def _helper_count() -> int:
    if os.name != "posix" or not sys.executable:
        return 0  # there is no asking whether a pipe has something to read
    affinity = getattr(os, "sched_getaffinity", None)
    processors = len(affinity(0)) if affinity else os.cpu_count() or 1
    return min(_MOST_HELPERS, processors - 1)


class _Helper:
    """One process beside this one; what it leaves undone when it dies is done here."""

    def __init__(self, sought: Spellings, top: str, todo: _ToDo) -> None:
        # -P: with `-m` alone, a module in the folder that is searched would be imported and run
        command = [sys.executable, "-P", "-m", "unleak.stores.file_batch"]
        self._top = top
        self._todo = todo
        self._waiting: deque[tuple[str, ...]] = deque()
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self._is_alive = self._send(written_order(sought, top))

    @property
    def is_free(self) -> bool:
        """Whether it would soon have nothing to do."""
        return self._is_alive and len(self._waiting) < _AHEAD

    @property
    def is_busy(self) -> bool:
        """Whether an answer is still to come."""
        return bool(self._waiting)

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
            yield self.next_answer(search)

    def close(self) -> None:
        """Let it end."""
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                with suppress(OSError):
                    pipe.close()
        self._process.wait()

    def next_answer(self, search: FileSearch) -> Batch:
        """Return the next thing that comes back, and wait for it."""
        paths = self._waiting.popleft()
        if self._is_alive and self._process.stdout:
            with suppress(ValueError, OSError):
                batch = read_batch(self._process.stdout.readline())
                return self._todo.without_rest(batch, paths)
        self._is_alive = False
        return self._todo.without_rest(search_batch(search, paths, self._top), paths)

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
