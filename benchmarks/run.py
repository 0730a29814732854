"""Run the bench and write `RESULTS.md`: `make bench`, or `python -m benchmarks.run 20`."""

from __future__ import annotations

import compileall
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.contestants import BENCH_BIN, CONTESTANTS, PROJECT, SPRINTS
from benchmarks.measure import Cpu, Race, Track, race, sprint
from benchmarks.relay import Relay
from benchmarks.results import SLOW_SECONDS, Facts, Measured, page
from benchmarks.search_race import run_searches
from lab.ministack import MiniStack

REPETITIONS = 15
LEAST = 10
SEARCHES = 7


def run_races(track: Track, repetitions: int) -> dict[str, list[Race]]:
    """Run all contestants in turn, again and again; the first round warms caches and is dropped."""
    races: dict[str, list[Race]] = {each.name: [] for each in CONTESTANTS}
    for turn in range(repetitions + 1):
        for number, contestant in enumerate(CONTESTANTS):
            done = race(track, contestant, f"bench-{turn}-{number}")
            if turn > 0:
                races[contestant.name].append(done)
        say(f"round {turn} of {repetitions}")
    return races


def run_slowly(track: Track) -> dict[str, Race]:
    """Run each contestant once against a server that answers late."""
    return {
        contestant.name: race(track, contestant, f"bench-slow-{number}")
        for number, contestant in enumerate(CONTESTANTS)
    }


def run_sprints(home: Path, repetitions: int) -> dict[str, list[Cpu]]:
    """Run the commands that make no AWS call in turn; the first round is dropped."""
    runs: dict[str, list[Cpu]] = {each.name: [] for each in SPRINTS}
    for turn in range(repetitions + 1):
        for each in SPRINTS:
            done = sprint(each, home)
            if turn > 0:
                runs[each.name].append(done)
    return runs


def bench_versions() -> dict[str, str]:
    """Return the versions of everything that was measured."""
    code = "from importlib.metadata import version as v; print(*map(v, ('awscli', 'boto3')))"
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [str(BENCH_BIN / "python"), "-c", code], check=True, capture_output=True, text=True
    )
    awscli, boto3 = done.stdout.split()
    return {
        "unleak": version("unleak"),
        "botocore": version("botocore"),
        "awscli": awscli,
        "boto3": boto3,
    }


def say(text: str) -> None:
    """Tell of progress."""
    sys.stderr.write(f"{text}\n")


def main() -> None:
    """Measure everything and write the page."""
    repetitions = max(LEAST, int(sys.argv[1])) if len(sys.argv) > 1 else REPETITIONS
    # pip compiles what it installs, the others here among it; an editable install is left as it is
    compileall.compile_dir(PROJECT / "src", quiet=1)
    with tempfile.TemporaryDirectory(prefix="unleak-bench-") as folder, MiniStack() as cloud:
        home = Path(folder)
        port = urlsplit(cloud.endpoint).port or 0
        with Relay(port=port) as relay:
            races = run_races(Track(cloud=cloud, relay=relay, home=home), repetitions)
        with Relay(port=port, delay_seconds=SLOW_SECONDS) as relay:
            slow = run_slowly(Track(cloud=cloud, relay=relay, home=home))
        cpu = run_sprints(home, repetitions)
    searches = run_searches(SEARCHES)
    measured = Measured(races=races, slow=slow, cpu=cpu, searches=searches)
    facts = Facts(at=datetime.now(UTC), versions=bench_versions())
    results = PROJECT / "benchmarks" / "RESULTS.md"
    results.write_text(page(measured, facts), encoding="utf-8")
    say(f"{results.relative_to(PROJECT)} written")


if __name__ == "__main__":
    main()
