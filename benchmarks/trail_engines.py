"""Measure `unleak trace` on the engines `local` and `spark` over one log, in turns.

.lab/spark-venv/bin/python -m benchmarks.trail_engines [FILES] [ROUNDS]
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.trail_maker import CHAIN, SEED, make_trail
from unleak.trail.local import LocalTrail
from unleak.trail.seeds import key_seed
from unleak.trail.spark import SparkTrail
from unleak.trail.tracing import trace

if TYPE_CHECKING:
    from unleak.trail.source import Source

FILES = 400
ROUNDS = 3


def source_of(engine: str, folder: Path) -> Source:
    """Return what reads the folder."""
    return SparkTrail((str(folder),)) if engine == "spark" else LocalTrail((folder,))


def seconds_of(engine: str, folder: Path) -> float:
    """Trace once; the answer is checked, because a wrong one's time means nothing."""
    started = time.monotonic()
    found = trace((key_seed(SEED),), [source_of(engine, folder)])
    if len(found.credentials) != CHAIN:
        message = f"{engine} found {len(found.credentials)} of {CHAIN} links"
        raise SystemExit(message)
    return time.monotonic() - started


def main() -> None:
    """Measure both, in turns."""
    files = int(sys.argv[1]) if len(sys.argv) > 1 else FILES
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else ROUNDS  # noqa: PLR2004 - a position
    os.environ.setdefault("PYSPARK_SUBMIT_ARGS", "--master local[2] pyspark-shell")
    with tempfile.TemporaryDirectory(prefix="unleak-engines-") as place:
        folder = Path(place)
        size = make_trail(folder, files)
        packed = sum(each.stat().st_size for each in folder.iterdir())
        runs: dict[str, list[float]] = {"local": [], "spark": []}
        seconds_of("spark", folder)  # starts Spark, which a long trace does once
        for _ in range(rounds):
            for engine, times in runs.items():
                times.append(seconds_of(engine, folder))
    sys.stdout.write(f"{files} files, {packed / 1e6:.0f} MB packed, {size / 1e6:.0f} MB unpacked\n")
    for engine, times in runs.items():
        middle = median(times)
        sys.stdout.write(
            f"{engine}: {middle:.2f} s ({min(times):.2f} to {max(times):.2f}),"
            f" {size / middle / 1e6:.0f} MB/s unpacked, {packed / middle / 1e6:.0f} MB/s packed\n"
        )


if __name__ == "__main__":
    main()
