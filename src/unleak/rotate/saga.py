"""Run the steps of a rotation in their order; stop where going on could hurt, and say why."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from unleak.errors import Interrupted, Refused
from unleak.model.plan import StepState
from unleak.model.rotation import RotationKind, RotationStatus
from unleak.rotate import new_key, retire
from unleak.rotate.reloading import is_stale, may_reload, reload
from unleak.rotate.workbench import Stuck
from unleak.rotate.writing import still_written, write

if TYPE_CHECKING:
    from unleak.model.rotation import Rotation, RotationStep
    from unleak.rotate.workbench import Workbench

_SETTLED = (StepState.DONE, StepState.ALREADY, StepState.SKIPPED)


def run(bench: Workbench) -> Rotation:
    """Do what is left of a rotation and return it as it stands.

    A place that cannot be written stops no other place, but it keeps the old key alive.

    Args:
        bench: the workbench of a rotation that was accepted.

    Raises:
        Interrupted: Ctrl-C; the journal is whole.
        Stuck: a person has to decide first.
        UnleakError: the journal cannot be written, or the keys cannot be read.
    """
    try:
        new_key.recover(bench)
        _go(bench)
    except Refused as error:
        bench.journal.closed(bench.id, RotationStatus.PARTIAL)
        message = f"{error.message}; {bench.id} is partly done"
        raise Stuck(message, hint=f"{error.hint}; then `unleak resume {bench.id}`") from error
    except KeyboardInterrupt as error:
        message = f"interrupted; {bench.id} is whole in the journal"
        raise Interrupted(message, hint=f"`unleak resume {bench.id}` goes on from here") from error
    bench.journal.closed(bench.id, status_of(bench.rotation))
    bench.refresh()
    return bench.rotation


def status_of(rotation: Rotation) -> RotationStatus:
    """Return the word for what a rotation has come to."""
    steps = rotation.plan.steps
    create = rotation.step(RotationKind.CREATE)
    works = rotation.step(RotationKind.AUTHENTICATE)
    if any(step is None or step.state not in _SETTLED for step in (create, works)):
        return RotationStatus.FAILED
    if all(step.state in _SETTLED for step in steps):
        return RotationStatus.ROTATED
    if any(step.state is StepState.FAILED for step in steps):
        return RotationStatus.PARTIAL
    return RotationStatus.WAITING


def _go(bench: Workbench) -> None:
    """Do the steps; those before and after the writes end it where they fail."""
    is_in_place = True
    for planned in bench.rotation.plan.steps:
        step = next(each for each in bench.rotation.plan.steps if each.id == planned.id)
        if step.state in _SETTLED and not _is_stale(bench, step):
            continue
        if step.kind is RotationKind.WRITE:
            is_in_place = write(bench, step) and is_in_place
            continue
        if step.kind is RotationKind.RELOAD and not may_reload(bench, step):
            is_in_place = False
            continue
        may_go = not _is_after_writes(step) or (is_in_place and _may_retire(bench, step))
        if not may_go or not _do(bench, step):
            break
    new_key.give_up_if_nowhere(bench)


def _is_stale(bench: Workbench, step: RotationStep) -> bool:
    return step.kind is RotationKind.RELOAD and is_stale(bench, step)


def _may_retire(bench: Workbench, step: RotationStep) -> bool:
    """Look at every place again: what was written may have been reverted since.

    A person's places come first too: whoever reads the old key there would be down without it.
    """
    if bench.rotation.waits_for:
        places = ", ".join(bench.rotation.waits_for)
        bench.end(step, StepState.PLANNED, detail=f"first to be done by hand: {places}")
        return False
    if step.kind is RotationKind.SILENCE:
        return True
    return all(still_written(bench, each) for each in bench.writes)


def _is_after_writes(step: RotationStep) -> bool:
    return step.kind in {RotationKind.SILENCE, RotationKind.DEACTIVATE, RotationKind.DELETE}


def _do(bench: Workbench, step: RotationStep) -> bool:  # noqa: PLR0911 - one case a kind
    match step.kind:
        case RotationKind.MAKE_ROOM | RotationKind.DELETE:
            return retire.delete(bench, step)
        case RotationKind.DEACTIVATE_LEAKED | RotationKind.DEACTIVATE:
            return retire.set_inactive(bench, step)
        case RotationKind.CREATE:
            return new_key.make(bench, step)
        case RotationKind.AUTHENTICATE:
            return new_key.authenticate(bench, step)
        case RotationKind.RELOAD:
            return reload(bench, step)
        case RotationKind.SILENCE:
            return retire.watch_silence(bench, step)
        case RotationKind.WRITE:
            return write(bench, step)
        case _:
            assert_never(step.kind)
