"""Glance at many fetched objects on every processor; as `crew` does for files on the disk."""

from __future__ import annotations

from collections import deque
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from typing import TYPE_CHECKING, Final, Self

from unleak.trail.crew import processors
from unleak.trail.glance import Glance, glance_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from concurrent.futures import Future
    from types import TracebackType

    from unleak.model.bucket import Listed
    from unleak.trail.ferry import Parcel
    from unleak.trail.tokens import Wanted

_BATCH: Final = 4 * 1024 * 1024
_BATCH_OBJECTS: Final = 64
_ALONE: Final = 4 * 1024 * 1024
"""So much is read sooner than another process starts."""
_MOST_WORKERS: Final = 16


class ParcelCrew:
    """The processes that read what was fetched; a context manager, so that none outlives the trace.

    No process of it can be a fork: there are threads that fetch, and a fork may copy their locks.
    Credentials never reach it, only the bytes of logs do.

    Args:
        bucket: whose objects they are.
        objects: what there is to do; little work gets no other process.
    """

    def __init__(self, bucket: str, objects: Sequence[Listed]) -> None:
        workers = min(_MOST_WORKERS, processors())
        is_much = sum(each.size for each in objects) > _ALONE
        self._bucket = bucket
        self._ahead = 2 * workers
        self._pool = (
            ProcessPoolExecutor(max_workers=workers, mp_context=get_context("spawn"))
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
        self, parcels: Iterable[Parcel], wanted: Wanted, *, since: Callable[[str], int]
    ) -> Iterator[tuple[int, Listed, Glance]]:
        """Yield how many words were known when an object was read, the object, what it came to.

        Args:
            parcels: what was fetched, in the order in which it is read.
            wanted: the words that are sought; what is added meanwhile counts for later batches.
            since: for how many of the words an object, by its key, has been read already.
        """
        waiting: deque[tuple[int, list[Parcel], Future[list[Glance]]]] = deque()
        for batch in _batches(parcels, most=1 if self._pool is None else _BATCH_OBJECTS):
            known = len(wanted)
            sought = [wanted.later_than(since(each.listed.key)) for each in batch]
            paths = [f"s3://{self._bucket}/{each.listed.key}" for each in batch]
            contents = [each.why or each.packed for each in batch]
            if self._pool is None:
                yield from _paired(
                    known, batch, glances_at(paths, contents, sought, with_ids=wanted.with_ids)
                )
                continue
            task = self._pool.submit(glances_at, paths, contents, sought, with_ids=wanted.with_ids)
            kept = [replace(each, packed=b"") for each in batch]
            waiting.append((known, kept, task))
            if len(waiting) > self._ahead:
                first, parts, future = waiting.popleft()
                yield from _paired(first, parts, future.result())
        for first, parts, future in waiting:
            yield from _paired(first, parts, future.result())


def glances_at(
    paths: Sequence[str],
    contents: Sequence[bytes | str],
    sought: Sequence[frozenset[str]],
    *,
    with_ids: bool,
) -> list[Glance]:
    """Read some objects; this is what another process is asked for.

    Args:
        paths: what to call them.
        contents: their bytes, or the reason why there are none.
        sought: the words that each is read for.
        with_ids: whether the ids of the events are wanted.
    """
    return [
        Glance(path=path, why=content)
        if isinstance(content, str)
        else glance_at(path, content, words, with_ids=with_ids)
        for path, content, words in zip(paths, contents, sought, strict=True)
    ]


def _paired(
    known: int, parcels: Sequence[Parcel], glances: Sequence[Glance]
) -> Iterator[tuple[int, Listed, Glance]]:
    for parcel, glance in zip(parcels, glances, strict=True):
        yield known, parcel.listed, glance


def _batches(parcels: Iterable[Parcel], *, most: int) -> Iterator[list[Parcel]]:
    batch: list[Parcel] = []
    size = 0
    for each in parcels:
        batch.append(each)
        size += len(each.packed)
        if size >= _BATCH or len(batch) == most:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
