"""A rotation from beginning to end: the order, the gaps, the refusals, and the way back."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from fakes.cloud import START
from fakes.rotation import OLD, USER, Place, Witness, World
from unleak.apply.journal import Journal
from unleak.errors import NoConsent, UnleakError, WouldRevive, WrongUse
from unleak.flow.rotate import plan, resume_rotation, rotate_key, undo_rotation
from unleak.flow.rotations import rotations
from unleak.model.action import KeyState
from unleak.model.credential import Credential, CredentialKind
from unleak.model.plan import Plan, Scope, StepState, Strategy
from unleak.model.ports import TrailEvent
from unleak.model.rotation import (
    Mode,
    Rotation,
    RotationKind,
    RotationPlan,
    RotationStatus,
)
from unleak.model.secret import Secret
from unleak.rotate.look import PlaceNotFit
from unleak.rotate.plan import NoRoom, OwnKey, RotationWish
from unleak.rotate.workbench import Stuck
from unleak.stores.interface import CannotSwap, KeyPair

if TYPE_CHECKING:
    from pathlib import Path

OTHER = "AKIAY34FZKBOOTHEROTH"


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "home")


def wish(world: World, **more: float | bool) -> RotationWish:
    given: dict[str, float | bool] = {"silence_seconds": 0.0, **more}
    return RotationWish(
        spots=world.spots,
        silence_seconds=float(given["silence_seconds"]),
        patience_seconds=float(given.get("patience_seconds", 3600.0)),
        grace_seconds=float(given.get("grace_seconds", 0.0)),
        deletes=bool(given.get("deletes", False)),
    )


def begun(world: World, *, is_leaked: bool = False, **more: float | bool) -> Rotation:
    return rotate_key(
        OLD.key_id, wish(world, **more), world.setting(), is_leaked=is_leaked, assume_yes=True
    )


def used(world: World, *, seconds_ago: float = 0.0, agent: str = "aws-cli/2") -> TrailEvent:
    at = (world.cloud.fake_clock.now() or START) - timedelta(seconds=seconds_ago)
    document = {
        "userIdentity": {"accessKeyId": OLD.key_id},
        "sourceIPAddress": "203.0.113.7",
        "userAgent": agent,
        "eventSource": "s3.amazonaws.com",
        "eventTime": f"{at:%Y-%m-%dT%H:%M:%SZ}",
    }
    return TrailEvent(
        event_id=f"e-{at.timestamp()}",
        event_name="ListBuckets",
        region="us-east-1",
        at=at,
        document=json.dumps(document),
    )


def test_every_place_holds_the_new_key_and_the_old_one_is_inactive(world: World) -> None:
    rotation = begun(world)

    assert rotation.status is RotationStatus.ROTATED
    assert {pair.key_id for pair in world.pairs} == {rotation.new_key_id}
    assert all(world.cloud.works(pair) for pair in world.pairs)
    assert world.cloud.states()[OLD.key_id] is KeyState.INACTIVE


def test_no_place_gets_the_new_key_before_it_is_accepted(world: World) -> None:
    world.cloud.slow_probes = 5

    begun(world)

    order = [name for name in world.fate.passed if "write" in name or "create" in name]
    assert order[0] == "before create_key"
    assert world.time.seconds >= 5


def test_a_key_that_is_never_accepted_goes_nowhere(world: World) -> None:
    world.cloud.slow_probes = 10_000

    rotation = begun(world)

    assert rotation.status is RotationStatus.FAILED
    assert world.pairs == (OLD, OLD, OLD)
    assert world.cloud.states() == {OLD.key_id: KeyState.ACTIVE}


def test_a_failed_rotation_can_be_resumed_or_begun_again(world: World) -> None:
    world.cloud.slow_probes = 10_000
    failed = begun(world)
    world.cloud.slow_probes = 0

    resumed = resume_rotation(failed.id, world.setting(), assume_yes=True)

    assert resumed.status is RotationStatus.ROTATED
    assert world.cloud.states()[OLD.key_id] is KeyState.INACTIVE


def test_a_leaked_key_is_deactivated_before_anything_else(world: World) -> None:
    rotation = begun(world, is_leaked=True)

    methods = [call.method for call in world.cloud.calls]
    assert methods[0] == "set_key_status"
    assert rotation.plan.mode is Mode.LEAKED
    assert rotation.step(RotationKind.SILENCE) is None


def test_a_key_that_an_incident_is_about_counts_as_leaked(world: World) -> None:
    with Journal.open(world.home, now=lambda: START) as journal:
        journal.create(leaked_plan(), world.cloud.identity, "us-east-1")

    rotation = begun(world)

    assert rotation.plan.mode is Mode.LEAKED


def leaked_plan() -> Plan:
    leaked = Credential(access_key_id=OLD.key_id, kind=CredentialKind.USER_KEY)
    return Plan(
        credentials=(leaked,),
        steps=(),
        cutoff=None,
        strategy=Strategy.REVOKE_SESSIONS,
        scope=Scope.PRINCIPAL,
    )


def test_an_active_second_key_is_never_deleted_to_make_room(world: World) -> None:
    world.cloud.principals[f"user/{USER}"].keys[OTHER] = KeyState.ACTIVE

    with pytest.raises(NoRoom, match=OTHER):
        begun(world)

    assert world.cloud.calls == []


def test_an_inactive_second_key_makes_room_and_the_plan_says_so(world: World) -> None:
    world.cloud.principals[f"user/{USER}"].keys[OTHER] = KeyState.INACTIVE

    proposed = plan(OLD.key_id, wish(world), world.setting(), is_leaked=False)
    rotation = begun(world)

    assert proposed.steps[0].kind is RotationKind.MAKE_ROOM
    assert not proposed.steps[0].reversible
    assert rotation.status is RotationStatus.ROTATED
    assert OTHER not in world.cloud.states()


def test_an_inactive_key_that_somebody_activates_meanwhile_is_not_deleted(world: World) -> None:
    keys = world.cloud.principals[f"user/{USER}"].keys
    keys[OTHER] = KeyState.INACTIVE
    proposed = plan(OLD.key_id, wish(world), world.setting(), is_leaked=False)
    assert proposed.steps[0].target == OTHER

    class Slow(Witness):
        def accepts_rotation(self, plan: RotationPlan) -> bool:
            keys[OTHER] = KeyState.ACTIVE
            return bool(plan.steps)

    setting = replace(world.setting(), person=Slow(world.said))
    rotation = rotate_key(OLD.key_id, wish(world), setting)

    assert rotation.status is RotationStatus.FAILED
    assert keys[OTHER] is KeyState.ACTIVE
    assert world.cloud.made == 0


def test_whoever_signs_with_a_leaked_key_is_not_cut_off_by_himself(world: World) -> None:
    world.cloud.identity = replace(world.cloud.identity, access_key_id=OLD.key_id)

    with pytest.raises(OwnKey):
        begun(world, is_leaked=True)


def test_a_place_that_cannot_be_written_keeps_the_old_key_alive(world: World) -> None:
    message = "the old pair cannot be told from the rest"
    world.second.failing = CannotSwap(message)

    rotation = begun(world)

    assert rotation.status is RotationStatus.PARTIAL
    assert world.cloud.states()[OLD.key_id] is KeyState.ACTIVE
    assert {place.pair.key_id for place in world.first.places.values()} == {rotation.new_key_id}


def test_what_failed_is_done_by_resume_with_the_same_new_key(world: World) -> None:
    message = "no answer"
    world.second.failing = UnleakError(message)
    before = begun(world)
    world.second.failing = None

    after = resume_rotation(before.id, world.setting(), assume_yes=True)

    assert after.status is RotationStatus.ROTATED
    assert after.new_key_id == before.new_key_id
    assert world.cloud.made == 1


def test_a_place_may_be_left_as_it_is(world: World) -> None:
    message = "no answer"
    world.second.failing = UnleakError(message)
    before = begun(world)

    after = resume_rotation(before.id, world.setting(), leave=("other:c",), assume_yes=True)

    assert after.status is RotationStatus.ROTATED
    assert world.second.places["c"].pair == OLD


def test_a_place_that_somebody_changes_meanwhile_is_read_and_written_anew(world: World) -> None:
    def disturb(place: Place) -> None:
        place.version += 1

    world.first.disturb = disturb

    rotation = begun(world)

    assert rotation.status is RotationStatus.ROTATED


def test_a_place_that_holds_quite_another_key_is_left_alone(world: World) -> None:
    stranger = KeyPair(key_id=OTHER, secret=Secret("s" * 40))
    world.second.places["c"].pair = stranger

    with pytest.raises(PlaceNotFit, match=OTHER):
        begun(world)

    assert world.cloud.calls == []
    assert world.second.places["c"].pair == stranger


def test_a_found_place_that_does_not_fit_is_left_to_a_person(world: World) -> None:
    stranger = KeyPair(key_id=OTHER, secret=Secret("s" * 40))
    world.second.places["c"].pair = stranger
    found = replace(wish(world), found=frozenset(world.spots))

    rotation = rotate_key(OLD.key_id, found, world.setting(), assume_yes=True)

    assert rotation.status is RotationStatus.WAITING
    assert rotation.plan.manual == (f"other:c: it holds {OTHER}, another key",)
    assert world.second.places["c"].pair == stranger
    assert world.cloud.states()[OLD.key_id] is KeyState.ACTIVE

    done = resume_rotation(rotation.id, world.setting(), leave=("other:c",), assume_yes=True)

    assert done.status is RotationStatus.ROTATED
    assert world.cloud.states()[OLD.key_id] is KeyState.INACTIVE


def test_a_place_that_changes_hands_after_the_question_is_left_alone(world: World) -> None:
    stranger = KeyPair(key_id=OTHER, secret=Secret("s" * 40))

    class Slow(Witness):
        def accepts_rotation(self, plan: RotationPlan) -> bool:
            world.second.places["c"].pair = stranger
            return bool(plan.steps)

    rotation = rotate_key(
        OLD.key_id, wish(world), replace(world.setting(), person=Slow(world.said))
    )

    assert rotation.status is RotationStatus.PARTIAL
    assert world.second.places["c"].pair == stranger
    assert world.cloud.states()[OLD.key_id] is KeyState.ACTIVE


def test_the_old_key_waits_for_silence_and_the_last_user_is_named(world: World) -> None:
    world.cloud.events = [used(world, seconds_ago=-30)]

    rotation = begun(world, silence_seconds=300.0, patience_seconds=60.0)

    assert rotation.status is RotationStatus.WAITING
    assert world.cloud.states()[OLD.key_id] is KeyState.ACTIVE
    step = rotation.step(RotationKind.SILENCE)
    assert step is not None
    assert "203.0.113.7 with aws-cli/2" in step.detail


def test_silence_ends_with_the_old_key_inactive(world: World) -> None:
    rotation = begun(world, silence_seconds=300.0)

    assert rotation.status is RotationStatus.ROTATED
    assert world.time.seconds >= 300


def test_without_cloudtrail_silence_is_not_taken_for_granted(world: World) -> None:
    message = "not allowed"
    world.cloud.failing["trail_events"] = UnleakError(message)

    rotation = begun(world, silence_seconds=60.0)

    step = rotation.step(RotationKind.SILENCE)
    assert rotation.status is RotationStatus.WAITING
    assert step is not None
    assert "cannot be told" in step.detail


def test_the_old_key_is_deleted_only_when_asked_and_after_its_grace(world: World) -> None:
    rotation = begun(world, deletes=True, grace_seconds=86400.0)

    assert rotation.status is RotationStatus.WAITING
    assert OLD.key_id in world.cloud.states()

    world.cloud.fake_clock.move(timedelta(days=2))
    after = resume_rotation(rotation.id, world.setting(), assume_yes=True)

    assert after.status is RotationStatus.ROTATED
    assert OLD.key_id not in world.cloud.states()


def test_a_lost_answer_leaves_no_key_behind(world: World) -> None:
    world.cloud.lost_answers = 1

    before = begun(world)
    after = resume_rotation(before.id, world.setting(), assume_yes=True)

    assert before.status is RotationStatus.FAILED
    assert after.status is RotationStatus.ROTATED
    assert set(world.cloud.states()) == {OLD.key_id, after.new_key_id}


def test_a_new_key_that_somebody_else_uses_is_not_taken_for_an_orphan(world: World) -> None:
    world.cloud.lost_answers = 1
    made = f"AKIAY34FZKBO{1:08d}"
    world.cloud.uses[made] = START

    with pytest.raises(Stuck, match=made):
        begun(world)

    assert world.cloud.states()[made] is KeyState.ACTIVE


def test_undo_puts_back_what_has_a_way_back(world: World) -> None:
    rotation = begun(world)

    after = undo_rotation(rotation.id, world.setting(), assume_yes=True)

    assert after.status is RotationStatus.UNDONE
    assert world.pairs == (OLD, OLD, OLD)
    assert world.cloud.states() == {
        OLD.key_id: KeyState.ACTIVE,
        rotation.new_key_id: KeyState.INACTIVE,
    }


def test_undo_keeps_the_new_key_where_a_place_still_holds_it(tmp_path: Path) -> None:
    world = World(tmp_path / "home", is_readable=False)
    rotation = begun(world)

    after = undo_rotation(rotation.id, world.setting(), assume_yes=True)

    assert after.status is RotationStatus.PARTIAL
    assert set(world.cloud.states().values()) == {KeyState.ACTIVE}
    assert all(world.cloud.works(pair) for pair in world.pairs)


def test_undo_does_not_revive_a_leaked_key(world: World) -> None:
    rotation = begun(world, is_leaked=True)

    with pytest.raises(WouldRevive):
        undo_rotation(rotation.id, world.setting(), assume_yes=True)

    assert world.cloud.states()[OLD.key_id] is KeyState.INACTIVE


def test_a_no_changes_nothing(world: World) -> None:
    setting = world.setting()
    object.__setattr__(setting.person, "answer", False)

    with pytest.raises(NoConsent):
        rotate_key(OLD.key_id, wish(world), setting)

    assert world.cloud.calls == []
    assert rotations(world.home) == ()


def test_without_a_place_to_write_to_nothing_is_begun(world: World) -> None:
    with pytest.raises(WrongUse, match="where"):
        rotate_key(OLD.key_id, RotationWish(spots=()), world.setting(), assume_yes=True)


def test_a_second_rotation_of_the_same_key_is_not_begun(world: World) -> None:
    message = "no answer"
    world.second.failing = UnleakError(message)
    first = begun(world)

    with pytest.raises(WrongUse) as refused:
        begun(world)

    assert first.id in refused.value.hint


def test_no_secret_is_in_the_journal_or_on_the_screen(world: World) -> None:
    message = f"refused: {OLD.secret.reveal()}"
    world.second.failing = UnleakError(message)

    begun(world)

    raw = b"".join(path.read_bytes() for path in world.home.rglob("*") if path.is_file())
    secrets = [secret.reveal() for secret in world.cloud.secrets.values()]
    assert not [secret for secret in secrets if secret.encode() in raw]
    assert not [secret for secret in secrets if secret in "\n".join(world.said)]


def test_the_steps_are_told_with_what_they_have_come_to(world: World) -> None:
    rotation = begun(world)

    assert {step.state for step in rotation.plan.steps} == {StepState.DONE}
    assert [line for line in world.said if line.startswith("done write-")] == [
        "done write-1 read back",
        "done write-2 read back",
        "done write-3 read back",
    ]


def test_a_plain_refusal_makes_no_key_of_somebody_else_an_orphan(world: World) -> None:
    keys = world.cloud.principals[f"user/{USER}"].keys

    def somebody_makes_one() -> None:
        keys.setdefault(OTHER, KeyState.ACTIVE)

    world.fate.watch = somebody_makes_one

    rotation = begun(world)

    assert rotation.status is RotationStatus.FAILED
    assert keys[OTHER] is KeyState.ACTIVE


def test_the_key_of_another_rotation_is_no_orphan(world: World) -> None:
    world.cloud.failing["create_key"] = UnleakError("refused")
    first = begun(world)
    del world.cloud.failing["create_key"]
    second = begun(world)

    resumed = resume_rotation(first.id, world.setting(), assume_yes=True)

    assert second.new_key_id is not None
    assert resumed.status is RotationStatus.FAILED
    assert world.cloud.states()[second.new_key_id] is KeyState.ACTIVE


def test_a_place_that_is_changed_back_keeps_the_old_key_alive(world: World) -> None:
    waiting = begun(world, silence_seconds=300.0, patience_seconds=0.0)
    world.first.places["a"].pair = OLD
    world.cloud.fake_clock.move(timedelta(hours=1))

    resumed = resume_rotation(waiting.id, world.setting(), assume_yes=True)

    assert resumed.status is RotationStatus.PARTIAL
    assert world.cloud.states()[OLD.key_id] is KeyState.ACTIVE


def test_a_leaked_key_goes_off_before_room_is_made(world: World) -> None:
    world.cloud.principals[f"user/{USER}"].keys[OTHER] = KeyState.INACTIVE
    world.cloud.failing["delete_key"] = UnleakError("not allowed")

    begun(world, is_leaked=True)

    assert world.cloud.states()[OLD.key_id] is KeyState.INACTIVE


def test_where_every_place_refuses_no_key_is_left_active(world: World) -> None:
    world.first.failing = world.second.failing = UnleakError("refused")

    rotation = begun(world)

    assert rotation.status is RotationStatus.FAILED
    assert world.cloud.states() == {OLD.key_id: KeyState.ACTIVE}


def test_a_key_that_a_write_only_place_uses_is_never_taken_from_it(tmp_path: Path) -> None:
    world = World(tmp_path / "home", is_readable=False)
    world.first.failing = UnleakError("refused")
    begun(world)
    world.first.failing = None

    with pytest.raises(Stuck, match="other:c"):
        resume_rotation("latest", world.setting(), assume_yes=True)

    assert world.cloud.works(world.second.places["c"].pair)


def test_undo_after_a_write_that_was_not_noted_leaves_the_place_working(world: World) -> None:
    world.first.lost_answers = 1
    rotation = begun(world)

    undo_rotation(rotation.id, world.setting(), assume_yes=True)

    assert all(world.cloud.works(pair) for pair in world.pairs)


def test_undo_takes_an_orphan_away(world: World) -> None:
    world.cloud.lost_answers = 1
    world.cloud.uses["AKIAY34FZKBO00000001"] = START
    with pytest.raises(Stuck):
        begun(world)
    world.cloud.uses.clear()

    undo_rotation("latest", world.setting(), assume_yes=True)

    assert world.cloud.states() == {OLD.key_id: KeyState.ACTIVE}


def test_it_is_not_gone_on_with_in_another_region(world: World) -> None:
    world.second.failing = UnleakError("refused")
    rotation = begun(world)
    world.cloud.here = "eu-west-1"

    with pytest.raises(WrongUse, match="us-east-1"):
        resume_rotation(rotation.id, world.setting(), assume_yes=True)


def test_what_was_taken_back_is_not_gone_on_with(world: World) -> None:
    rotation = begun(world)
    undo_rotation(rotation.id, world.setting(), assume_yes=True)

    with pytest.raises(WrongUse, match="taken back"):
        resume_rotation(rotation.id, world.setting(), assume_yes=True)


def test_the_dry_run_knows_that_the_key_has_leaked(world: World) -> None:
    with Journal.open(world.home, now=lambda: START) as journal:
        journal.create(leaked_plan(), world.cloud.identity, "us-east-1")

    proposed = plan(OLD.key_id, wish(world), world.setting(), is_leaked=False)

    assert proposed.mode is Mode.LEAKED
