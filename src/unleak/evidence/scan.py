"""Gather every part of a plain text in order, in bounded memory.

A log may name one key id a million times.  The first mentions of each value are kept, and all that
stand where something could be joined to them; the others tell nothing new.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from unleak.evidence import bare, labelled
from unleak.evidence.sightings import Keeps, Sighting, start_of
from unleak.evidence.words import lowered

LIMIT = 20_000
"""Parts of one kind that are kept; a text with more is an export, not a leak, and is told so."""
_MENTIONS = 20
_NEAR_A_SECRET = 20_000
_NEAR_A_KEY = 65_536
_MOST_IDS = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """What a text shows, in its order."""

    sightings: tuple[Sighting, ...]
    is_cut: bool
    """Whether there was more than is kept."""


def scan(text: str) -> Scan:
    """Return the parts of a plain text, none overlapping another.

    Args:
        text: what `surface.plain` returned, or any text.
    """
    lower = lowered(text)
    told = [
        *islice(labelled.secrets(text, lower), LIMIT),
        *islice(labelled.tokens(text, lower), LIMIT),
    ]
    taken = _apart(told, [])
    taken += _apart(islice(bare.own_tokens(text), LIMIT), taken)
    places = islice(bare.id_places(text), _MOST_IDS)
    taken += _apart(islice(bare.runs(text, places), LIMIT), taken)
    keeps = _keeper(taken, reach=_NEAR_A_SECRET)
    ids = _apart(islice(bare.key_ids(text, keeps), LIMIT), taken)
    others = islice(labelled.other_ids(text, lower, _keeper(taken, reach=_NEAR_A_SECRET)), LIMIT)
    ids += _apart(others, [*taken, *ids])
    near_a_secret = _keeper([*taken, *ids], reach=_NEAR_A_SECRET)
    near_a_key = _keeper([*taken, *ids], reach=_NEAR_A_KEY)
    rest = [
        *islice(labelled.expiries(text, lower, near_a_secret), LIMIT),
        *islice(bare.arns(text, near_a_key), LIMIT),
    ]
    counts = Counter(each.part for each in [*taken, *ids, *rest])
    return Scan(
        sightings=tuple(sorted([*taken, *ids, *rest], key=start_of)),
        is_cut=any(count >= LIMIT for count in counts.values()),
    )


def _keeper(taken: list[Sighting], *, reach: int) -> Keeps:
    """Keep the first mentions of each value, and those within reach of another part."""
    around = sorted(each.start for each in taken)
    mentions: Counter[str] = Counter()

    def keeps(value: str, place: int) -> bool:
        if len(mentions) < LIMIT or value in mentions:
            mentions[value] += 1
            if mentions[value] <= _MENTIONS:
                return True
        index = bisect_left(around, place - reach)
        return index < len(around) and around[index] <= place + reach

    return keeps


def _apart(found: Iterable[Sighting], taken: list[Sighting]) -> list[Sighting]:
    """Return those that overlap neither one another nor what is taken; the earlier one wins."""
    spans = sorted((each.start, each.end) for each in taken)
    apart: list[Sighting] = []
    for each in sorted(found, key=start_of):
        index = bisect_left(spans, (each.end, 0)) - 1
        is_free = index < 0 or spans[index][1] <= each.start
        if is_free and not (apart and apart[-1].end > each.start):
            apart.append(each)
    return apart
