"""Read one file once: what it adds to the coverage, what it names, and the records that are sought.

There are two readers of the same meaning: `quick`, where its library is installed and takes the
file, and the standard library.  A test has both read the same files.
"""

from __future__ import annotations

import json
from array import array
from collections import Counter
from datetime import datetime
from functools import cache
from importlib.util import find_spec
from operator import attrgetter
from typing import TYPE_CHECKING, Final

from unleak.evidence.trail_time import read_trail_time
from unleak.model.frozen import dataclass
from unleak.trail.event_ids import packed_ids
from unleak.trail.inflate import Damaged
from unleak.trail.record import Record, read_record
from unleak.trail.scratch import lent
from unleak.trail.shape import documents
from unleak.trail.tokens import Index, labels_of, mark

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from unleak.trail.quick import Answer, KeyMember, Sketch
    from unleak.trail.scratch import Loan


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


def glance_at(path: str, packed: bytes, sought: frozenset[str], *, quick: bool = True) -> Glance:
    """Read one file.

    Args:
        path: what to call it.
        packed: its bytes, as they lie on the disk.
        sought: the words by which records are sought.
        quick: whether the quick reader may be used where it is installed.
    """
    try:
        raw = lent(packed)
        if quick and has_quick_reader():
            found = _quick_glance(path, raw, sought)
            if found is not None:
                return found
        return _slow_glance(path, bytes(raw), sought)
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


def _slow_glance(path: str, raw: bytes, sought: frozenset[str]) -> Glance:
    found, why = documents(raw)
    records = [each for document in found if (each := read_record(document)) is not None]
    hits = tuple(each for each in records if not sought.isdisjoint(tokens_of(each)))
    counts = Counter(token for each in records for token in tokens_of(each))
    told = {each for each in _children(hits) if counts[each] == 1}
    times = [each.at for each in records if each.at is not None]
    uuids, others = packed_ids([each.event_id for each in records])
    return Glance(
        path=path,
        events=len(records),
        event_ids=others,
        uuids=uuids,
        first=min(times, default=None),
        last=max(times, default=None),
        regions=tuple(sorted({each.region for each in records if each.region})),
        region_firsts=tuple(sorted(_firsts(records).items())),
        index=_index(counts.keys() - told),
        hits=hits,
        why=why,
    )


def _quick_glance(path: str, raw: Loan, sought: frozenset[str]) -> Glance | None:
    from unleak.trail.quick import sketches  # noqa: PLC0415 - its library is optional

    found = sketches(raw)
    if found is None:
        return None
    words, arns = _callers(found)
    hit_arns = set()
    for arn in arns:
        labels = labels_of(arn)
        words.update(labels)
        if not sought.isdisjoint(labels):
            hit_arns.add(arn)
    made = _made(found)
    is_hit = bool(hit_arns) or not sought.isdisjoint(words) or not sought.isdisjoint(made)
    hits = _hits(raw, found, sought, hit_arns) if is_hit else ()
    told = {each for each in _children(hits) if each not in words and made.count(each) == 1}
    times = set(map(_TIME, found))
    if not all(times):
        times = {each.time or each.stamp for each in found}
    first, last = _span(times)
    uuids, others = packed_ids([each.event_id or "" for each in found])
    return Glance(
        path=path,
        events=len(found),
        event_ids=others,
        uuids=uuids,
        first=first,
        last=last,
        regions=tuple(sorted(each for each in set(map(_REGION, found)) if each)),
        region_firsts=_quick_firsts(found, first),
        index=_index(words.union(made) - told),
        hits=hits,
    )


def _firsts(records: Iterable[Record]) -> dict[str, datetime]:
    """Return when each region is first named."""
    firsts: dict[str, datetime] = {}
    for each in records:
        if each.region and each.at is not None:
            firsts[each.region] = min(each.at, firsts.get(each.region, each.at))
    return firsts


