"""Look at each place before the question: can the new key be written there?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from unleak.errors import Refused, UnleakError
from unleak.stores.interface import CannotSwap

if TYPE_CHECKING:
    from unleak.model.rotation import Spot
    from unleak.rotate.plan import RotationWish
    from unleak.stores.interface import Reach
    from unleak.stores.registry import Registry


_WHOLE = frozenset({"codebuild", "ecs", "file", "lambda", "secretsmanager", "ssm"})
"""Stores that put a key in the old one's place, and add none to what else is there."""


class PlaceNotFit(Refused):
    """A place that was named cannot take the new key."""

    code = "place-not-fit"


def with_fit_places(
    wish: RotationWish, old_key_id: str, registry: Registry, reach: Reach
) -> RotationWish:
    """Return the wish without the places that were found and do not fit; those are told.

    Args:
        wish: what the person asked for.
        old_key_id: the key to be replaced.
        registry: the destinations.
        reach: with what to look; it need not be able to write.

    Raises:
        PlaceNotFit: one that the person named does not fit.
    """
    fit: list[Spot] = []
    told: list[str] = []
    holders: list[str] = []
    for spot in wish.spots:
        problem = _problem(spot, old_key_id, registry, reach)
        if problem is None:
            fit.append(spot)
        elif spot in wish.found:
            holders.append(spot.label)
            told.append(f"{spot.label}: {problem.message}")
        else:
            message = f"{spot.label} cannot take the new key: {problem.message}"
            raise PlaceNotFit(message, hint=problem.hint or "leave it out, or mend it first")
    return replace(
        wish,
        spots=tuple(fit),
        holders=(*wish.holders, *holders),
        by_hand=(*wish.by_hand, *told),
    )


def _problem(spot: Spot, old_key_id: str, registry: Registry, reach: Reach) -> UnleakError | None:
    try:
        destination = registry.destination(spot.store)
        held = destination.held(spot, old_key_id, reach)
        if held.key_id is None and held.is_readable and held.version and spot.store in _WHOLE:
            return CannotSwap("it is there, but it does not hold the old key")
        if held.key_id is None:
            return None  # a fresh place, one that a key can be added to, or that nobody can read
        if held.key_id != old_key_id:
            return CannotSwap(f"it holds {held.key_id}, another key")
        if held.is_readable and destination.pair(spot, old_key_id, reach) is None:
            return CannotSwap("which secret there belongs to the old key cannot be told")
    except UnleakError as error:
        return error
    return None
