"""What `unleak trace` is measured beside: inflating alone, and the loop that anybody would write.

python -m benchmarks.trail_readers inflate|loop FOLDER
"""

from __future__ import annotations

import gzip
import json
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from benchmarks.trail_maker import SEED

_BATCH = 8


def inflated(paths: list[str]) -> int:
    """Return how many bytes the files unpack to; nothing is looked at."""
    from isal import isal_zlib  # noqa: PLC0415 - the loop does without it

    return sum(
        len(isal_zlib.decompressobj(31).decompress(Path(path).read_bytes())) for path in paths
    )


def inflate(files: list[str]) -> int:
    """Unpack all files on every processor, as `trace` does."""
    batches = [files[start : start + _BATCH] for start in range(0, len(files), _BATCH)]
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("fork")) as pool:
        return sum(pool.map(inflated, batches))


def loop(files: list[str]) -> int:
    """Count the calls of one key, by reading everything with the standard library."""
    found = 0
    for path in files:
        with gzip.open(path) as file:
            records = json.load(file)["Records"]
        found += sum(each["userIdentity"].get("accessKeyId") == SEED for each in records)
    return found


def main() -> None:
    """Run one of the two."""
    files = sorted(str(path) for path in Path(sys.argv[2]).iterdir())
    run = {"inflate": inflate, "loop": loop}[sys.argv[1]]
    sys.stdout.write(f"{run(files)}\n")


if __name__ == "__main__":
    main()
