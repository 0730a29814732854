"""Turn measurements into the page `RESULTS.md`."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, TypeVar

from benchmarks.search_results import search_part

if TYPE_CHECKING:
    from benchmarks.measure import Cpu, Race
    from benchmarks.search_race import Field

AIM = 0.65
CPU_AIM_MS = 100
ROUNDS_AIM = 2
SLOW_SECONDS = 0.1
"""How long answers are held back to count round trips: those that go out together overlap then."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the numbers depend on; no names of machines or people."""

    at: datetime
    versions: Mapping[str, str]

    def lines(self) -> list[str]:
        """Return them as a list."""
        versions = ", ".join(f"{name} {version}" for name, version in self.versions.items())
        return [
            f"- {self.at:%Y-%m-%d}, {_system()}, {os.cpu_count()} cores ({_processor()})",
            f"- {platform.python_implementation()} {platform.python_version()}",
            f"- {versions}",
        ]


INTRODUCTION = """\
# Results of `make bench`

Written by `python -m benchmarks.run`; do not edit. Everything here was measured in one run,
interleaved, on one machine; the denies against one MiniStack behind one loopback relay. After every
run of these the live session of the role was tried: each one was refused.
"""

RACE_NOTES = """\
The AWS CLI and the bare script merge nothing, journal nothing and prove nothing. unleak reads the
policy that is there and who you are, merges, writes intent and prior state to disk with
`synchronous=FULL`, and then sends the deny; "to the end" holds its read-back, simulation and
proof of life too. Round trips were counted in one more run of each, with every answer held
back by 100 ms, so that calls that go out together count as one.
"""

RACE_HEAD = """\
| program | runs | to the deny, median | min to max | of the AWS CLI | round trips before the deny \
| to the end, median | exit codes |
|---|---|---|---|---|---|---|---|"""

CPU_HEAD = """\
| command | runs | user CPU, median | min to max | of `python -c pass` | wall, median \
| below 100 ms |
|---|---|---|---|---|---|---|"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """All that one bench saw; the first contestant is ours, the second its measure."""

    races: Mapping[str, Sequence[Race]]
    slow: Mapping[str, Race]
    """One race each with answers held back by `SLOW_SECONDS`."""
    cpu: Mapping[str, Sequence[Cpu]]
    searches: Sequence[Field] = ()


def page(measured: Measured, facts: Facts) -> str:
    """Return the page."""
    parts = [
        INTRODUCTION,
        *facts.lines(),
        "\n## From process start to the deny accepted by the server\n",
        *_race_table(measured),
        "",
        RACE_NOTES,
        *_race_verdicts(measured),
        "\n## Commands that make no AWS call\n",
        *_cpu_table(measured.cpu),
        *search_part(measured.searches),
        "",
    ]
    return "\n".join(parts)


def _race_table(measured: Measured) -> list[str]:
    races = measured.races
    rows = [RACE_HEAD]
    reference = _median(races[list(races)[1]], lambda race: race.to_deny)
    for name, runs in races.items():
        middle = _median(runs, lambda race: race.to_deny)
        rows.append(
            f"| `{name}` | {len(runs)} | {_ms(middle)} | {_span(runs, lambda race: race.to_deny)} "
            f"| {middle / reference:.2f} | {measured.slow[name].rounds_before_deny} "
            f"| {_ms(_median(runs, lambda race: race.to_end))} "
            f"| {', '.join(map(str, sorted({race.code for race in runs})))} |"
        )
    return rows


def _race_verdicts(measured: Measured) -> list[str]:
    ours, theirs = list(measured.races.values())[:2]
    ratio = _median(ours, lambda race: race.to_deny) / _median(theirs, lambda race: race.to_deny)
    rounds = next(iter(measured.slow.values())).rounds_before_deny
    time_aim = f"at most {AIM} of the AWS CLI's time"
    rounds_aim = f"at most {ROUNDS_AIM} round trips, one after the other, before the deny"
    return [
        f"- Aim: {time_aim}. Measured: {ratio:.2f}, {_verdict(ratio <= AIM)}.",
        f"- Aim: {rounds_aim}. Measured: {rounds}, {_verdict(rounds <= ROUNDS_AIM)}.",
    ]


def _cpu_table(cpu: Mapping[str, Sequence[Cpu]]) -> list[str]:
    rows = [CPU_HEAD]
    reference = _median(cpu[list(cpu)[-1]], lambda each: each.user)
    for name, runs in cpu.items():
        middle = _median(runs, lambda each: each.user)
        rows.append(
            f"| `{name}` | {len(runs)} | {_ms(middle)} | {_span(runs, lambda each: each.user)} "
            f"| {middle / reference:.1f} | {_ms(_median(runs, lambda each: each.wall))} "
            f"| {_verdict(middle * 1000 < CPU_AIM_MS)} |"
        )
    return rows


def _median(runs: Sequence[T], of: Callable[[T], float]) -> float:
    return median(of(run) for run in runs)


def _span(runs: Sequence[T], of: Callable[[T], float]) -> str:
    values = [of(run) for run in runs]
    return f"{min(values) * 1000:.0f} to {max(values) * 1000:.0f} ms"


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"


def _verdict(met: bool) -> str:  # noqa: FBT001 - one word for one truth
    return "met" if met else "**missed**"


def _system() -> str:
    release = Path("/etc/os-release")
    if release.exists():
        for line in release.read_text(encoding="utf-8").splitlines():
            if line.startswith("PRETTY_NAME="):
                return line.partition("=")[2].strip('"')
    return platform.system()


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.machine()
