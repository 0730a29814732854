"""Which expiry and which identity ARN stand with a credential; no answer where there are two."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from unleak.errors import WrongUse
from unleak.evidence.sightings import Part, Sighting
from unleak.model.instant import parse_instant
from unleak.model.principal import PrincipalType, parse_arn

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from unleak.evidence.scopes import Layout
    from unleak.model.principal import Arn

_SECONDS = 10
"""Digits of an instant in seconds since 1970; milliseconds have three more."""
_LEVELS_UP = 3
_DECLARED_BEFORE = 160
_DECLARES = ("assumedroleuser", "assumed_role_user", "federateduser", "federated_user")


@dataclass(slots=True)
class _Within:
    """What stands in one scope and all that it holds."""

    key_ids: set[str] = field(default_factory=set)
    arns: set[str] = field(default_factory=set)


def arns_of(sightings: Sequence[Sighting], layout: Layout, text: str) -> dict[str, str]:
    """Return the identity ARN that stands with each key id, where there is exactly one.

    The nearest object around the id that names a session or a user decides, unless it holds another
    credential too.  Outside of objects only an ARN that follows the words `AssumedRoleUser` or
    `FederatedUser` counts: a lone ARN in a log may be anybody's.
    """
    within = _within(sightings, layout)
    answers: dict[str, set[str]] = defaultdict(set)
    for sighting, place in zip(sightings, layout.places, strict=True):
        if sighting.part is Part.ID:
            for scope in _upwards(place.scope, layout):
                here = within[scope]
                if len(here.key_ids) > 1:
                    break
                if here.arns:
                    answers[sighting.value] |= here.arns
                    break
    declared = _declared(sightings, text)
    key_ids = {each.value for each in sightings if each.part is Part.ID}
    if len(declared) == len(key_ids) == 1 and not answers:
        return {next(iter(key_ids)): next(iter(declared))}
    return {key_id: next(iter(arns)) for key_id, arns in answers.items() if len(arns) == 1}


def _within(sightings: Sequence[Sighting], layout: Layout) -> dict[int, _Within]:
    within: dict[int, _Within] = defaultdict(_Within)
    for sighting, place in zip(sightings, layout.places, strict=True):
        for scope in _upwards(place.scope, layout):
            if sighting.part is Part.ID:
                within[scope].key_ids.add(sighting.value)
            elif sighting.part is Part.ARN and _names_a_caller(sighting.value):
                within[scope].arns.add(sighting.value)
    return within


def _upwards(scope: int, layout: Layout) -> Iterator[int]:
    """Yield the objects around a place, innermost first; the open text itself is none."""
    current: int | None = scope
    for _ in range(_LEVELS_UP):
        if current is None or not layout.is_object[current]:
            return
        yield current
        current = layout.parents[current]


def _declared(sightings: Sequence[Sighting], text: str) -> set[str]:
    return {
        each.value
        for each in sightings
        if each.part is Part.ARN
        and _names_a_caller(each.value)
        and any(
            word in text[max(0, each.start - _DECLARED_BEFORE) : each.start].lower()
            for word in _DECLARES
        )
    }


def read_arn(text: str) -> Arn | None:
    """Return the identity that an ARN names, or None where it names none."""
    try:
        return parse_arn(text)
    except WrongUse:
        return None


def _names_a_caller(text: str) -> bool:
    arn = read_arn(text)
    return arn is not None and (
        arn.session_name is not None
        or arn.principal.type in {PrincipalType.USER, PrincipalType.FEDERATED_USER}
    )


def expiries_of(
    sightings: Sequence[Sighting], layout: Layout, joined: dict[str, list[Sighting]]
) -> dict[str, datetime]:
    """Return when each session expires, as far as the text says so.

    Args:
        sightings: all parts of the text, in order.
        layout: their places.
        joined: for each key id, its own sightings and those of its secret and token.
    """
    scopes = {
        (each.part, each.start): place.scope
        for each, place in zip(sightings, layout.places, strict=True)
    }
    owners: dict[int, set[str]] = defaultdict(set)
    spans: dict[tuple[int, str], tuple[int, int]] = {}
    for key_id, parts in joined.items():
        for part in parts:
            scope = scopes[part.part, part.start]
            owners[scope].add(key_id)
            low, high = spans.get((scope, key_id), (part.start, part.end))
            spans[scope, key_id] = min(low, part.start), max(high, part.end)
    answers: dict[str, set[datetime]] = defaultdict(set)
    for sighting in sightings:
        if sighting.part is Part.EXPIRY:
            scope = scopes[sighting.part, sighting.start]
            owner = _owner(sighting, scope, owners[scope], spans)
            instant = None if owner is None else _instant(sighting.value)
            if owner is not None and instant is not None:
                answers[owner].add(instant)
    return {key_id: min(instants) for key_id, instants in answers.items() if len(instants) == 1}


def _instant(text: str) -> datetime | None:
    try:
        if text.isdigit():
            return datetime.fromtimestamp(int(text[:_SECONDS]), tz=UTC)
        return parse_instant(text)
    except WrongUse:  # the thirteenth month: no more than no expiry
        return None


def _owner(
    expiry: Sighting,
    scope: int,
    owners: set[str],
    spans: dict[tuple[int, str], tuple[int, int]],
) -> str | None:
    if len(owners) == 1:
        return next(iter(owners))
    inside = [
        key_id
        for key_id in owners
        if spans[scope, key_id][0] < expiry.start < spans[scope, key_id][1]
    ]
    return inside[0] if len(inside) == 1 else None
