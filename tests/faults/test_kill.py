"""Killed at any instant, an incident is finished by the next process with each change made once."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from fakes import doomed
from fakes.doomed import CHANGES, INCIDENT, STEPS, UNDO_CHANGES, open_journal
from fakes.durable_cloud import DurableCloud
from fakes.plans import KEY_ID, SAFE, USER
from unleak.apply.engine import apply
from unleak.apply.lock import hold
from unleak.apply.reconcile import record, resume_steps
from unleak.apply.undo import plan_undo, put_back
from unleak.model.action import KeyState
from unleak.model.plan import StepState

TESTS = Path(__file__).resolve().parents[1]
BOUNDARIES = (
    "after creation",
    *(f"{when} intent {first}" for first in ("s1", "s4", "s5") for when in ("before", "after")),
    *(f"{when} call {change}" for change in CHANGES for when in ("before", "after")),
    *(f"{when} outcome {step.id}" for step in STEPS for when in ("before", "after")),
)
UNDO_BOUNDARIES = (
    *(f"{when} undo-intent {step.id}" for step in STEPS for when in ("before", "after")),
    *(f"{when} call {change}" for change in UNDO_CHANGES for when in ("before", "after")),
    *(f"{when} undo-outcome {step.id}" for step in STEPS for when in ("before", "after")),
)


def run_doomed(command: str, home: Path, boundary: str) -> int:
    """Run the child and return its exit code: negative where a signal ended it."""
    arguments = [sys.executable, doomed.__file__, command, str(home), str(home / "aws"), boundary]
    environment = {**os.environ, "PYTHONPATH": str(TESTS)}
    answer = subprocess.run(arguments, env=environment, check=False, timeout=60)  # noqa: S603 - ours
    return answer.returncode


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The state folder of a response that nobody killed."""
    home = tmp_path_factory.mktemp("finished")
    assert run_doomed("apply", home, "never") == 0
    return home


def resume(home: Path) -> DurableCloud:
    """Do what `unleak resume` does, as a process that knows nothing but the journal."""
    cloud = DurableCloud(home / "aws")
    with hold(home, INCIDENT), open_journal(home) as journal:
        view = resume_steps(journal.incident(INCIDENT), cloud)
        record(view, incident=INCIDENT, journal=journal)
        apply(view.pending, incident=INCIDENT, journal=journal, writer=cloud)
    return cloud


@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_a_killed_response_is_finished_with_each_change_made_once(
    tmp_path: Path, boundary: str
) -> None:
    exit_code = run_doomed("apply", tmp_path, boundary)

    cloud = resume(tmp_path)

    with open_journal(tmp_path) as journal:
        incident = journal.incident(INCIDENT)
    assert exit_code != 0
    assert Counter(cloud.changes) == Counter(CHANGES)
    assert {step.state for step in incident.plan.steps} == {StepState.DONE}
    assert not incident.is_interrupted


@pytest.mark.parametrize("boundary", UNDO_BOUNDARIES)
def test_a_killed_undo_is_finished_with_each_change_made_once(
    finished: Path, tmp_path: Path, boundary: str
) -> None:
    shutil.copytree(finished, tmp_path, dirs_exist_ok=True)
    exit_code = run_doomed("undo", tmp_path, boundary)

    cloud = DurableCloud(tmp_path / "aws")
    with hold(tmp_path, INCIDENT), open_journal(tmp_path) as journal:
        way_back = plan_undo(journal.incident(INCIDENT), now=SAFE, force=True)
        put_back(way_back.steps, incident=INCIDENT, journal=journal, reader=cloud, writer=cloud)
        states = {step.state for step in journal.incident(INCIDENT).plan.steps}

    assert exit_code != 0
    assert Counter(cloud.changes) == Counter((*CHANGES, *UNDO_CHANGES))
    assert states == {StepState.UNDONE}
    assert cloud.at(USER).keys == {KEY_ID: KeyState.ACTIVE}
    assert cloud.at(USER).inline == {}


def test_a_response_that_nobody_kills_needs_no_resume(finished: Path, tmp_path: Path) -> None:
    shutil.copytree(finished, tmp_path, dirs_exist_ok=True)

    cloud = resume(tmp_path)

    assert Counter(cloud.changes) == Counter(CHANGES)


def test_a_resume_may_be_killed_too_and_resumed_again(tmp_path: Path) -> None:
    run_doomed("apply", tmp_path, f"after call {CHANGES[1]}")
    cloud = DurableCloud(tmp_path / "aws")
    with open_journal(tmp_path) as journal:
        view = resume_steps(journal.incident(INCIDENT), cloud)
        journal.intend(INCIDENT, view.pending)

    assert Counter(resume(tmp_path).changes) == Counter(CHANGES)
