"""Let workloads that read a place when they start do so again, one after another, and watch them.

One at a time and in a fixed order: where the first does not come up with the new key, all others
still run with the old one, which nobody has deactivated yet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from unleak.errors import UnleakError
from unleak.model.frozen import dataclass
from unleak.model.plan import StepState
from unleak.stores.reloading import KnowsReaders, Progress, Ticket

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from unleak.model.rotation import RotationStep, Spot
    from unleak.rotate.workbench import Workbench
    from unleak.stores.interface import Reach
    from unleak.stores.registry import Registry
    from unleak.stores.reloading import Workload

LOOK_SECONDS: Final = 5.0
ROLLOUT_SECONDS: Final = 900.0
"""How long to wait for one workload in one run; draining connections alone takes minutes."""
_SETTLED: Final = (StepState.DONE, StepState.ALREADY, StepState.SKIPPED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A workload with the places that it reads."""

    workload: Workload
    places: tuple[str, ...]
    """Their labels."""


def readings_of(
    spots: Iterable[Spot], registry: Registry, reach: Reach
) -> tuple[tuple[Reading, ...], tuple[str, ...]]:
    """Return who has to start anew after the writes, and what a person has to see to.

    Args:
        spots: the places that will be written.
        registry: the destinations.
        reach: with what to look; it need not be able to write.
    """
    places: dict[Spot, list[str]] = {}
    workloads: dict[Spot, Workload] = {}
    notes: dict[str, None] = {}
    for spot in spots:
        destination = registry.destination(spot.store)
        if not isinstance(destination, KnowsReaders):
            continue
        try:
            found = destination.readers(spot, reach)
        except UnleakError as error:
            notes[f"who reads {spot.label} when it starts is not known: {error.message}"] = None
            continue
        for workload in found.workloads:
            workloads.setdefault(workload.spot, workload)
            places.setdefault(workload.spot, []).append(spot.label)
        notes |= dict.fromkeys(f"{spot.label}: {note}" for note in found.notes)
    readings = (Reading(workload=workloads[each], places=tuple(places[each])) for each in workloads)
    return tuple(readings), tuple(notes)


def may_reload(bench: Workbench, step: RotationStep) -> bool:
    """Whether all places that the workload reads are settled; where not, that is noted."""
    waits = [each for each in _writes(bench, step) if each.state not in _SETTLED]
    if waits:
        detail = f"first to be written: {', '.join(each.target for each in waits)}"
        bench.end(step, StepState.PLANNED, detail=detail)
    return not waits


def reload(bench: Workbench, step: RotationStep) -> bool:
    """Let one workload start anew and watch it come up.

    Returns:
        Whether all that it runs has read the new key; False also while that goes on.
    """
    since = written_at(bench, step)
    if since is None:
        return bench.end(step, StepState.ALREADY, detail="nothing that it reads was written")
    mark = f"{bench.rotation.new_key_id} {since:%Y-%m-%dT%H:%M:%SZ}"
    return start_anew(bench, step, Ticket(mark=mark, since=since))


def start_anew(bench: Workbench, step: RotationStep, ticket: Ticket) -> bool:
    """Do it, journaled before; what was begun for the same ticket is only watched."""
    if step.spot is None:
        raise AssertionError  # the plan gives every reload its workload
    bench.begin(step)
    try:
        store = bench.reloader(step.spot)
        if step.after != (step.target,):  # what was written itself starts anew by that
            store.reload(step.spot, ticket, bench.reach)
        return _watched(bench, step, step.spot, ticket)
    except UnleakError as error:
        return bench.fail(step, error)


def is_stale(bench: Workbench, step: RotationStep) -> bool:
    """Whether a place was written once more since the workload has read it."""
    at, written = bench.ended_at(step.id), written_at(bench, step)
    return at is not None and written is not None and written > at


def written_at(bench: Workbench, step: RotationStep) -> datetime | None:
    """Return when the last of a workload's places was written, None where none was."""
    done = [each for each in _writes(bench, step) if each.state is not StepState.SKIPPED]
    return max((at for each in done if (at := bench.ended_at(each.id)) is not None), default=None)


def _writes(bench: Workbench, step: RotationStep) -> tuple[RotationStep, ...]:
    return tuple(each for each in bench.writes if each.target in step.after)


def _watched(bench: Workbench, step: RotationStep, workload: Spot, ticket: Ticket) -> bool:
    started = bench.pace.monotonic()
    while True:
        now = bench.reloader(workload).rollout(workload, ticket, bench.reach)
        if now.progress is Progress.THROUGH:
            return bench.end(step, detail=now.detail)
        if now.progress is Progress.FAILED:
            return bench.end(step, StepState.FAILED, detail=now.detail)
        if bench.pace.monotonic() - started >= ROLLOUT_SECONDS:
            return bench.end(step, StepState.PLANNED, detail=f"still on its way: {now.detail}")
        bench.person.hears(f"{workload.label}: {now.detail}")
        bench.pace.pause(LOOK_SECONDS)
