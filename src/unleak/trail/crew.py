"""Glance at many files on every processor, a few batches ahead, so that memory stays flat."""

from __future__ import annotations

import os
import sys
import threading
from collections import deque
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, Self

from unleak.trail.glance import Glance, glance_at
from unleak.trail.inflate import MOST

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Future
    from types import TracebackType

    from unleak.trail.tokens import Wanted

_BATCH: Final = 1024 * 1024
"""Packed bytes for one errand: some forty milliseconds, so that what is found is soon sought."""
_BATCH_FILES: Final = 64
_ALONE: Final = 4 * 1024 * 1024
"""So much is read sooner than another process starts."""
_MOST_WORKERS: Final = 16


class Crew:
    """The processes that read files; a context manager, so that none outlives the trace.

    Args:
        files: what there is to do; little work gets no other process.
    """

    def __init__(self, files: Sequence[str]) -> None:
        workers = min(_MOST_WORKERS, processors())
        is_much = sum(_size(path) for path in files) > _ALONE
        self._ahead = 2 * workers
        self._pool = (
            ProcessPoolExecutor(max_workers=workers, mp_context=get_context(_start_method()))
            if workers > 1 and is_much
            else None
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def glances(
        self, files: Sequence[str], wanted: Wanted, *, since: Callable[[str], int]
    ) -> Iterator[tuple[int, Glance]]:
        """Yield how many words were known when a file was read, and what it came to.

        Args:
            files: the paths.
            wanted: the words that are sought; what is added meanwhile counts for later batches.
            since: how many of the words a file has been read for already.
        """
        waiting: deque[tuple[int, Future[list[Glance]]]] = deque()
        for batch in _batches(files):
            known = len(wanted)
            sought = [wanted.later_than(since(path)) for path in batch]
            if self._pool is None:
                for path, words in zip(batch, sought, strict=True):
                    yield known, glance_at_file(path, words, with_ids=wanted.with_ids)
                continue
            task = self._pool.submit(glance_at_files, batch, sought, with_ids=wanted.with_ids)
            waiting.append((known, task))
            if len(waiting) > self._ahead:
                yield from _answers(*waiting.popleft())
        while waiting:
            yield from _answers(*waiting.popleft())


def _answers(known: int, future: Future[list[Glance]]) -> Iterator[tuple[int, Glance]]:
    for glance in future.result():
        yield known, glance


def glance_at_files(
    paths: Sequence[str], sought: Sequence[frozenset[str]], *, with_ids: bool
) -> list[Glance]:
    """Read some files; this is what another process is asked for.

    Args:
        paths: which.
        sought: the words that each is read for.
        with_ids: whether the ids of the events are wanted.
    """
    return [
        glance_at_file(path, words, with_ids=with_ids)
        for path, words in zip(paths, sought, strict=True)
    ]


def glance_at_file(path: str, sought: frozenset[str], *, with_ids: bool = True) -> Glance:
    """Read one file from the disk; what cannot be read says why.

    Args:
        path: of the file.
        sought: the words that it is read for.
        with_ids: whether the ids of the events are wanted.
    """
    try:
        if _size(path) > MOST:
            return Glance(path=path, why=f"it is larger than {MOST // 1024**2} MB: split it")
        packed = Path(path).read_bytes()
    except OSError as error:
        return Glance(path=path, why=f"it cannot be read: {error.strerror}")
    return glance_at(path, packed, sought, with_ids=with_ids)


def _batches(files: Sequence[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    size = 0
    for path in files:
        batch.append(path)
        size += _size(path)
        if size >= _BATCH or len(batch) == _BATCH_FILES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size  # noqa: PTH116 - there may be very many
    except OSError:
        return 0


def _start_method() -> Literal["fork", "spawn"]:
    """Return how to start a process: a fork has loaded everything, but is safe without threads."""
    is_safe = sys.platform == "linux" and threading.active_count() == 1
    return "fork" if is_safe else "spawn"


def processors() -> int:
    """Return how many processors this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1
