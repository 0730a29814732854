"""The lab's Lambda is as strict as the real one: AWS's own runtime client, on trivial handlers."""

from __future__ import annotations

import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.lambda_api import Raised, Returned
from lab.lambda_runtime import Died, Environment, is_walled, make_writable, missing, running, unpack

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="mount namespaces are Linux's")

HANDLER = """
import os, signal, time

def handler(event, context):
    if "echo" in event:
        print("seen", event["echo"])
        return {"echo": event["echo"], "left": context.get_remaining_time_in_millis()}
    if "write" in event:
        with open(event["write"], "w") as file:
            file.write("x")
        os.unlink(event["write"])
        return "written"
    if "eat" in event:
        return len(bytearray(event["eat"] * 1024 * 1024))
    if "sleep" in event:
        time.sleep(event["sleep"])
    if "die" in event:
        os.kill(os.getpid(), signal.SIGKILL)
    if "import" in event:
        __import__(event["import"])
"""


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[Environment]:
    lacking = missing()
    assert lacking is None, lacking
    archive = tmp_path / "trivial.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("trivial.py", HANDLER)
    code = unpack(archive, tmp_path / "code")
    made = Environment(code=code, handler="trivial.handler", folder=tmp_path / "run", seconds=60)
    with running(made):
        yield made
    make_writable(code)


def test_a_handler_gets_its_event_and_its_deadline(environment: Environment) -> None:
    outcome = environment.invoke({"echo": "é\n"})

    assert isinstance(outcome, Returned)
    assert isinstance(outcome.value, dict)
    assert outcome.value["echo"] == "é\n"
    assert 0 < outcome.value["left"] <= 60_000
    assert "seen é" in environment.log


def test_one_process_handles_one_event_after_the_other(environment: Environment) -> None:
    outcomes = [environment.invoke({"echo": number}) for number in range(3)]

    echoes = [each.value["echo"] for each in outcomes if isinstance(each, Returned)]  # type: ignore[index] # JSON of our own
    assert echoes == [0, 1, 2]


@pytest.mark.skipif(not is_walled(), reason="we may not mount")
@pytest.mark.parametrize("path", ["/mnt/task/x", "/mnt/venv/x", "/x", "/root/x", "/var/x"])
def test_nothing_can_be_written_but_tmp(path: str, environment: Environment) -> None:
    outcome = environment.invoke({"write": path})

    assert isinstance(outcome, Raised)
    assert "Read-only file system" in outcome.message


def test_tmp_can_be_written(environment: Environment) -> None:
    outcome = environment.invoke({"write": "/tmp/unleak-lab-x"})  # noqa: S108 - a tmpfs of its own

    assert outcome == Returned(value="written")


def test_memory_is_bound(environment: Environment) -> None:
    small = environment.invoke({"eat": 64})
    large = environment.invoke({"eat": 600})

    assert small == Returned(value=64 * 1024 * 1024)
    assert large == Raised(type="MemoryError", message="")


def test_a_handler_that_is_killed_is_told_and_the_next_event_gets_a_new_process(
    environment: Environment,
) -> None:
    dead = environment.invoke({"die": 1})
    alive = environment.invoke({"write": "/tmp/unleak-lab-y"})  # noqa: S108 - a tmpfs of its own

    assert dead == Died(why="killed by SIGKILL")
    assert alive == Returned(value="written")


def test_a_handler_that_outlives_its_time_is_killed(environment: Environment) -> None:
    environment.seconds = 1

    outcome = environment.invoke({"sleep": 60})

    assert outcome == Died(why="no answer in 1 s")


@pytest.mark.parametrize("module", ["botocore", "click", "pytest", "unleak"])
def test_what_the_archive_lacks_is_missing(module: str, environment: Environment) -> None:
    outcome = environment.invoke({"import": module})

    assert outcome == Raised(type="ModuleNotFoundError", message=f"No module named '{module}'")


def test_a_handler_that_cannot_be_loaded_is_told(environment: Environment) -> None:
    environment.handler = "nowhere.handler"

    outcome = environment.invoke({})

    assert isinstance(outcome, Raised)
    assert outcome.type == "Runtime.ImportModuleError"
