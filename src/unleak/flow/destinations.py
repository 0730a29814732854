"""Turn `--to` and what `find` has found into places to write to, readable ones first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.errors import WrongUse
from unleak.report.find_words import gap_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unleak.model.reference import Reference, SearchResult
    from unleak.model.rotation import Spot
    from unleak.stores.registry import Registry

_FILE_STARTS = ("~", "/", "./", "../")
_CREDENTIALS = "aws-credentials"
_NO_READERS = frozenset({"git", "scanner"})
"""Where a key stands, but no program reads it from."""
_UNREADABLE = frozenset({"github", "stdout"})
"""Places that nobody can read back: written last, so that a crash before them loses nothing."""


def spots_of(texts: Sequence[str], registry: Registry) -> tuple[Spot, ...]:
    """Return the places that `--to` names.

    Args:
        texts: `STORE:LOCATION`, a path of a credentials file, or `stdout`.
        registry: the destinations.

    Raises:
        WrongUse: one of them makes no sense.
    """
    return in_order([_spot(text, registry) for text in texts])


def found_spots(
    result: SearchResult, registry: Registry
) -> tuple[tuple[Spot, ...], tuple[str, ...], tuple[str, ...]]:
    """Return the places found that can be written to, those that cannot, and what else to look at.

    Args:
        result: of `find`.
        registry: the destinations.
    """
    spots: dict[Spot, None] = {}
    holders: dict[str, None] = {}
    by_hand: dict[str, None] = {}
    for each in result.references:
        if each.updatable:
            at = f"@{each.region}" if each.region else ""
            spots[_spot(f"{each.store}:{each.location}{at}", registry)] = None
        elif each.store in _NO_READERS or each.kind == "shell-history" or each.is_only_name:
            by_hand[_described(each)] = None
        else:
            holders[each.where + (f"@{each.region}" if each.region else "")] = None
    for line in gap_lines(result.not_searched):
        by_hand[f"not looked into: {line}"] = None
    return in_order(list(spots)), tuple(holders), tuple(by_hand)


def _described(each: Reference) -> str:
    return f"{each.where} ({each.kind}{', ' + each.field if each.field else ''})"


def in_order(spots: Sequence[Spot]) -> tuple[Spot, ...]:
    """Return each place once, those that can be read back first."""
    unique = list(dict.fromkeys(spots))
    return tuple(sorted(unique, key=lambda spot: spot.store in _UNREADABLE))


def _spot(text: str, registry: Registry) -> Spot:
    if text.startswith(_FILE_STARTS):
        return registry.destination(_CREDENTIALS).spot(text)
    store, colon, rest = text.partition(":")
    if not colon and store != "stdout":
        message = f"{text[:60]!a} is no place: STORE:LOCATION is wanted"
        hint = "for example secretsmanager:NAME, ssm:/NAME, lambda:FUNCTION, ~/.aws/credentials"
        raise WrongUse(message, hint=hint)
    return registry.destination(store).spot(rest)
