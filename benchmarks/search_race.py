"""Race the local search against ripgrep: over a tree of files, and over a git history."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.contestants import OWN_BIN
from benchmarks.haystack import COMMITS, KEY_ID, TREE_BYTES, make_history, make_tree
from benchmarks.measure import BenchError
from lab.server import plain_environment


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeker:
    """One program that looks for the key; the first of a field is ours, the second its measure."""

    name: str
    command: list[str]
    shows: tuple[str, ...]
    """What a run prints that has found everything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """One run of a seeker, with all processes that it started; seconds."""

    wall: float
    cpu: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """What is searched, by whom, and how they did."""

    title: str
    aim: float
    """Of the second one's time, at most."""
    runs: Mapping[str, Sequence[Sought]]


def in_files(tree: Path) -> tuple[Seeker, ...]:
    """Return who searches files; ripgrep is told to leave nothing out, as ours does.

    Args:
        tree: where.
    """
    ripgrep = ["rg", "-uuu", "--fixed-strings", "--count", KEY_ID, str(tree)]
    places = ("part-0000/settings.py", "large/application.log")
    return (
        _ours("file", tree, places),
        Seeker(name=f"`rg -uuu -F {KEY_ID}`", command=ripgrep, shows=places),
    )


def in_history(repository: Path) -> tuple[Seeker, ...]:
    """Return who searches histories.

    Args:
        repository: where.
    """
    pipeline = f"git -C {shlex.quote(str(repository))} log -p --all | rg --fixed-strings {KEY_ID}"
    shell = ["sh", "-c", pipeline]
    lines = (f"+AWS_ACCESS_KEY_ID={KEY_ID}", f"-AWS_ACCESS_KEY_ID={KEY_ID}")
    return (
        _ours("git", repository, ("deploy.env", "added in", "taken out in")),
        Seeker(name="`git log -p --all` into `rg -F`", command=shell, shows=lines),
    )


def _ours(store: str, path: Path, shows: tuple[str, ...]) -> Seeker:
    options = ["--local", "--store", store]
    command = [str(OWN_BIN / "unleak"), "find", KEY_ID, str(path), *options]
    return Seeker(name=f"`unleak find KEY PATH {' '.join(options)}`", command=command, shows=shows)


def race_seekers(seekers: Sequence[Seeker], repetitions: int) -> dict[str, list[Sought]]:
    """Let all search in turn, again and again; the first round warms caches and is dropped.

    Args:
        seekers: who.
        repetitions: rounds that count.

    Raises:
        BenchError: one of them did not find what is there.
    """
    runs: dict[str, list[Sought]] = {each.name: [] for each in seekers}
    for turn in range(repetitions + 1):
        for each in seekers:
            done = _run(each)
            if turn > 0:
                runs[each.name].append(done)
    return runs


def _run(seeker: Seeker) -> Sought:
    # wide, so that no path is broken over two lines
    environment = {**plain_environment(), "COLUMNS": "500"}
    with tempfile.TemporaryFile() as words:
        started = time.monotonic()
        process = subprocess.Popen(  # noqa: S603 - our own commands
            seeker.command, stdin=subprocess.DEVNULL, stdout=words, env=environment
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        words.seek(0)
        printed = words.read().decode("utf-8", "replace")
    missed = [each for each in seeker.shows if each not in printed]
    if missed:
        message = f"{seeker.name} missed {missed}"
        raise BenchError(message)
    return Sought(wall=wall, cpu=usage.ru_utime + usage.ru_stime)


def run_searches(repetitions: int) -> tuple[Field, ...]:
    """Make what is searched, and search it; nothing where ripgrep is not installed.

    Args:
        repetitions: rounds that count.

    Raises:
        BenchError: somebody did not find what is there.
    """
    if shutil.which("rg") is None:
        return ()
    with tempfile.TemporaryDirectory(prefix="unleak-bench-") as folder:
        tree, history = Path(folder) / "tree", Path(folder) / "history"
        make_tree(tree)
        files = Field(
            title=f"A key in {TREE_BYTES / 1e9:.0f} GB of files",
            aim=1.5,
            runs=race_seekers(in_files(tree), repetitions),
        )
        shutil.rmtree(tree)
        make_history(history)
        commits = Field(
            title=f"A key in one of {COMMITS:,} commits, taken out by the next one",
            aim=1.0,
            runs=race_seekers(in_history(history), repetitions),
        )
    return files, commits
