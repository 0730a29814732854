"""Take a rotation back: the old key works again, and stands where it stood."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.errors import UnleakError, WouldRevive
from unleak.model.action import KeyState
from unleak.model.plan import StepState
from unleak.model.rotation import Mode, RotationKind, RotationStatus
from unleak.rotate.new_key import take_away_orphans
from unleak.rotate.reloading import start_anew
from unleak.rotate.workbench import Stuck
from unleak.stores.reloading import Ticket

if TYPE_CHECKING:
    from unleak.model.rotation import Rotation, RotationStep, Spot
    from unleak.rotate.workbench import Workbench


def undo(bench: Workbench, *, force: bool) -> Rotation:
    """Put back what can be put back, in the order that leaves nobody without a working key.

    The old key is activated first, then it is written back, then what reads it is started anew,
    then the new one is deactivated: but only where nothing holds the new one any more.  It is
    never deleted here.

    Args:
        bench: the workbench.
        force: also where the old key has leaked.

    Raises:
        WouldRevive: the old key has leaked, and `force` was not given.
        Stuck: the old key is gone for good.
        UnleakError: the old key could not be activated.
    """
    rotation = bench.rotation
    if rotation.plan.mode is Mode.LEAKED and not force:
        message = f"{bench.old_key_id} has leaked: taking the rotation back revives the leak"
        raise WouldRevive(message, hint="create another key instead, or give --force")
    _activate_old(bench)
    create = rotation.step(RotationKind.CREATE)
    if create is not None and create.id in rotation.open_steps:
        take_away_orphans(bench)
        rotation = bench.rotation
    kept = [step for step in reversed(bench.writes) if not _is_put_back(bench, step)]
    kept += [step for step in bench.reloads if not _is_back_on_old(bench, step)]
    if kept:
        places = ", ".join(step.target for step in kept)
        bench.person.hears(f"the new key stays active, since it is in use at: {places}")
    elif rotation.new_key_id is not None:
        bench.journal.note(bench.id, f"deactivating {rotation.new_key_id}: the rotation is undone")
        bench.writer.set_key_status(
            user=bench.user, key_id=rotation.new_key_id, state=KeyState.INACTIVE
        )
    status = RotationStatus.PARTIAL if kept else RotationStatus.UNDONE
    bench.journal.closed(bench.id, status)
    bench.refresh()
    return bench.rotation


def _activate_old(bench: Workbench) -> None:
    states = {key.key_id: key.state for key in bench.reader.keys(bench.user)}
    state = states.get(bench.old_key_id)
    if state is None:
        message = f"{bench.old_key_id} was deleted, and a deleted key cannot be had back"
        raise Stuck(message, hint="the new key stays; rotate once more if it should go")
    if state is KeyState.INACTIVE:
        bench.journal.note(bench.id, f"activating {bench.old_key_id}: the rotation is undone")
        bench.writer.set_key_status(user=bench.user, key_id=bench.old_key_id, state=KeyState.ACTIVE)
    for kind in (
        RotationKind.SILENCE,
        RotationKind.DEACTIVATE,
        RotationKind.DEACTIVATE_LEAKED,
    ):
        step = bench.rotation.step(kind)
        if step is not None and step.state is StepState.DONE:
            bench.end(step, StepState.UNDONE, detail="the old key is active again")


def _may_hold_new(bench: Workbench, step: RotationStep, spot: Spot) -> bool:
    """Whether a place whose write did not end well may hold the new key all the same."""
    if step.id not in dict(bench.rotation.began):
        return False
    try:
        held = bench.destination(spot).held(spot, bench.old_key_id, bench.reach)
    except UnleakError as error:
        bench.person.hears(f"{step.target}: {error.message}")
        return True
    return not held.is_readable or held.key_id == bench.rotation.new_key_id


def _is_back_on_old(bench: Workbench, step: RotationStep) -> bool:
    """Let a workload that may hold the new key read its places once more; True: it holds none.

    A place that was kept holds the new key still, so what reads it is left as it runs.
    """
    if step.state is StepState.UNDONE or step.id not in dict(bench.rotation.began):
        return True
    back = [each for each in bench.writes if each.target in step.after]
    if not any(each.state is StepState.UNDONE for each in back):
        return True
    since = max(at for each in back if (at := bench.ended_at(each.id)) is not None)
    ticket = Ticket(mark=f"{bench.old_key_id} {since:%Y-%m-%dT%H:%M:%SZ}", since=since)
    if not start_anew(bench, step, ticket):
        return False
    return bench.end(step, StepState.UNDONE, detail="started anew with the old key") or True


def _is_put_back(bench: Workbench, step: RotationStep) -> bool:
    """Restore one place; True also where nothing of ours is there."""
    if step.state is StepState.UNDONE or step.spot is None:
        return True
    if step.state is not StepState.DONE:
        return not _may_hold_new(bench, step, step.spot)
    if step.written is None or step.written.way_back is None:
        bench.person.hears(f"{step.target}: there is no way back from here; put it back by hand")
        return False
    try:
        bench.destination(step.spot).restore(step.spot, step.written, bench.reach)
    except UnleakError as error:
        bench.person.hears(f"{step.target}: {error.message}")
        return False
    return bench.end(step, StepState.UNDONE, detail="put back") or True
