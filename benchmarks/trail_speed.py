"""Measure `unleak trace` beside inflating alone and other programs, and write TRACE.md.

python -m benchmarks.trail_speed [FILES] [ROUNDS]
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median

from benchmarks.contestants import PROJECT
from benchmarks.measure import BenchError, bare_environment
from benchmarks.trail_contestants import readers, versions
from benchmarks.trail_maker import make_trail

FILES = 120
ROUNDS = 3
AIM = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What one run of one program came to."""

    seconds: float
    answer: str
    peak: int
    """What its largest process held, in MB."""


def timed(command: list[str], home: Path) -> Run:
    """Run one contestant.

    Raises:
        BenchError: it failed.
    """
    with tempfile.TemporaryFile("w+") as answer, tempfile.TemporaryFile("w+") as complaint:
        started = time.monotonic()
        running = subprocess.Popen(  # noqa: S603 - our own commands
            command,
            stdout=answer,
            stderr=complaint,
            cwd=PROJECT,
            env={**bare_environment(home), "PYTHONPATH": str(PROJECT)},
        )
        _, status, usage = os.wait4(running.pid, 0)
        seconds = time.monotonic() - started
        running.returncode = os.waitstatus_to_exitcode(status)
        if running.returncode != 0:
            complaint.seek(0)
            message = f"{command[0]} ended with {running.returncode}: {complaint.read()[-300:]}"
            raise BenchError(message)
        answer.seek(0)
        return Run(seconds=seconds, answer=answer.read(), peak=usage.ru_maxrss // 1024)


def page(runs: Mapping[str, Sequence[Run]], *, size: int, files: int, told: str) -> str:
    """Return the page.

    Args:
        runs: each round of each contestant, by name; inflating first, then unleak.
        size: bytes of the log, unpacked.
        files: how many there are.
        told: the versions of the others.
    """
    times = {name: [each.seconds for each in some] for name, some in runs.items()}
    inflate, ours, in_place, *_ = map(median, times.values())
    rounds = len(runs[next(iter(runs))])
    peak = max(each.peak for each in list(runs.values())[1])
    rows = "\n".join(
        f"| {name} | {median(some):.2f} s | {min(some):.2f} to {max(some):.2f} s "
        f"| {size / median(some) / 1e9:.2f} GB/s | {inflate / median(some):.2f} |"
        for name, some in times.items()
    )
    verdict = "met" if inflate / ours >= AIM else "**missed**"
    return f"""\
# How fast `unleak trace` reads

Written by `python -m benchmarks.trail_speed`; do not edit. Measured in one run, interleaved, on one
machine. Speed is in bytes of unpacked log. Every answer was checked: of unleak all links of the
chain and all files, of the others the number of calls.

- {datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, Python {platform.python_version()}
- unleak {version("unleak")}, isal {version("isal")}, msgspec {version("msgspec")}
- {told}
- {files} files, {size / 1e6:.0f} MB unpacked, {rounds} rounds; the largest process
  of unleak held {peak} MB

| program | median | min to max | speed | of inflate only |
|---|---|---|---|---|
{rows}

- Aim: at least {AIM} of inflate only, timeline included. Measured: {inflate / ours:.2f}, {verdict}.
- Inflating into memory that is used again is quicker than isal's plain call; unleak does so too. Of
  that, the whole trace reaches {in_place / ours:.2f}.
"""


def main() -> None:
    """Measure, and write the page."""
    files = int(sys.argv[1]) if len(sys.argv) > 1 else FILES
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else ROUNDS  # noqa: PLR2004 - a position
    with tempfile.TemporaryDirectory(prefix="unleak-trail-") as place:
        folder, home = Path(place) / "trail", Path(place) / "home"
        folder.mkdir()
        home.mkdir()
        size = make_trail(folder, files)
        contestants = readers(folder)
        runs: dict[str, list[Run]] = {each.name: [] for each in contestants}
        for _ in range(rounds):
            for each in contestants:
                run = timed(each.command, home)
                each.check(run.answer, size, files)
                runs[each.name].append(run)
    told = page(runs, size=size, files=files, told=versions())
    (PROJECT / "benchmarks" / "TRACE.md").write_text(told, encoding="utf-8")
    sys.stderr.write("benchmarks/TRACE.md written\n")


if __name__ == "__main__":
    main()
