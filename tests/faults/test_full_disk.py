"""A disk that fills up, a journal that is cut short: no call without its intent, no traceback."""

from __future__ import annotations

import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fakes.cloud import Call, FakeCloud
from fakes.plans import CALLER, CUTOFF, ROLE, SAFE, USER, deny, plan, step
from unleak.apply.database import Database
from unleak.apply.engine import apply
from unleak.apply.journal import Journal
from unleak.apply.state import FILE_NAME
from unleak.apply.undo import plan_undo, put_back
from unleak.errors import ExitCode, StateFolder, UnleakError
from unleak.model.plan import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator

DENY_ROLE = step("role", deny(ROLE))
DENY_USER = step("user", deny(USER))
LAST = replace(step("last", replace(deny(USER), policy_name="Other")), stage=Stage.LAST)
PAGE = 4096


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal.open(tmp_path, now=lambda: CUTOFF) as opened:
        yield opened


@pytest.fixture
def cloud() -> FakeCloud:
    cloud = FakeCloud()
    cloud.add_role("deploy")
    cloud.add_user("bob")
    return cloud


def fill(journal: Journal) -> None:
    """Let the file grow no further, as on a full disk, and use up what is left inside it."""
    database = journal._entries  # noqa: SLF001 - the fault
    assert isinstance(database, Database)
    connection = database._connection  # noqa: SLF001 - as above
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages}")
    for size in (PAGE, 500, 100, 10, 1):
        while True:
            try:
                journal.note("filler", "x" * size)
            except StateFolder:
                break


def test_nothing_is_called_when_the_intent_finds_no_room(
    journal: Journal, cloud: FakeCloud
) -> None:
    name = journal.create(plan(DENY_ROLE), CALLER, "us-east-1")
    fill(journal)

    with pytest.raises(StateFolder) as caught:
        apply([DENY_ROLE], incident=name, journal=journal, writer=cloud)

    assert cloud.calls == []
    assert caught.value.exit_code is ExitCode.REFUSED
    assert "full" in caught.value.message


def test_a_disk_that_fills_up_after_the_intents_does_not_stop_their_calls(
    journal: Journal, cloud: FakeCloud
) -> None:
    name = journal.create(plan(DENY_ROLE, DENY_USER, LAST), CALLER, "us-east-1")
    is_full: list[bool] = []

    def fill_once(_: Call) -> None:
        if not is_full:
            is_full.append(True)
            fill(journal)

    cloud.on_call = fill_once

    with pytest.raises(UnleakError) as caught:
        apply([DENY_ROLE, DENY_USER, LAST], incident=name, journal=journal, writer=cloud)

    assert len(cloud.at(ROLE).inline) == len(cloud.at(USER).inline) == 1
    assert caught.value.exit_code is ExitCode.FAILED
    assert "role" in caught.value.message
    assert f"unleak resume {name}" in caught.value.hint


def test_what_was_done_on_a_full_disk_is_found_by_the_resume(
    journal: Journal, cloud: FakeCloud
) -> None:
    name = journal.create(plan(DENY_ROLE), CALLER, "us-east-1", intents=[DENY_ROLE])
    fill(journal)

    with pytest.raises(UnleakError):
        apply([DENY_ROLE], incident=name, journal=journal, writer=cloud)

    assert journal.incident(name).is_interrupted
    assert len(cloud.at(ROLE).inline) == 1


def test_an_undo_on_a_full_disk_calls_nothing(journal: Journal, cloud: FakeCloud) -> None:
    name = journal.create(plan(DENY_ROLE), CALLER, "us-east-1")
    apply([DENY_ROLE], incident=name, journal=journal, writer=cloud)
    way_back = plan_undo(journal.incident(name), now=SAFE, force=False)
    fill(journal)
    calls = len(cloud.calls)

    with pytest.raises(StateFolder):
        put_back(way_back.steps, incident=name, journal=journal, reader=cloud, writer=cloud)

    assert len(cloud.calls) == calls


def test_an_undo_whose_disk_fills_up_says_what_was_put_back(
    journal: Journal, cloud: FakeCloud
) -> None:
    name = journal.create(plan(DENY_ROLE, DENY_USER), CALLER, "us-east-1")
    apply([DENY_ROLE, DENY_USER], incident=name, journal=journal, writer=cloud)
    way_back = plan_undo(journal.incident(name), now=SAFE, force=False)
    cloud.on_call = lambda _: fill(journal)

    with pytest.raises(UnleakError) as caught:
        put_back(way_back.steps, incident=name, journal=journal, reader=cloud, writer=cloud)

    assert caught.value.exit_code is ExitCode.FAILED
    assert "put back so far: user" in caught.value.message


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs /proc, which is read-only")
def test_a_read_only_place_is_an_error_with_a_hint() -> None:
    with pytest.raises(StateFolder) as caught:
        Database(Path("/proc") / FILE_NAME)

    assert "UNLEAK_HOME" in caught.value.hint


@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 0.9, 0.999])
def test_a_log_that_was_cut_short_leaves_a_journal_that_can_be_read(
    tmp_path: Path, share: float
) -> None:
    """SQLite takes the last whole commit; what was cut off is gone, the rest is there."""
    with Journal.open(tmp_path / "a", now=lambda: CUTOFF) as journal:
        first = journal.create(plan(DENY_ROLE), CALLER, "us-east-1")
        for number in range(20):
            journal.note(first, str(number))
        (tmp_path / "b").mkdir()
        for name in (FILE_NAME, f"{FILE_NAME}-wal"):
            shutil.copy(tmp_path / "a" / name, tmp_path / "b" / name)
    log = tmp_path / "b" / f"{FILE_NAME}-wal"
    with log.open("r+b") as file:
        file.truncate(int(log.stat().st_size * share))

    with Journal.open(tmp_path / "b", now=lambda: CUTOFF) as journal:
        found = journal.incidents()
        journal.create(plan(DENY_ROLE), CALLER, "us-east-1")

        assert len(journal.incidents()) == len(found) + 1
        for each in found:
            assert journal.incident(each.id).entries
