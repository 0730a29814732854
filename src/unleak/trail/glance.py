"""Read one file once: what it adds to the coverage, what it names, and the records that are sought.

There are two readers of the same meaning: `quick`, where its library is installed and takes the
file, and the standard library.  A test has both read the same files.
"""

from __future__ import annotations

from array import array
from collections import Counter
from datetime import datetime
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING

from unleak.model.frozen import dataclass
from unleak.trail.event_ids import packed_ids
from unleak.trail.inflate import Damaged
from unleak.trail.record import Record, read_record
from unleak.trail.scratch import lent
from unleak.trail.shape import documents
from unleak.trail.tokens import Index, labels_of, mark

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """What one file came to."""

    path: str
    events: int = 0
    event_ids: tuple[str, ...] = ()
    """Those that are not in `uuids`."""
    uuids: bytes = b""
    """Most event ids, as `packed_ids` packs them."""
    first: datetime | None = None
    last: datetime | None = None
    regions: tuple[str, ...] = ()
    region_firsts: tuple[tuple[str, datetime], ...] = ()
    """When each region is first named; of a file only, since an answer holds what was asked for."""
    index: Index | None = None
    hits: tuple[Record, ...] = ()
    why: str = ""
    """Why the file, or a part of it, was not read; empty: it was."""


@cache
def has_quick_reader() -> bool:
    """Whether the library of the quick reader is installed (`pip install 'unleak[trail]'`)."""
    return find_spec("msgspec") is not None


def glance_at(
    path: str, packed: bytes, sought: frozenset[str], *, quick: bool = True, with_ids: bool = True
) -> Glance:
    """Read one file.

    Args:
        path: what to call it.
        packed: its bytes, as they lie on the disk.
        sought: the words by which records are sought.
        quick: whether the quick reader may be used where it is installed.
        with_ids: whether the ids of the events are wanted, to count duplicates.
    """
    try:
        if quick and has_quick_reader():
            from unleak.trail.quick_glance import quick_glance  # noqa: PLC0415 - optional library

            found = quick_glance(path, packed, sought, with_ids=with_ids)
            if found is not None:
                return found
        return _slow_glance(path, bytes(lent(packed)), sought, with_ids=with_ids)
    except Damaged as error:
        why = error.message
        if "pip install" in error.hint:
            why = f"{why} ({error.hint})"
        return Glance(path=path, why=why)


def tokens_of(record: Record) -> Iterator[str]:
    """Yield the words that a record can be found by."""
    if record.key_id is not None:
        yield record.key_id
    if record.arn is not None:
        yield from labels_of(record.arn)
    if record.role_arn is not None:
        yield from labels_of(record.role_arn)
    for each in record.minted:
        yield each.key_id


def _slow_glance(path: str, raw: bytes, sought: frozenset[str], *, with_ids: bool) -> Glance:
    found, why = documents(raw)
    records = [each for document in found if (each := read_record(document)) is not None]
    hits = tuple(each for each in records if not sought.isdisjoint(tokens_of(each)))
    counts = Counter(token for each in records for token in tokens_of(each))
    told = {each for each in children_of(hits) if counts[each] == 1}
    times = [each.at for each in records if each.at is not None]
    uuids, others = packed_ids([each.event_id for each in records] if with_ids else ())
    return Glance(
        path=path,
        events=len(records),
        event_ids=others,
        uuids=uuids,
        first=min(times, default=None),
        last=max(times, default=None),
        regions=tuple(sorted({each.region for each in records if each.region})),
        region_firsts=tuple(sorted(_firsts(records).items())),
        index=index_of(counts.keys() - told),
        hits=hits,
        why=why,
    )


def _firsts(records: Iterable[Record]) -> dict[str, datetime]:
    """Return when each region is first named."""
    firsts: dict[str, datetime] = {}
    for each in records:
        if each.region and each.at is not None:
            firsts[each.region] = min(each.at, firsts.get(each.region, each.at))
    return firsts


def children_of(hits: tuple[Record, ...]) -> set[str]:
    """Return the key ids that were made by what is a hit already.

    Where one is named nowhere else in a file, that file has no more to tell of it, and is not
    opened again for it.
    """
    return {each.key_id for hit in hits for each in hit.minted}


def index_of(tokens: Iterable[str]) -> Index:
    """Return the index of a file that names these words."""
    return Index(marks=array("I", set(map(mark, tokens))).tobytes())
