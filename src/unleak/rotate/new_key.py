"""The new key: made once, seen to work before anybody gets it, and never left behind.

Between `CreateAccessKey` and the first write its secret is in memory only.  A process that dies
there leaves an orphan: a working key that nobody knows.  It is found by comparing the user's keys
with those that were there before, and taken away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from unleak.errors import AwsFailure, UnleakError, Unreachable
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
_CLIENT_ERROR, _SERVER_ERROR = 400, 500
"""The first HTTP status of a plain refusal, and the first of "something broke here"."""
_LOOKS: Final = 10
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
        if _may_have_made(error):
            take_away_orphans(bench)  # first: where it cannot, the step stays open for `resume`
        bench.fail(step, error)
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
            if not any(each.id in dict(bench.rotation.began) for each in bench.writes):
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
    if create is not None and create.id in rotation.open_steps:
        take_away_orphans(bench)
    if create is None or create.state is not StepState.DONE:
        return
    settled = (StepState.DONE, StepState.SKIPPED)
    left = [step for step in bench.writes if step.state not in settled]
    if not left or rotation.new_key_id is None:
        return
    bench.pair = _read_back(bench, rotation.new_key_id)
    if bench.pair is None:
        _start_over(bench, rotation.new_key_id, create)
        return
    works = rotation.step(RotationKind.AUTHENTICATE)
    if works is not None:
        bench.end(works, StepState.PLANNED, detail="the secret was read back: to be seen to work")


def take_away_orphans(bench: Workbench) -> None:
    """Find keys that a creation without an outcome may have made; deactivate and delete them.

    Raises:
        Stuck: one of them has been used already, so it is not ours.
    """
    known = {*bench.rotation.keys_before, *_of_other_rotations(bench)}
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


def _may_have_made(error: UnleakError) -> bool:
    """Whether a key may have been made all the same; a plain refusal says that none was."""
    if isinstance(error, AwsFailure):
        return not _CLIENT_ERROR <= error.status < _SERVER_ERROR
    return isinstance(error, Unreachable)


def _of_other_rotations(bench: Workbench) -> set[str]:
    return {
        each.new_key_id
        for each in bench.journal.rotations()
        if each.id != bench.id and each.new_key_id is not None
    }


def _read_back(bench: Workbench, key_id: str) -> KeyPair | None:
    """Return the new pair from a place that it was written to before."""
    began = dict(bench.rotation.began)
    trouble: UnleakError | None = None
    for step in sorted(bench.writes, key=lambda each: each.state is not StepState.DONE):
        if step.spot is None or step.id not in began or step.state is StepState.SKIPPED:
            continue
        try:
            pair = bench.destination(step.spot).pair(step.spot, key_id, bench.reach)
        except UnleakError as error:
            trouble = error
            continue
        if pair is not None:
            return pair
    if trouble is not None:
        raise trouble  # a place that does not answer may hold it: nothing is begun anew
    return None


def _start_over(bench: Workbench, key_id: str, create: RotationStep) -> None:
    """Replace a key whose secret is lost; never one that a place may hold and use.

    Raises:
        Stuck: a place that cannot be read back was, or may have been, written with it.
    """
    holders = [step.target for step in bench.writes if _may_hold(bench, step)]
    if holders and _is_active(bench, key_id):
        message = (
            f"the secret of {key_id} is lost here, and {', '.join(holders)} may use it: it cannot "
            "be read back from there"
        )
        hint = (
            "do the other places by hand and give them up (`--leave PLACE`), or deactivate "
            f"{key_id} yourself, and resume: then another key is made and written everywhere"
        )
        raise Stuck(message, hint=hint)
    _remove(bench, key_id, "its secret was lost with the process")
    bench.journal.new_key(bench.id, None)
    for step in (create, *_to_do_again(bench)):
        bench.end(step, StepState.PLANNED, detail="to be done again")


def _may_hold(bench: Workbench, step: RotationStep) -> bool:
    """Whether a place was begun that cannot tell what it holds."""
    if step.spot is None or step.id not in dict(bench.rotation.began):
        return False
    if step.state is StepState.SKIPPED:
        return False
    held = bench.destination(step.spot).held(step.spot, bench.old_key_id, bench.reach)
    return not held.is_readable


def _is_active(bench: Workbench, key_id: str) -> bool:
    keys = bench.reader.keys(bench.user)
    return any(key.key_id == key_id and key.state is KeyState.ACTIVE for key in keys)


def give_up_if_nowhere(bench: Workbench) -> None:
    """Take the new key away where every place has refused it: nobody holds it then.

    Args:
        bench: after all writes were tried.
    """
    pair = bench.pair
    writes = [step for step in bench.writes if step.state is not StepState.SKIPPED]
    if pair is None or not writes:
        return
    if any(step.state is not StepState.FAILED for step in writes):
        return
    for step in writes:
        if step.spot is None:
            continue
        held = bench.destination(step.spot).held(step.spot, bench.old_key_id, bench.reach)
        if not held.is_readable or held.key_id == pair.key_id:
            return  # it may be there all the same
    _give_up(bench, pair.key_id)


def _give_up(bench: Workbench, key_id: str) -> None:
    """Take a key away that nobody has got: an active key that nobody holds is a door."""
    create = bench.rotation.step(RotationKind.CREATE)
    _remove(bench, key_id, "nobody has got it")
    bench.pair = None
    bench.journal.new_key(bench.id, None)
    if create is not None:
        bench.end(create, StepState.PLANNED, detail="to be done again")


def _to_do_again(bench: Workbench) -> tuple[RotationStep, ...]:
    again = (RotationKind.AUTHENTICATE, RotationKind.WRITE)
    return tuple(
        step
        for step in bench.rotation.plan.steps
        if step.kind in again and step.state is not StepState.SKIPPED
    )


def _remove(bench: Workbench, key_id: str, why: str) -> None:
    """Deactivate and delete a key that nobody holds; noted before it is done."""
    if key_id not in {key.key_id for key in bench.reader.keys(bench.user)}:
        return  # an earlier run got that far
    bench.journal.note(bench.id, f"taking {key_id} away: {why}")
    bench.writer.set_key_status(user=bench.user, key_id=key_id, state=KeyState.INACTIVE)
    bench.writer.delete_key(user=bench.user, key_id=key_id)
    bench.person.hears(f"took {key_id} away: {why}")
