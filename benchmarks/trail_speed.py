"""Measure `unleak trace` beside inflating alone, a plain loop and `zcat | jq`, and write TRACE.md.

python -m benchmarks.trail_speed [FILES] [ROUNDS]
"""

from __future__ import annotations

import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median

from benchmarks.contestants import PROJECT
from benchmarks.measure import BenchError, bare_environment
from benchmarks.trail_maker import CHAIN, SEED, make_trail

FILES = 120
ROUNDS = 3
AIM = 0.6
INFLATE = "inflate only (isal, all cores)"
OURS = "`unleak trace --json`, the whole answer"
LOOP = "Python's gzip and json, one key's calls"
JQ = "`zcat | jq`, one key's calls"


def contestants(folder: Path) -> dict[str, list[str]]:
    """Return the commands; `jq` takes part where it is installed."""
    readers = [sys.executable, "-m", "benchmarks.trail_readers"]
    ours = [sys.executable, "-m", "unleak", "trace", SEED, "--trail", str(folder), "--json"]
    found = {
        INFLATE: [*readers, "inflate", str(folder)],
        OURS: ours,
        LOOP: [*readers, "loop", str(folder)],
    }
    if shutil.which("jq") and shutil.which("zcat"):
        query = f'.Records[] | select(.userIdentity.accessKeyId == "{SEED}") | .eventName'
        script = f"zcat {folder}/*.gz | jq -r '{query}' | wc -l"
        found[JQ] = ["/bin/sh", "-c", script]
    return found


def timed(command: list[str], home: Path) -> tuple[float, str]:
    """Run one contestant, and return the seconds that it took and what it printed.

    Raises:
        BenchError: it failed.
    """
    started = time.monotonic()
    done = subprocess.run(  # noqa: S603 - our own commands
        command,
        check=False,
        capture_output=True,
        text=True,
        cwd=PROJECT,
        env={**bare_environment(home), "PYTHONPATH": str(PROJECT)},
    )
    seconds = time.monotonic() - started
    if done.returncode != 0:
        message = f"{command[0]} ended with {done.returncode}: {done.stderr[-300:]}"
        raise BenchError(message)
    return seconds, done.stdout


def checked(answer: str, files: int) -> None:
    """Refuse a run whose answer is wrong: its time means nothing.

    Raises:
        BenchError: a link of the chain, or a file, is missing.
    """
    document = json.loads(answer)
    links, read = len(document["credentials"]), document["coverage"]["files"]
    if (links, read) != (CHAIN, files):
        message = f"found {links} of {CHAIN} links in {read} of {files} files"
        raise BenchError(message)


def page(runs: Mapping[str, Sequence[float]], size: int, files: int) -> str:
    """Return the page."""
    inflate = median(runs[INFLATE])
    rows = "\n".join(
        f"| {name} | {median(times):.2f} s | {min(times):.2f} to {max(times):.2f} s "
        f"| {size / median(times) / 1e9:.2f} GB/s | {inflate / median(times):.2f} |"
        for name, times in runs.items()
    )
    ratio = inflate / median(runs[OURS])
    verdict = "met" if ratio >= AIM else "**missed**"
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    return f"""\
# How fast `unleak trace` reads

Written by `python -m benchmarks.trail_speed`; do not edit. Measured in one run, interleaved, on one
machine. Speed is in bytes of unpacked log. The answer of every run of unleak was checked: all
{CHAIN} links of the chain, all files.

- {datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, Python {platform.python_version()}
- unleak {version("unleak")}, isal {version("isal")}, msgspec {version("msgspec")}
- {files} files, {size / 1e6:.0f} MB unpacked; the largest process held {peak} MB

| program | median | min to max | speed | of inflate only |
|---|---|---|---|---|
{rows}

- Aim: at least {AIM} of inflate only, timeline included. Measured: {ratio:.2f}, {verdict}.
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
        commands = contestants(folder)
        runs: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(rounds):
            for name, command in commands.items():
                seconds, answer = timed(command, home)
                if name == OURS:
                    checked(answer, files)
                runs[name].append(seconds)
    (PROJECT / "benchmarks" / "TRACE.md").write_text(page(runs, size, files), encoding="utf-8")
    sys.stderr.write("benchmarks/TRACE.md written\n")


if __name__ == "__main__":
    main()
