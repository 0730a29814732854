"""Fetch objects ahead of their readers, in order, and never more of them than memory is set for."""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

from unleak.errors import Throttled, UnleakError, Unreachable
from unleak.model.frozen import dataclass
from unleak.trail.inflate import MOST

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from concurrent.futures import Future

    from unleak.model.bucket import Bucket, Listed

_IN_FLIGHT: Final = 64 * 1024 * 1024
"""Bytes that are fetched, or on their way, and not handed on yet; one object may be more."""
_DEEP: Final = 4
"""Objects that wait for each one that is on its way: enough that none waits for its reader."""
_MOST_SILENCES: Final = 40
"""So many objects in a row without an answer: nobody is there, and the others are not tried."""
GIVEN_UP: Final = "it was not fetched: the objects before it got no answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """One object that was fetched, or the reason why not."""

    listed: Listed
    packed: bytes = b""
    why: str = ""


class Ferry:
    """Fetches from one bucket.

    Args:
        bucket: where from.
        in_flight: how many bytes may wait; one object at least.
    """

    def __init__(self, bucket: Bucket, *, in_flight: int = _IN_FLIGHT) -> None:
        self._bucket = bucket
        self._in_flight = in_flight
        self._silences = 0

    def parcels(self, objects: Iterable[Listed]) -> Iterator[Parcel]:
        """Yield each object in the given order.

        Args:
            objects: what to fetch.
        """
        waiting: deque[tuple[Listed, Future[Parcel]]] = deque()
        size = 0
        pool = ThreadPoolExecutor(max_workers=self._bucket.at_once)
        try:
            for each in objects:
                while waiting and size + each.size > self._in_flight:
                    listed, future = waiting.popleft()
                    size -= listed.size
                    yield future.result()
                waiting.append((each, pool.submit(self._fetched, each)))
                size += each.size
                if len(waiting) > self._bucket.at_once * _DEEP:
                    listed, future = waiting.popleft()
                    size -= listed.size
                    yield future.result()
            while waiting:
                yield waiting.popleft()[1].result()
        finally:
            pool.shutdown(cancel_futures=True)

    def _fetched(self, listed: Listed) -> Parcel:
        if self._silences >= _MOST_SILENCES:
            return Parcel(listed=listed, why=GIVEN_UP)
        if listed.size > MOST:
            why = f"it is larger than {MOST // 1024**2} MB: split it"
            return Parcel(listed=listed, why=why)
        try:
            packed = self._bucket.fetch(listed.key, most=MOST)
        except (Throttled, Unreachable) as error:
            self._silences += 1  # threads may lose a count, and then it takes one more
            return Parcel(listed=listed, why=f"it cannot be fetched: {error.message}")
        except UnleakError as error:
            self._silences = 0
            return Parcel(listed=listed, why=f"it cannot be fetched: {error.message}")
        self._silences = 0
        return Parcel(listed=listed, packed=packed)
