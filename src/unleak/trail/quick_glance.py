"""Read one file in the quick way, piece by piece, and gather what it names."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from unleak.trail.event_ids import packed_ids
from unleak.trail.glance import Glance, children_of, index_of, tokens_of
from unleak.trail.named import keys_in, named_in, span_of
from unleak.trail.pieces import SIZE, pieces
from unleak.trail.quick import numbered, sketches, texts, times
from unleak.trail.record import Record, read_record
from unleak.trail.scratch import lent
from unleak.trail.tokens import labels_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from unleak.trail.named import Named
    from unleak.trail.quick import Sketch, Text


def quick_glance(
    path: str, packed: bytes, sought: frozenset[str], *, with_ids: bool, size: int = SIZE
) -> Glance | None:
    """Read one file; None where it is of another shape than the usual ones.

    Args:
        path: what to call it.
        packed: its bytes, as they lie on the disk.
        sought: the words by which records are sought.
        with_ids: whether the ids of the events are wanted.
        size: the most bytes of a piece.

    Raises:
        Damaged: it is cut off, broken, or too large.
    """
    for parts in (pieces(packed, size=size), _whole(packed)):
        gathered = _Gathered(sought, with_ids=with_ids)
        if all(part is not None and gathered.add(part) for part in parts):
            return gathered.glance(path)
    return None


def _whole(packed: bytes) -> Iterator[Text]:
    yield lent(packed)


class _Gathered:
    """What the pieces of one file came to."""

    def __init__(self, sought: frozenset[str], *, with_ids: bool) -> None:
        self._sought = sought
        self._with_ids = with_ids
        self._events = 0
        self._uuids: list[bytes] = []
        self._other_ids: list[str] = []
        self._keys: set[str] = set()
        self._made: list[str] = []
        self._labels: dict[str, tuple[str, ...]] = {}
        self._hit_arns: set[str] = set()
        self._times: dict[str, set[str | None]] = {}
        """By region."""
        self._hits: list[Record] = []

    def add(self, raw: Text) -> bool:
        """Take a piece; return whether it could be read."""
        if self._with_ids:
            with_ids = numbered(raw)
            found: Sequence[Sketch] | None = with_ids
            uuids, others = packed_ids([each.event_id or "" for each in with_ids or ()])
            self._uuids.append(uuids)
            self._other_ids += others
        else:
            found = sketches(raw)
        if found is None:
            return False
        self._events += len(found)
        named = named_in(found)
        self._keys |= named.keys
        self._made += named.made
        self._take_arns(named.arns)
        if self._is_sought(named):
            self._hits += self._records(raw, found)
        return self._take_times(raw, found, named)

    def glance(self, path: str) -> Glance:
        """Return what all came to."""
        words = self._keys.union(*self._labels.values())
        hits = tuple(self._hits)
        told = {
            each for each in children_of(hits) if each not in words and self._made.count(each) == 1
        }
        first, last = span_of(time for each in self._times.values() for time in each)
        firsts = ((region, span_of(each)[0]) for region, each in sorted(self._times.items()))
        return Glance(
            path=path,
            events=self._events,
            event_ids=tuple(self._other_ids),
            uuids=b"".join(self._uuids),
            first=first,
            last=last,
            regions=tuple(sorted(each for each in self._times if each)),
            region_firsts=tuple((each, at) for each, at in firsts if each and at is not None),
            index=index_of(words.union(self._made) - told),
            hits=hits,
        )

    def _take_arns(self, arns: Iterable[str]) -> None:
        for arn in arns:
            if arn not in self._labels:
                labels = labels_of(arn)
                self._labels[arn] = labels
                if not self._sought.isdisjoint(labels):
                    self._hit_arns.add(arn)

    def _take_times(self, raw: Text, found: Sequence[Sketch], named: Named) -> bool:
        """Take when each region is named; return whether that could be read."""
        if len(named.regions) == 1 and all(named.times):
            (region,) = named.regions
            self._times.setdefault(region or "", set()).update(named.times)
            return True
        all_times = times(raw)
        if all_times is None:
            return False
        for each, time in zip(found, all_times, strict=True):
            self._times.setdefault(each.region or "", set()).add(time)
        return True

    def _is_sought(self, named: Named) -> bool:
        return not (
            self._sought.isdisjoint(named.keys)
            and self._sought.isdisjoint(named.made)
            and self._hit_arns.isdisjoint(named.arns)
        )

    def _records(self, raw: Text, found: Sequence[Sketch]) -> Iterator[Record]:
        """Yield the sought records in full; what only looked sought falls away here."""
        whole = texts(raw)
        for number, each in enumerate(found):
            if self._may_be_sought(each):
                record = read_record(json.loads(bytes(whole[number])))
                if record is not None and not self._sought.isdisjoint(tokens_of(record)):
                    yield record

    def _may_be_sought(self, sketch: Sketch) -> bool:
        words, arns = self._sought, self._hit_arns
        identity = sketch.identity
        if identity is not None and (identity.key_id in words or identity.arn in arns):
            return True
        if sketch.asked is not None and sketch.asked.role_arn in arns:
            return True
        return sketch.answer is not None and any(each in words for each in keys_in(sketch.answer))
