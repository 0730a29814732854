"""Write the new key to one place, and read it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from unleak.errors import UnleakError
from unleak.model.plan import StepState
from unleak.model.rotation import Written
from unleak.rotate.workbench import Stuck
from unleak.stores.interface import Moved

if TYPE_CHECKING:
    from unleak.model.rotation import RotationStep, Spot
    from unleak.rotate.workbench import Workbench
    from unleak.stores.interface import Destination, Held, KeyPair

TRIES: Final = 3
"""How often a place that somebody else changes meanwhile is read and written anew."""


def write(bench: Workbench, step: RotationStep) -> bool:
    """Write the new key to one place; what goes wrong there stops no other place.

    Returns:
        Whether the place holds the new key.
    """
    if step.spot is None or bench.pair is None:
        return bench.end(step, StepState.FAILED, detail="the new key's secret is not known here")
    bench.begin(step)
    try:
        destination = bench.destination(step.spot)
        held = destination.held(step.spot, bench.old_key_id, bench.reach)
        if held.key_id == bench.pair.key_id and _is_whole(bench, destination, step.spot):
            left = Written(version=held.version, way_back=None)
            return bench.end(step, detail="it held the new key already", written=left)
        if _is_somebody_elses(held, bench):
            detail = f"it holds {held.key_id}, neither the old key nor the new one: left alone"
            return bench.end(step, StepState.FAILED, detail=detail)
        written = _written(bench, destination, step.spot, held)
        _read_back(bench, destination, step.spot, bench.pair)
    except UnleakError as error:
        return bench.fail(step, error)
    return bench.end(step, detail=_words(held, written), written=written)


def still_written(bench: Workbench, step: RotationStep) -> bool:
    """Whether a place that was written still holds the new key; where not, the write has failed."""
    if step.state is not StepState.DONE or step.spot is None:
        return True
    try:
        held = bench.destination(step.spot).held(step.spot, bench.old_key_id, bench.reach)
    except UnleakError as error:
        return bench.fail(step, error)
    if held.is_readable and held.key_id != bench.rotation.new_key_id:
        detail = f"it holds {held.key_id or 'no key of ours'} again: somebody has changed it back"
        return bench.end(step, StepState.FAILED, detail=detail)
    return True


def _is_whole(bench: Workbench, destination: Destination, spot: Spot) -> bool:
    """Whether the new id stands there with its own secret, and not with the old one's."""
    return destination.pair(spot, bench.rotation.new_key_id or "", bench.reach) == bench.pair


def _is_somebody_elses(held: Held, bench: Workbench) -> bool:
    """Whether a place that was found with the old key holds quite another one by now."""
    ours = {bench.old_key_id, bench.rotation.new_key_id, *_replaced(bench)}
    return held.key_id is not None and held.key_id not in ours


def _replaced(bench: Workbench) -> tuple[str, ...]:
    """Return keys of ours that were made, lost in a crash and taken away."""
    marked = [note.split(" ") for note in bench.rotation.notes if note.startswith("taking ")]
    return tuple(words[1] for words in marked)


def _written(bench: Workbench, destination: Destination, spot: Spot, held: Held) -> Written:
    """Write, and once more from the start where somebody else was quicker."""
    pair = bench.pair
    if pair is None:
        raise AssertionError  # the caller has looked
    now = held
    for attempt in range(1, TRIES + 1):
        old = now.key_id or bench.old_key_id
        try:
            return destination.write(spot, old, pair, now, bench.reach)
        except Moved:
            if attempt == TRIES:
                raise
            now = destination.held(spot, bench.old_key_id, bench.reach)
    raise AssertionError  # the loop returns or raises


def _read_back(bench: Workbench, destination: Destination, spot: Spot, new: KeyPair) -> None:
    """Make sure that the place holds the new key, where it can be read at all.

    Raises:
        Stuck: it holds another one.
    """
    held = destination.held(spot, bench.old_key_id, bench.reach)
    if held.is_readable and destination.pair(spot, new.key_id, bench.reach) != new:
        message = f"read back, {spot.label} holds {held.key_id or 'no key of ours'}"
        raise Stuck(message, hint="look who else writes there, then resume")


def _words(held: Held, written: Written) -> str:
    proof = "read back" if held.is_readable else "accepted; it cannot be read back"
    return f"{proof}; {written.reload}" if written.reload else proof
