"""Join ids, secrets and tokens that belong together; where two readings are as good, join nothing.

In each scope the parts stand in a row.  A reading cuts the row into groups of neighbours, each with
one id, at most one secret and at most one token; every join counts, less what speaks against it (a
blank line, another way of writing, distance).  A part is joined only if all best readings agree.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from unleak.evidence.key_id import kind_of
from unleak.evidence.sightings import Part, Sighting
from unleak.model.credential import CredentialKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from unleak.evidence.scopes import Layout, Place

_LARGEST_GROUP = 3
_JOIN = 1_000
_FARTHEST = 20_000
_NEAR = 400
_NEAR_LINES = 4
_PARAGRAPH_LINES = 10
_IMPOSSIBLE = -1
_BLANK_LINE, _STYLE, _WEAK, _ADDRESS, _LINE, _MOST_LINES = 40, 60, 30, 60, 3, 100


@dataclass(frozen=True, slots=True)
class Seen:
    """A sighting and its place."""

    sighting: Sighting
    place: Place


@dataclass(slots=True, kw_only=True)
class Pairing:
    """What was joined to each key id, and what could not be."""

    secrets: dict[str, list[Sighting]] = field(default_factory=lambda: defaultdict(list))
    tokens: dict[str, list[Sighting]] = field(default_factory=lambda: defaultdict(list))
    doubtful: list[Sighting] = field(default_factory=list)
    """Secrets and tokens that two ids could claim."""
    loose: list[Sighting] = field(default_factory=list)
    """Secrets and tokens that no id claims."""


def pair(sightings: Sequence[Sighting], layout: Layout) -> Pairing:
    """Return which secret and token belongs to which key id.

    Args:
        sightings: all parts of the text, in order.
        layout: their scopes and places.
    """
    rows: dict[int, list[Seen]] = defaultdict(list)
    for sighting, place in zip(sightings, layout.places, strict=True):
        if sighting.part in {Part.ID, Part.SECRET, Part.TOKEN}:
            rows[place.scope].append(Seen(sighting, place))
    pairing = Pairing()
    for row in rows.values():
        for owned in _by_qualifier(row):
            _pair_row(owned, pairing)
    return pairing


def _by_qualifier(row: list[Seen]) -> Iterable[list[Seen]]:
    """Divide a row in which labels such as `PROD_` and `DEV_` say what belongs together."""
    sets: dict[tuple[str, ...], list[Seen]] = defaultdict(list)
    for seen in row:
        if seen.sighting.is_labelled:
            sets[seen.sighting.qualifier].append(seen)
    if len(sets) < 2:  # noqa: PLR2004 - one set needs no dividing
        return [row]
    whole = {name: members for name, members in sets.items() if _is_whole(members)}
    rest = [
        seen
        for seen in row
        if not seen.sighting.is_labelled or seen.sighting.qualifier not in whole
    ]
    return [*whole.values(), rest]


def _is_whole(members: list[Seen]) -> bool:
    parts = {seen.sighting.part for seen in members}
    return Part.ID in parts and len(parts) > 1


def _pair_row(row: list[Seen], pairing: Pairing) -> None:
    claims = _claims(row)
    owners = {
        index: owner
        for index, ids in claims.items()
        if len(ids) == 1 and (owner := next(iter(ids))) is not None
    }
    crossed = _crossed(row, owners)
    for index, seen in enumerate(row):
        if seen.sighting.part is Part.ID:
            continue
        owner = owners.get(index)
        if index in crossed or (owner is None and len(claims.get(index, ())) > 1):
            pairing.doubtful.append(seen.sighting)
        elif owner is None:
            pairing.loose.append(seen.sighting)
        else:
            joined = pairing.secrets if seen.sighting.part is Part.SECRET else pairing.tokens
            joined[owner].append(seen.sighting)


def _claims(row: list[Seen]) -> dict[int, set[str | None]]:
    """Return, for each secret and token, the ids that some best reading gives it (None: none)."""
    count = len(row)
    worth = [
        [_worth(row[start : start + size]) for size in range(1, _LARGEST_GROUP + 1)]
        if start < count
        else []
        for start in range(count)
    ]
    ahead = [0] * (count + 1)
    for start in reversed(range(count)):
        ahead[start] = max(
            ahead[start + size] + worth[start][size - 1] for size in _sizes(worth, start, count)
        )
    is_reached = [True] + [False] * count
    claims: dict[int, set[str | None]] = defaultdict(set)
    for start in range(count):
        if not is_reached[start]:
            continue
        for size in _sizes(worth, start, count):
            if worth[start][size - 1] + ahead[start + size] == ahead[start]:
                is_reached[start + size] = True
                _claim(row, start, size, claims)
    return claims


def _sizes(worth: list[list[int]], start: int, count: int) -> list[int]:
    most = min(_LARGEST_GROUP, count - start)
    return [size for size in range(1, most + 1) if worth[start][size - 1] != _IMPOSSIBLE]


def _claim(row: list[Seen], start: int, size: int, claims: dict[int, set[str | None]]) -> None:
    group = row[start : start + size]
    owner = next((each.sighting.value for each in group if each.sighting.part is Part.ID), None)
    for index in range(start, start + size):
        if row[index].sighting.part is not Part.ID:
            claims[index].add(owner)


def _worth(group: list[Seen]) -> int:
    """Return what a group counts: 0 for a single part, -1 where it cannot be one credential."""
    if len(group) == 1:
        return 0
    parts = [seen.sighting.part for seen in group]
    if Part.ID not in parts or len(set(parts)) != len(parts):
        return _IMPOSSIBLE
    key_id = group[parts.index(Part.ID)].sighting.value
    if Part.TOKEN in parts and kind_of(key_id) is CredentialKind.USER_KEY:
        return _IMPOSSIBLE
    joins = [_join(first, second) for first, second in pairwise(group)]
    return _IMPOSSIBLE if _IMPOSSIBLE in joins else sum(joins)


def _join(first: Seen, second: Seen) -> int:
    one, other = first.sighting, second.sighting
    gap = other.start - one.end
    lines = second.place.line - first.place.last_line
    is_strong = (one.is_labelled or one.part is Part.ID) and (
        other.is_labelled or other.part is Part.ID
    )
    if one.qualifier and other.qualifier and one.qualifier != other.qualifier:
        return _IMPOSSIBLE
    if gap > _FARTHEST or (not is_strong and (gap > _NEAR or lines > _NEAR_LINES)):
        return _IMPOSSIBLE
    return _JOIN - _against(first, second, lines=lines)


def _against(first: Seen, second: Seen, *, lines: int) -> int:
    one, other = first.sighting, second.sighting
    against = min(lines, _MOST_LINES) * _LINE
    if second.place.blank_lines > first.place.blank_lines:
        against += _BLANK_LINE
    if second.place.addresses > first.place.addresses:
        against += _ADDRESS
    if one.style != other.style:
        against += _STYLE
    if one.is_weak or other.is_weak:
        against += _WEAK
    return against


def _crossed(row: list[Seen], owners: dict[int, str]) -> set[int]:
    """Return joins that lie between an id without and a part without an owner: columns, it seems.

    `id1 id2 secret1 secret2` has one neighbouring pair, and it is the wrong one.
    """
    crossed: set[int] = set()
    for paragraph in _paragraphs(row):
        for part in (Part.SECRET, Part.TOKEN):
            crossed |= _crossed_in(row, paragraph, owners, part)
    return crossed


def _paragraphs(row: list[Seen]) -> Iterable[list[int]]:
    paragraph: list[int] = []
    for index, seen in enumerate(row):
        if paragraph:
            before = row[paragraph[-1]].place
            if seen.place.line - before.last_line > _PARAGRAPH_LINES:
                yield paragraph
                paragraph = []
        paragraph.append(index)
    yield paragraph


def _crossed_in(
    row: list[Seen], paragraph: list[int], owners: dict[int, str], part: Part
) -> set[int]:
    members = [index for index in paragraph if row[index].sighting.part is part]
    served = {owners[index] for index in members if index in owners}
    loose = [index for index in members if index not in owners]
    lonely = [
        index
        for index in paragraph
        if row[index].sighting.part is Part.ID
        and row[index].sighting.value not in served
        and not (part is Part.TOKEN and row[index].sighting.value.startswith("AKIA"))
    ]
    if not loose or not lonely:
        return set()
    low, high = min(*loose, *lonely), max(*loose, *lonely)
    return {index for index in members if low < index < high and index in owners}
