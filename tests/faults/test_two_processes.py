"""Two unleak at once: one works on an incident, the other is told so, and no entry is lost."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from datetime import datetime
from pathlib import Path

import pytest

from fakes.plans import CALLER, CUTOFF, deny, plan, step
from unleak.apply.journal import Journal
from unleak.apply.lock import hold
from unleak.errors import IncidentBusy

TESTS = Path(__file__).resolve().parents[1]
HOLDER = """
    import sys
    from pathlib import Path
    from unleak.apply.lock import hold

    with hold(Path(sys.argv[1]), "one"):
        print("held", flush=True)
        sys.stdin.read()
"""
CREATOR = """
    import sys
    from datetime import UTC, datetime
    from pathlib import Path
    from fakes.plans import CALLER, deny, plan, step
    from unleak.apply.journal import Journal

    sys.stdin.readline()
    with Journal.open(Path(sys.argv[1]), now=lambda: datetime.now(UTC)) as journal:
        for number in range(20):
            name = journal.create(plan(step("s1", deny())), CALLER, "us-east-1")
            journal.note(name, str(number))
"""


def start(source: str, home: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603 - our own interpreter and our own lines
        [sys.executable, "-c", textwrap.dedent(source), str(home)],
        env={**os.environ, "PYTHONPATH": str(TESTS)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_until_held(holder: subprocess.Popen[str]) -> None:
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"


def test_the_second_process_is_told_that_the_incident_is_busy(tmp_path: Path) -> None:
    with start(HOLDER, tmp_path) as holder:
        wait_until_held(holder)

        with pytest.raises(IncidentBusy), hold(tmp_path, "one"):
            pytest.fail("the lock was given twice")

        holder.communicate("", timeout=30)
    with hold(tmp_path, "one"):
        pass


def test_a_process_that_is_killed_gives_the_incident_free(tmp_path: Path) -> None:
    with start(HOLDER, tmp_path) as holder:
        wait_until_held(holder)

        holder.kill()
        holder.communicate(timeout=30)

    with hold(tmp_path, "one"):
        pass


def test_who_waits_gets_the_incident_when_the_other_has_ended(tmp_path: Path) -> None:
    with start(HOLDER, tmp_path) as holder:
        wait_until_held(holder)
        assert holder.stdin is not None
        holder.stdin.close()

        with hold(tmp_path, "one", wait_seconds=30):
            holder.wait(timeout=30)


def test_four_processes_that_begin_at_once_lose_no_incident(tmp_path: Path) -> None:
    """Each finds no journal yet, so each tries to make it."""
    home = tmp_path / "home"
    creators = [start(CREATOR, home) for _ in range(4)]

    answers = [creator.communicate("go\n", timeout=120) for creator in creators]

    assert [error for _, error in answers] == [""] * 4

    def now() -> datetime:
        return CUTOFF

    with Journal.open(home, now=now) as journal:
        assert len({each.id for each in journal.incidents()}) == 80
        journal.create(plan(step("s1", deny())), CALLER, "us-east-1")
