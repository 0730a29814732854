"""Turn the races of the searches into a part of the page `RESULTS.md`."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.search_race import Field

_HEAD = """\
| program | runs | wall, median | min to max | of the second | user and system CPU, median |
|---|---|---|---|---|---|"""
_NOTES = """\
Whole processes, everything in the page cache. Every run had to find every place. ripgrep searches
bytes as they stand; unleak looks for UTF-16 and into gzip and zip files in the same pass, and in
histories at every object that is stored, whether a branch reaches it or not. Of our time, about a
quarter of a second is Python's start.
"""
_ABSENT = "\n## Finding a key\n\nNot measured: `rg` is not installed (`apt-get install ripgrep`).\n"


def search_part(fields: Sequence[Field]) -> list[str]:
    """Return the lines of the page.

    Args:
        fields: what was raced; none where ripgrep is missing.
    """
    if not fields:
        return [_ABSENT]
    parts = ["\n## Finding a key\n"]
    for field in fields:
        parts += [f"{field.title}:\n", *_table(field), "", _verdict(field), ""]
    return [*parts, _NOTES]


def _table(field: Field) -> list[str]:
    rows = [_HEAD]
    measure = median(run.wall for run in list(field.runs.values())[1])
    for name, runs in field.runs.items():
        walls = [run.wall for run in runs]
        rows.append(
            f"| {name} | {len(runs)} | {median(walls):.2f} s | {min(walls):.2f} to "
            f"{max(walls):.2f} s | {median(walls) / measure:.2f} "
            f"| {median(run.cpu for run in runs):.2f} s |"
        )
    return rows


def _verdict(field: Field) -> str:
    ours, theirs = list(field.runs.items())[:2]
    ratio = median(run.wall for run in ours[1]) / median(run.wall for run in theirs[1])
    met = "met" if ratio <= field.aim else "**missed**"
    return f"- Aim: at most {field.aim} of the time of {theirs[0]}. Measured: {ratio:.2f}, {met}."
