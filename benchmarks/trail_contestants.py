"""Who reads the trail: each program, as people run it, and what it has to answer."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.contestants import PROJECT
from benchmarks.measure import BenchError
from benchmarks.trail_maker import ACCOUNT, CHAIN, SEED, calls_of_seed

_VENV = PROJECT / ".lab" / "trail-bench-venv" / "bin"
_LEAST = 10_000
"""Bytes of one role's calls in one file, at least."""
_ROLE = f"arn:aws:iam::{ACCOUNT}:role/service-7"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """One program that goes over the whole trail."""

    name: str
    command: list[str]
    check: Callable[[str, int, int], None]
    """Raises `BenchError` for a wrong answer: from what it printed, bytes and files."""


def readers(folder: Path) -> tuple[Reader, ...]:
    """Return all who can take part on this machine; inflating comes first, then unleak."""
    ours = [sys.executable, "-m", "benchmarks.trail_readers"]
    trace = [sys.executable, "-m", "unleak", "trace", SEED, "--trail", str(folder), "--json"]
    found = [
        Reader(
            name="inflate only (isal, all cores)",
            command=[*ours, "inflate", str(folder)],
            check=_is_size,
        ),
        Reader(
            name="`unleak trace --json`, the whole answer, all cores",
            command=trace,
            check=_is_chain,
        ),
        Reader(
            name="inflate only, memory used again (isal, all cores)",
            command=[*ours, "inflate-in-place", str(folder)],
            check=_is_size,
        ),
        Reader(
            name="Python's gzip and json, one key's calls, one core",
            command=[*ours, "loop", str(folder)],
            check=_is_count,
        ),
    ]
    if (_VENV / "trailscraper").exists():
        found += [_duckdb(folder), _trailscraper(folder)]
    if shutil.which("jq") and shutil.which("zcat"):
        query = f'.Records[] | select(.userIdentity.accessKeyId == "{SEED}") | .eventName'
        script = f"zcat {folder}/*.gz | jq -r '{query}' | wc -l"
        command = ["/bin/sh", "-c", script]
        name = "`zcat | jq`, one key's calls"
        found.append(Reader(name=name, command=command, check=_is_count))
    return tuple(found)


def versions() -> str:
    """Return the versions of those who are not in our own virtual environment."""
    script = (
        "from importlib.metadata import version as v;"
        "print(f\"DuckDB {v('duckdb')}, trailscraper {v('trailscraper')}\")"
    )
    commands = [[str(_VENV / "python"), "-c", script], ["jq", "--version"]]
    told = []
    for command in commands:
        if shutil.which(command[0]):
            done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
            told.append(done.stdout.strip())
    return ", ".join(told)


def _duckdb(folder: Path) -> Reader:
    script = str(PROJECT / "benchmarks" / "trail_duckdb.py")
    return Reader(
        name="DuckDB's `read_json`, one key's calls, all cores",
        command=[str(_VENV / "python"), script, str(folder), SEED],
        check=_is_count,
    )


def _trailscraper(folder: Path) -> Reader:
    """Return trailscraper, which looks for roles; it has no search by key id."""
    which = ["--log-dir", str(folder), "--filter-assumed-role-arn", _ROLE]
    when = ["--from", "2026-11-24T00:00:00Z", "--to", "2026-11-25T00:00:00Z"]
    # counted, not kept: what this process holds would be taken for what the next program holds
    script = f"{shlex.join([str(_VENV / 'trailscraper'), 'select', *which, *when])} | wc -c"
    return Reader(
        name="`trailscraper select`, one role's calls, one core",
        command=["/bin/sh", "-c", script],
        check=_is_trailscraper,
    )


def _is_size(answer: str, size: int, files: int) -> None:
    del files
    _same(int(answer), size)


def _is_count(answer: str, size: int, files: int) -> None:
    del size
    _same(int(answer), calls_of_seed(files))


def _is_chain(answer: str, size: int, files: int) -> None:
    del size
    document = json.loads(answer)
    _same((len(document["credentials"]), document["coverage"]["files"]), (CHAIN, files))


def _is_trailscraper(answer: str, size: int, files: int) -> None:
    del size
    if int(answer) < _LEAST * files:
        message = f"trailscraper found no more than {answer} bytes"
        raise BenchError(message)


def _same(found: object, expected: object) -> None:
    if found != expected:
        message = f"found {found} instead of {expected}: its time means nothing"
        raise BenchError(message)
