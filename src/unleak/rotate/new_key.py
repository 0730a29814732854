"""The new key: made once, seen to work before anybody gets it, and never left behind.

Between `CreateAccessKey` and the first write its secret is in memory only.  A process that dies
there leaves an orphan: a working key that nobody knows.  It is found by comparing the user's keys
with those that were there before, and taken away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from unleak.errors import UnleakError
from unleak.model.action import KeyState
from unleak.model.credential import FoundCredential
from unleak.model.plan import StepState
from unleak.model.rotation import RotationKind
from unleak.rotate.workbench import Stuck
from unleak.stores.interface import KeyPair

if TYPE_CHECKING:
    from unleak.model.rotation import RotationStep
    from unleak.rotate.workbench import Workbench

IN_A_ROW: Final = 3
"""So many times the new key has to be accepted in each region: one yes may come from one server."""
AUTHENTICATE_SECONDS: Final = 120.0
_BETWEEN_SECONDS: Final = 1.0
_LOOKS: Final = 2
"""How often the list of keys is read for an orphan: a key made just now may show a moment late."""


def make(bench: Workbench, step: RotationStep) -> bool:
    """Create the key; whatever a lost answer may have left is taken away and made anew.

    Returns:
        Whether there is a new key, with its secret in memory.
    """
    bench.journal.keys(bench.id, tuple(key.key_id for key in bench.reader.keys(bench.user)))
    bench.begin(step)
    try:
        key_id, secret = bench.doors.key_maker().create_key(bench.user)
    except UnleakError as error:
        bench.fail(step, error)
        take_away_orphans(bench)
        return False
    bench.journal.new_key(bench.id, key_id)
    bench.pair = KeyPair(key_id=key_id, secret=secret)
    return bench.end(step, detail=key_id)


def authenticate(bench: Workbench, step: RotationStep) -> bool:
    """Wait until the new key is accepted, several times in a row and in every region of the plan.

    IAM is eventually consistent.
    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html
    """
    pair = bench.pair
    if pair is None:
        return bench.end(step, StepState.FAILED, detail="the new key's secret is not known here")
    bench.begin(step)
    found = FoundCredential(access_key_id=pair.key_id, secret=pair.secret)
    prober = bench.doors.prober()
    started = bench.pace.monotonic()
    in_a_row = dict.fromkeys(bench.rotation.plan.regions, 0)
    last = "no answer"
    while True:
        for region in in_a_row:
            answer = prober.probe(found, service="sts", region=region)
            in_a_row[region] = in_a_row[region] + 1 if answer.ok else 0
            last = last if answer.ok else f"{region}: {answer.error_code or answer.message}"
        if all(times >= IN_A_ROW for times in in_a_row.values()):
            return bench.end(step, detail=f"accepted {IN_A_ROW} times in {', '.join(in_a_row)}")
        if bench.pace.monotonic() - started > AUTHENTICATE_SECONDS:
            bench.end(step, StepState.FAILED, detail=f"still not accepted: {last}")
            _give_up(bench, pair.key_id)
            return False
        bench.pace.pause(_BETWEEN_SECONDS)


def recover(bench: Workbench) -> None:
    """After a crash: settle what was begun, and get the new secret back or make room for another.

    Raises:
        Stuck: a key appeared that may be somebody else's, or the new secret is lost for good.
        UnleakError: the keys could not be listed or changed.
    """
    rotation = bench.rotation
    create = rotation.step(RotationKind.CREATE)
    if create is None or create.state is StepState.PLANNED or create.state is StepState.FAILED:
        if create is not None and create.id in dict(rotation.began):
            take_away_orphans(bench)
        return
    settled = (StepState.DONE, StepState.SKIPPED)
    left = [step for step in bench.writes if step.state not in settled]
    if not left or rotation.new_key_id is None:
        return
    bench.pair = _read_back(bench, rotation.new_key_id)
    if bench.pair is None:
        _start_over(bench, rotation.new_key_id, create)


def take_away_orphans(bench: Workbench) -> None:
    """Find keys that a creation without an outcome may have made; deactivate and delete them.

    Raises:
        Stuck: one of them has been used already, so it is not ours.
    """
    known = set(bench.rotation.keys_before)
    for look in range(_LOOKS):
        if look:
            bench.pace.pause(_BETWEEN_SECONDS)
        for key in bench.reader.keys(bench.user):
            if key.key_id in known:
                continue
            if bench.reader.key_use(key.key_id).last_used_at is not None:
                message = f"{key.key_id} of user/{bench.user} is new, and it is in use already"
                hint = "somebody else has made it: find out who, then resume"
                raise Stuck(message, hint=hint)
            _remove(bench, key.key_id, "an orphan: made by a call whose answer was lost")
            known.add(key.key_id)
    bench.journal.new_key(bench.id, None)


def _read_back(bench: Workbench, key_id: str) -> KeyPair | None:
    """Return the new pair from a place that it was written to before."""
    for step in bench.writes:
        if step.spot is None or step.id not in dict(bench.rotation.began):
            continue
        pair = bench.destination(step.spot).pair(step.spot, key_id, bench.reach)
        if pair is not None:
            return pair
    return None


def _start_over(bench: Workbench, key_id: str, create: RotationStep) -> None:
    """Replace a key whose secret is lost: it is in no place that it could be read from."""
    holders = [step.target for step in bench.writes if step.state is StepState.DONE]
    _remove(bench, key_id, "its secret was lost with the process")
    if holders:
        bench.person.hears(f"written again, since it cannot be read back: {', '.join(holders)}")
    bench.journal.new_key(bench.id, None)
    for step in (create, *_to_do_again(bench)):
        bench.end(step, StepState.PLANNED, detail="to be done again")


def _give_up(bench: Workbench, key_id: str) -> None:
    """Take a key away that nobody has got: an active key that nobody holds is a door."""
    create = bench.rotation.step(RotationKind.CREATE)
    _remove(bench, key_id, "it was never accepted, and nobody has got it")
    bench.pair = None
    bench.journal.new_key(bench.id, None)
    if create is not None:
        bench.end(create, StepState.PLANNED, detail="to be done again")


def _to_do_again(bench: Workbench) -> tuple[RotationStep, ...]:
    again = (RotationKind.AUTHENTICATE, RotationKind.WRITE)
    return tuple(step for step in bench.rotation.plan.steps if step.kind in again)


def _remove(bench: Workbench, key_id: str, why: str) -> None:
    """Deactivate and delete a key that nobody holds; noted before it is done."""
    if key_id not in {key.key_id for key in bench.reader.keys(bench.user)}:
        return  # an earlier run got that far
    bench.journal.note(bench.id, f"taking {key_id} away: {why}")
    bench.writer.set_key_status(user=bench.user, key_id=key_id, state=KeyState.INACTIVE)
    bench.writer.delete_key(user=bench.user, key_id=key_id)
    bench.person.hears(f"took {key_id} away: {why}")