def _quick_firsts(found: list[Sketch], first: datetime | None) -> tuple[tuple[str, datetime], ...]:
    """Return the same; nearly every file of AWS's is of one region, and then all is known."""
    regions = set(map(_REGION, found))
    if len(regions) == 1:
        (region,) = regions
        return ((region, first),) if region and first is not None else ()
    times: dict[str, set[str | None]] = {}
    for each in found:
        if each.region:
            times.setdefault(each.region, set()).add(each.time or each.stamp)
    spans = ((region, _span(those)[0]) for region, those in sorted(times.items()))
    return tuple((region, at) for region, at in spans if at is not None)


def _callers(found: list[Sketch]) -> tuple[set[str], set[str]]:
    """Return the key ids that signed, and the ARNs: with the parser, where a trace's time goes."""
    callers = [each.identity for each in found if each.identity is not None]
    keys = {each.key_id for each in callers}
    arns = {each.arn for each in callers}
    arns.update([each.asked.role_arn for each in found if each.asked is not None])
    return {each for each in keys if each}, {each for each in arns if each}


def _made(found: list[Sketch]) -> list[str]:
    """Return the key ids in the answers, each as often as it is there."""
    answers = [each.answer for each in found if each.answer is not None]
    keys = [each.credentials.key_id for each in answers if each.credentials is not None]
    keys += [each.key.key_id for each in answers if each.key is not None]
    keys += [each.service_key.key_id for each in answers if each.service_key is not None]
    for each in answers:
        if each.several is not None:
            keys.extend(_several(each.several))
    return [each for each in keys if each]


def _children(hits: tuple[Record, ...]) -> set[str]:
    """Return the key ids that were made by what is a hit already.

    Where one is named nowhere else in a file, that file has no more to tell of it, and is not
    opened again for it.
    """
    return {each.key_id for hit in hits for each in hit.minted}


def _several(members: list[KeyMember]) -> Iterator[str | None]:
    return (each.credentials.key_id for each in members if each.credentials is not None)


def _in_answer(answer: Answer) -> Iterator[str | None]:
    for each in (answer.credentials, answer.key, answer.service_key):
        if each is not None:
            yield each.key_id
    yield from _several(answer.several or [])


def _hits(
    raw: Loan, found: list[Sketch], sought: frozenset[str], arns: set[str]
) -> tuple[Record, ...]:
    """Read the sought records in full; what only looked sought falls away here."""
    from unleak.trail.quick import texts  # noqa: PLC0415 - as above

    wanted = [
        number for number, each in enumerate(found) if _is_sought(each, words=sought, arns=arns)
    ]
    whole = texts(raw)
    records = (read_record(json.loads(bytes(whole[number]))) for number in wanted)
    return tuple(
        each for each in records if each is not None and not sought.isdisjoint(tokens_of(each))
    )


def _is_sought(sketch: Sketch, *, words: frozenset[str], arns: set[str]) -> bool:
    identity = sketch.identity
    if identity is not None and (identity.key_id in words or identity.arn in arns):
        return True
    if sketch.asked is not None and sketch.asked.role_arn in arns:
        return True
    return sketch.answer is not None and any(each in words for each in _in_answer(sketch.answer))


_TIME: Final = attrgetter("time")
_REGION: Final = attrgetter("region")


def _span(times: Iterable[str | None]) -> tuple[datetime | None, datetime | None]:
    known = {each for each in times if each}
    if not known:
        return None, None
    if all(len(each) == _USUAL and each[-1] == "Z" for each in known):
        first, last = read_trail_time(min(known)), read_trail_time(max(known))
        if first is not None and last is not None:
            return first, last
    read = [at for each in known if (at := read_trail_time(each)) is not None]
    return min(read, default=None), max(read, default=None)


_USUAL = len("2026-11-24T07:00:00Z")


def _index(tokens: Iterable[str]) -> Index:
    return Index(marks=array("I", set(map(mark, tokens))).tobytes())
