"""The drills of a machine on disk, and how they compare."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from fakes.cloud import START
from unleak.apply.drill_book import FOLDER, DrillBook
from unleak.errors import StateFolder
from unleak.model.drill import Drill, RegionBite, compared
from unleak.model.outcome import Status

DRILL = Drill(
    id="20261124-0700-a1b2c3d4", role="unleak-drill-a1b2c3d4", account="123456789012", at=START
)


def lasting(*seconds: float | None) -> tuple[RegionBite, ...]:
    return tuple(
        RegionBite(
            region=f"r{number}",
            was_served=True,
            first_refusal=0.5,
            lasting=each,
            relapses=0,
            asked=9,
        )
        for number, each in enumerate(seconds)
    )


def earlier(number: int, *seconds: float | None) -> Drill:
    return replace(
        DRILL, id=f"d{number}", at=START - timedelta(days=number), regions=lasting(*seconds)
    )


def test_a_drill_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    done = replace(
        DRILL,
        is_removed=True,
        incident="i",
        status=Status.CONTAINED,
        new_sessions_work=True,
        regions=lasting(1.5, None),
    )
    book = DrillBook(tmp_path)
    book.write(DRILL)

    book.write(done)

    assert DrillBook(tmp_path).drills() == (done,)


@pytest.mark.skipif(os.name != "posix", reason="there are no modes")
def test_the_files_are_private(tmp_path: Path) -> None:
    DrillBook(tmp_path).write(DRILL)

    (path,) = (tmp_path / FOLDER).iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_damaged_file_is_named_and_hides_no_other(tmp_path: Path) -> None:
    book = DrillBook(tmp_path)
    book.write(DRILL)
    (tmp_path / FOLDER / "damaged.json").write_text("{", encoding="utf-8")

    assert book.drills() == (DRILL,)
    assert [Path(each).name for each in book.unreadable()] == ["damaged.json"]


def test_what_cannot_be_written_is_said_before_anything_is_made(tmp_path: Path) -> None:
    book = DrillBook(tmp_path)
    (tmp_path / FOLDER / f"{DRILL.id}.new").mkdir()

    with pytest.raises(StateFolder):
        book.write(DRILL)


def test_the_slowest_region_counts_and_one_that_never_served_does_not() -> None:
    mute = replace(lasting(None)[0], was_served=False)

    drill = replace(DRILL, regions=(*lasting(1.0, 4.0), mute))

    assert drill.seconds_to_bite == 4.0
    assert replace(DRILL, regions=(mute,)).seconds_to_bite is None
    assert replace(DRILL, regions=lasting(1.0, None)).seconds_to_bite is None


@pytest.mark.parametrize(
    ("seconds", "is_slower"), [(4.0, False), (5.9, False), (6.1, True), (1.0, False)]
)
def test_slower_is_half_more_than_the_median(seconds: float, is_slower: bool) -> None:  # noqa: FBT001 - a row of a table
    now = replace(DRILL, regions=lasting(seconds))

    comparison = compared(now, (earlier(1, 3.0), earlier(2, 4.0), earlier(3, 50.0)))

    assert comparison is not None
    assert (comparison.median, comparison.of) == (4.0, 3)
    assert comparison.is_slower is is_slower


def test_tenths_of_a_second_are_noise() -> None:
    now = replace(DRILL, regions=lasting(0.9))

    comparison = compared(now, (earlier(1, 0.2),))

    assert comparison is not None
    assert not comparison.is_slower


def test_only_measured_drills_of_the_same_account_are_compared_with_and_the_last_five() -> None:
    now = replace(DRILL, regions=lasting(2.0))
    foreign = replace(earlier(1, 9.0), account="999999999999")
    many = tuple(earlier(number, float(number)) for number in range(2, 12))

    comparison = compared(now, (now, foreign, earlier(1, None), *many))

    assert comparison is not None
    assert (comparison.median, comparison.of) == (4.0, 5)
    assert compared(now, (now, foreign)) is None
