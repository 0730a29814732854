"""Find the logs in a bucket: level by level down to the regions, and there day by day, at once."""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from unleak.errors import MissingPermission, Refused, UnleakError
from unleak.evidence.clean import printable
from unleak.model.frozen import dataclass
from unleak.model.trace import Skipped
from unleak.trail.layout import (
    LOG_SUFFIXES,
    Days,
    Left,
    Stage,
    day_of,
    delivered,
    left_out,
    left_out_of,
    region_folder,
    stage_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Future
    from datetime import date

    from unleak.model.bucket import Bucket, Listed

_AT_ONCE: Final = 8
_DEEPEST: Final = 4
"""Levels of folders that are nobody's layout; what lies deeper is listed in one go."""
_MOST_FOLDERS: Final = 200
"""So many folders in a folder that is nobody's layout are listed in one go too."""
_LONGEST: Final = 400
_TELL_EACH: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One prefix that is to be listed."""

    prefix: str
    depth: int = 0
    """How many levels without a layout lie above it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Logs:
    """What a bucket holds of a trail."""

    objects: tuple[Listed, ...] = ()
    gaps: tuple[Skipped, ...] = ()
    others: int = 0
    """Objects that are no logs by name."""
    other: str = ""
    """One of them."""
    left: frozenset[Left] = frozenset()
    """Kinds of folders that were left out."""


class Walk:
    """One look through a bucket.

    Args:
        bucket: where.
        start: a folder, which ends in a slash, or the whole bucket: empty.
        days: the days that count.
        hears: is told of progress.
    """

    def __init__(
        self,
        bucket: Bucket,
        start: str,
        *,
        days: Days,
        hears: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._bucket = bucket
        self._start = start
        self._days = days
        self._hears = hears

    def logs(self) -> Logs:
        """Return all logs below the start, in the order of delivery.

        Raises:
            Refused: there is nothing to sign with, or no such bucket.
        """
        parts: list[Logs] = []
        listed = told = 0
        with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
            waiting: set[Future[tuple[Logs, tuple[Place, ...]]]] = set()
            waiting.add(pool.submit(self._look, Place(prefix=self._start)))
            while waiting:
                done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                for each in done:
                    logs, places = each.result()
                    parts.append(logs)
                    listed += len(logs.objects)
                    waiting.update(pool.submit(self._look, place) for place in places)
                if listed - told > _TELL_EACH:
                    told = listed
                    self._hears(f"found {listed} logs")
        return _together(parts)

    def _look(self, place: Place) -> tuple[Logs, tuple[Place, ...]]:
        stage = stage_of(place.prefix)
        is_deep = stage is Stage.PLAIN and place.depth >= _DEEPEST
        if stage is Stage.DAYS or is_deep:
            return self._everything(place.prefix), ()
        return self._level(place, stage)

    def _level(self, place: Place, stage: Stage) -> tuple[Logs, tuple[Place, ...]]:
        """List one level; the folders in it come back as places to look at."""
        heap = _Heap(self._bucket.name)
        folders: list[str] = []
        try:
            for page in self._bucket.pages(place.prefix, by_level=True):
                for each in page.objects:
                    heap.take(each)
                folders.extend(page.folders)
                if stage is Stage.PLAIN and len(folders) > _MOST_FOLDERS:
                    return self._everything(place.prefix), ()
        except UnleakError as error:
            raise_if_final(error)
            heap.gap(place.prefix, error)
        depth = place.depth + 1 if stage is Stage.PLAIN else 0
        places = []
        for folder in folders:
            why = left_out(stage, folder[len(place.prefix) : -1])
            if why is None:
                places.append(Place(prefix=folder, depth=depth))
            else:
                heap.left.add(why)
        return heap.logs(), tuple(places)

    def _everything(self, prefix: str) -> Logs:
        """List all that lies below, however deep, from the first day that counts to the last."""
        heap = _Heap(self._bucket.name)
        first, last = self._days.first, self._days.last
        folder = region_folder(prefix)
        after = "" if first is None or folder is None else f"{folder}{first:%Y/%m/%d}"
        after = after if after > prefix else ""
        try:
            for each in self._objects(prefix, after):
                known = _folder(each.key.rpartition("/")[0] + "/", self._start)
                if known.left is not None:
                    heap.left.add(known.left)
                elif known.day is None or (first or known.day) <= known.day <= (last or known.day):
                    heap.take(each)
                elif folder is not None and last is not None and known.day > last:
                    break  # days are in order here: the others are later still
        except UnleakError as error:
            raise_if_final(error)
            heap.gap(prefix, error)
        return heap.logs()

    def _objects(self, prefix: str, after: str) -> Iterator[Listed]:
        for page in self._bucket.pages(prefix, after=after):
            yield from page.objects


def raise_if_final(error: UnleakError) -> None:
    """Raise what no other prefix would change: no credentials, no bucket, a wrong clock.

    Args:
        error: what a listing came to.

    Raises:
        Refused: the error, if it is of that kind; a denial is not.
    """
    if isinstance(error, Refused) and not isinstance(error, MissingPermission):
        raise error


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What the folder of an object tells of it."""

    left: Left | None
    day: date | None


@lru_cache(maxsize=4_096)
def _folder(folder: str, start: str) -> _Known:
    return _Known(left=left_out_of(folder, start), day=day_of(folder))


class _Heap:
    """What one listing has brought so far."""

    def __init__(self, bucket: str) -> None:
        self.left: set[Left] = set()
        self._bucket = bucket
        self._objects: list[Listed] = []
        self._others = 0
        self._other = ""
        self._gaps: list[Skipped] = []

    def take(self, found: Listed) -> None:
        if found.key.endswith(LOG_SUFFIXES):
            self._objects.append(found)
        elif found.size or not found.key.endswith("/"):  # an empty one is a console's folder
            self._others += 1
            self._other = self._other or found.key.rpartition("/")[2] or found.key

    def gap(self, prefix: str, error: UnleakError) -> None:
        path = printable(f"s3://{self._bucket}/{prefix}", limit=_LONGEST)
        why = f"it cannot be listed: {error.message}"
        if self._objects:
            why = f"its listing broke off after {len(self._objects)} logs: {error.message}"
        self._gaps.append(Skipped(path=path, why=printable(why, limit=_LONGEST)))

    def logs(self) -> Logs:
        return Logs(
            objects=tuple(self._objects),
            gaps=tuple(self._gaps),
            others=self._others,
            other=self._other,
            left=frozenset(self.left),
        )


def _together(parts: Sequence[Logs]) -> Logs:
    unique = {each.key: each for part in parts for each in part.objects}
    gaps = (each for part in parts for each in part.gaps)
    return Logs(
        objects=tuple(sorted(unique.values(), key=lambda each: delivered(each.key))),
        gaps=tuple(sorted(gaps, key=lambda each: each.path)),
        others=sum(part.others for part in parts),
        other=min((part.other for part in parts if part.other), default=""),
        left=frozenset(each for part in parts for each in part.left),
    )
