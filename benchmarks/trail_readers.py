"""What `unleak trace` is measured beside: inflating alone, and the loop that anybody would write.

python -m benchmarks.trail_readers inflate|inflate-in-place|loop FOLDER
"""

from __future__ import annotations

import gzip
import json
import os
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from benchmarks.trail_maker import SEED
from unleak.trail.scratch import lent

_BATCH = 4


def inflated(paths: list[str]) -> int:
    """Return how many bytes the files unpack to; nothing is looked at."""
    from isal import isal_zlib  # noqa: PLC0415 - the loop does without it

    return sum(
        len(isal_zlib.decompressobj(31).decompress(Path(path).read_bytes())) for path in paths
    )


def inflated_in_place(paths: list[str]) -> int:
    """Return the same, with memory that is used again, which is the quickest way that we know."""
    return sum(len(lent(Path(path).read_bytes())) for path in paths)


def on_every_processor(work: Callable[[list[str]], int], files: list[str]) -> int:
    """Have all files worked on by every processor, as `trace` does, and add up."""
    batches = [files[start : start + _BATCH] for start in range(0, len(files), _BATCH)]
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("fork")) as pool:
        return sum(pool.map(work, batches))


def loop(files: list[str]) -> int:
    """Count the calls of one key, by reading everything with the standard library."""
    found = 0
    for path in files:
        with gzip.open(path) as file:
            records = json.load(file)["Records"]
        found += sum(each["userIdentity"].get("accessKeyId") == SEED for each in records)
    return found


def main() -> None:
    """Run one of the three."""
    files = sorted(str(path) for path in Path(sys.argv[2]).iterdir())
    match sys.argv[1]:
        case "inflate":
            answer = on_every_processor(inflated, files)
        case "inflate-in-place":
            answer = on_every_processor(inflated_in_place, files)
        case _:
            answer = loop(files)
    sys.stdout.write(f"{answer}\n")


if __name__ == "__main__":
    main()
