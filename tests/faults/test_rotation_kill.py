"""Killed at any boundary, a rotation is finished by the next process: no orphan, no outage."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fakes.rotation import OLD, Killed, World, doom_journal
from unleak.flow.rotate import resume_rotation, rotate_key
from unleak.flow.rotations import rotations
from unleak.model.action import KeyState
from unleak.model.rotation import RotationStatus
from unleak.rotate.plan import RotationWish

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MOST_BOUNDARIES = 80


def until_the_end(world: World, wish: RotationWish, *, is_leaked: bool) -> None:
    """Do what a person does: start it, and after each death go on with what is there."""
    for _ in range(3):
        try:
            begun = list(rotations(world.home))
            if not begun:
                rotate_key(OLD.key_id, wish, world.setting(), is_leaked=is_leaked, assume_yes=True)
            elif begun[0].status is not RotationStatus.ROTATED:
                resume_rotation(begun[0].id, world.setting(), assume_yes=True)
        except Killed:
            world.fate.at = None


def boundaries(tmp_path: Path, *, is_leaked: bool) -> int:
    """Return how many boundaries a rotation has that nobody kills."""
    world = World(tmp_path / "counted")
    with pytest.MonkeyPatch.context() as patch:
        doom_journal(patch, world.fate)
        until_the_end(world, wish_of(world), is_leaked=is_leaked)
    return len(world.fate.passed)


def wish_of(world: World) -> RotationWish:
    return RotationWish(spots=world.spots, silence_seconds=0.0, deletes=False)


@pytest.mark.parametrize("is_readable", [True, False], ids=["readable", "one write-only place"])
@pytest.mark.parametrize("is_leaked", [False, True], ids=["overlap", "leaked"])
def test_a_rotation_survives_a_kill_at_every_boundary(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_leaked: bool, is_readable: bool
) -> None:
    many = boundaries(tmp_path, is_leaked=is_leaked)
    assert 20 < many < MOST_BOUNDARIES
    for number in range(1, many + 1):
        world = World(tmp_path / f"{number}", is_readable=is_readable)
        world.fate.at = number
        with monkeypatch.context() as patch:
            doom_journal(patch, world.fate)
            if not is_leaked:
                world.fate.watch = serving(world)
            until_the_end(world, wish_of(world), is_leaked=is_leaked)
        assert_rotated(world, world.fate.passed[number - 1])


def serving(world: World) -> Callable[[], None]:
    """Return what fails as soon as a program is refused: one that reads a place, or has read it."""

    def watch() -> None:
        held = (*world.pairs, *world.held)
        refused = [pair.key_id for pair in held if not world.cloud.works(pair)]
        assert refused == [], world.fate.passed[-1]

    return watch


def assert_rotated(world: World, boundary: str) -> None:
    (rotation,) = rotations(world.home)
    states = world.cloud.states()
    assert rotation.status is RotationStatus.ROTATED, boundary
    assert {pair.key_id for pair in world.pairs} == {rotation.new_key_id}, boundary
    assert all(world.cloud.works(pair) for pair in (*world.pairs, *world.held)), boundary
    assert all(len(each.marks) == 1 for each in world.first.workers.values()), boundary
    assert states == {
        OLD.key_id: KeyState.INACTIVE,
        rotation.new_key_id: KeyState.ACTIVE,
    }, boundary
