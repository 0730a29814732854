"""What has read the old key when it started gets the new one, before the old one is deactivated."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from fakes.rotation import OLD, THROUGH, World
from unleak.errors import UnleakError
from unleak.flow.rotate import plan, resume_rotation, rotate_key, undo_rotation
from unleak.model.action import KeyState
from unleak.model.plan import StepState
from unleak.model.rotation import RotationKind, RotationStatus
from unleak.rotate.plan import RotationWish
from unleak.rotate.reloading import ROLLOUT_SECONDS
from unleak.stores.reloading import Progress, Rollout

if TYPE_CHECKING:
    from pathlib import Path

    from unleak.model.rotation import Rotation


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "home")


def wish(world: World, *, reloads: bool = True) -> RotationWish:
    return RotationWish(spots=world.spots, silence_seconds=0.0, reloads=reloads)


def begun(world: World, *, reloads: bool = True, is_leaked: bool = False) -> Rotation:
    wanted = wish(world, reloads=reloads)
    setting = world.setting()
    return rotate_key(OLD.key_id, wanted, setting, is_leaked=is_leaked, assume_yes=True)


def reloads(rotation: Rotation) -> list[tuple[str, StepState]]:
    steps = rotation.plan.steps
    return [(each.target, each.state) for each in steps if each.kind is RotationKind.RELOAD]


def old_state(world: World) -> KeyState:
    return world.cloud.states()[OLD.key_id]


def test_every_program_holds_the_new_key_before_the_old_one_goes(world: World) -> None:
    def watch() -> None:
        assert all(world.cloud.works(pair) for pair in world.held), world.fate.passed[-1]

    world.fate.watch = watch

    rotation = begun(world)

    assert rotation.status is RotationStatus.ROTATED
    assert {pair.key_id for pair in world.held} == {rotation.new_key_id}
    assert old_state(world) is KeyState.INACTIVE


def test_the_plan_tells_who_is_started_anew_and_what_that_costs(world: World) -> None:
    proposed = plan(OLD.key_id, wish(world), world.setting(), is_leaked=False)

    step = next(each for each in proposed.steps if each.kind is RotationKind.RELOAD)
    assert (step.target, step.impact) == ("memory:api", "down for a moment")
    assert step.reason == "it reads memory:a, memory:b when it starts, and only then"
    assert world.first.workers["api"].marks == []


def test_one_that_reads_two_places_is_started_anew_once(world: World) -> None:
    begun(world)

    assert [len(each.marks) for each in world.first.workers.values()] == [1, 1]


def test_one_that_does_not_come_up_stops_the_others_and_keeps_the_old_key(world: World) -> None:
    stuck = Rollout(progress=Progress.FAILED, detail="its new pods do not become ready")
    world.first.workers["api"].rollout = stuck

    rotation = begun(world)

    assert rotation.status is RotationStatus.PARTIAL
    assert reloads(rotation) == [
        ("memory:api", StepState.FAILED),
        ("memory:jobs", StepState.PLANNED),
    ]
    assert old_state(world) is KeyState.ACTIVE
    assert all(world.cloud.works(pair) for pair in world.held)


def test_resume_goes_on_with_the_one_that_did_not_come_up(world: World) -> None:
    world.first.workers["api"].rollout = Rollout(progress=Progress.FAILED, detail="no")
    before = begun(world)
    world.first.workers["api"].rollout = THROUGH

    after = resume_rotation(before.id, world.setting(), assume_yes=True)

    assert after.status is RotationStatus.ROTATED
    assert [len(each.marks) for each in world.first.workers.values()] == [1, 1]


def test_one_that_takes_too_long_is_waited_for_by_resume(world: World) -> None:
    slow = Rollout(progress=Progress.ON_ITS_WAY, detail="1 of 3 pods are new")
    world.first.workers["api"].rollout = slow

    rotation = begun(world)

    assert rotation.status is RotationStatus.WAITING
    assert world.time.seconds >= ROLLOUT_SECONDS
    assert old_state(world) is KeyState.ACTIVE
    assert "memory:api: 1 of 3 pods are new" in world.said


def test_one_may_be_left_as_it_runs(world: World) -> None:
    world.first.workers["api"].rollout = Rollout(progress=Progress.FAILED, detail="no")
    before = begun(world)

    after = resume_rotation(before.id, world.setting(), leave=("memory:api",), assume_yes=True)

    assert after.status is RotationStatus.ROTATED
    assert reloads(after)[0] == ("memory:api", StepState.SKIPPED)


def test_what_reads_a_place_that_was_not_written_is_not_started_anew(world: World) -> None:
    world.first.disturb = refuse

    rotation = begun(world)

    assert rotation.status is RotationStatus.PARTIAL
    assert world.first.workers["api"].marks == []
    assert len(world.first.workers["jobs"].marks) == 1


def refuse(_: object) -> None:
    message = "refused"
    raise UnleakError(message)


def test_what_is_written_once_more_is_read_once_more(world: World) -> None:
    world.first.workers["jobs"].rollout = Rollout(progress=Progress.FAILED, detail="no")
    before = begun(world)
    world.first.places["b"].pair = OLD
    world.first.workers["jobs"].rollout = THROUGH
    reverted = resume_rotation(before.id, world.setting(), assume_yes=True)

    after = resume_rotation(before.id, world.setting(), assume_yes=True)

    assert reverted.status is RotationStatus.PARTIAL
    assert after.status is RotationStatus.ROTATED
    assert len(world.first.workers["api"].marks) == 2
    assert {pair.key_id for pair in world.held} == {after.new_key_id}


def test_whoever_starts_them_anew_himself_is_told_what_to_start(world: World) -> None:
    rotation = begun(world, reloads=False)

    assert rotation.status is RotationStatus.ROTATED
    assert reloads(rotation) == []
    assert rotation.plan.manual[0].startswith("start memory:api anew after the write")
    assert [each.marks for each in world.first.workers.values()] == [[], []]


def test_what_a_person_has_to_see_to_is_part_of_the_plan(world: World) -> None:
    world.first.notes = ("pod/lonely has to be made anew",)

    proposed = plan(OLD.key_id, wish(world), world.setting(), is_leaked=False)

    assert "memory:a: pod/lonely has to be made anew" in proposed.manual


def test_undo_starts_them_anew_with_the_old_key(world: World) -> None:
    rotation = begun(world)

    after = undo_rotation(rotation.id, world.setting(), assume_yes=True)

    assert after.status is RotationStatus.UNDONE
    assert {pair.key_id for pair in world.held} == {OLD.key_id}
    assert world.cloud.states()[rotation.new_key_id or ""] is KeyState.INACTIVE


def test_undo_keeps_the_new_key_while_a_program_holds_it(world: World) -> None:
    rotation = begun(world)
    world.first.workers["jobs"].rollout = Rollout(progress=Progress.FAILED, detail="no")

    after = undo_rotation(rotation.id, world.setting(), assume_yes=True)

    assert after.status is RotationStatus.PARTIAL
    assert set(world.cloud.states().values()) == {KeyState.ACTIVE}
    assert any("memory:jobs" in line for line in world.said)


def test_a_leaked_key_goes_first_and_what_read_it_is_started_anew(world: World) -> None:
    rotation = begun(world, is_leaked=True)

    assert world.cloud.calls[0].method == "set_key_status"
    assert {pair.key_id for pair in world.held} == {rotation.new_key_id}


def test_a_store_that_is_gone_by_then_is_no_crash(world: World) -> None:
    world.first.workers["api"].rollout = Rollout(progress=Progress.FAILED, detail="no")
    before = begun(world)
    setting = world.setting()
    assert setting.registry is not None
    without = replace(setting.registry, destinations=(world.second,))

    after = resume_rotation(before.id, replace(setting, registry=without), assume_yes=True)

    assert after.status is RotationStatus.PARTIAL
    assert old_state(world) is KeyState.ACTIVE
