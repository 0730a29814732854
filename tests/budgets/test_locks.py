"""What gets installed is pinned by hash, the same everywhere, and names no registry."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
LOCKS = (
    *("runtime", "lambda", "dev", "ministack", "bench", "spark", "browser"),
    *("lambda-runtime", "deploy"),
)


def lock(name: str) -> str:
    return (PROJECT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")


def pins(name: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", lock(name), re.MULTILINE))


@pytest.mark.parametrize("name", LOCKS)
def test_every_pin_has_a_hash(name: str) -> None:
    joined = lock(name).replace("\\\n", " ")

    unhashed = [
        line
        for line in joined.splitlines()
        if line and not line.lstrip().startswith("#") and "--hash=sha256:" not in line
    ]

    assert pins(name)
    assert unhashed == []


@pytest.mark.parametrize("name", LOCKS)
def test_no_lock_names_an_index_or_an_address(name: str) -> None:
    assert "://" not in lock(name)
    assert "--index" not in lock(name)
    assert "--find-links" not in lock(name)


def test_there_is_no_uv_lock_because_it_would_name_a_registry() -> None:
    assert not (PROJECT / "uv.lock").exists()


def test_the_tests_run_on_the_versions_that_users_get() -> None:
    runtime, dev = pins("runtime"), pins("dev")

    assert {name: dev.get(name) for name in runtime} == runtime


def test_the_function_runs_on_the_versions_that_were_tested() -> None:
    runtime, function = pins("runtime"), pins("lambda")

    assert {name: function.get(name) for name in runtime} == runtime


def test_every_dependency_of_the_package_is_locked() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    wanted = {re.split(r"[<>=!~ ;\[]", each)[0] for each in project["dependencies"]}

    assert wanted <= set(pins("runtime"))
