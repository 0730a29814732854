"""Search a handful of files at once, here or in a process beside this one.

Run as a module it is such a process: what to look for and the paths come in over standard input, a
line of JSON each, and for each line of paths goes one line of findings out.
"""

from __future__ import annotations

import json
import sys
from typing import IO, TYPE_CHECKING, Final

from unleak.model.frozen import dataclass
from unleak.stores.file_search import FileSearch, Gap, Hit, why_not
from unleak.stores.spellings import Spellings

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What a handful of files has come to."""

    hits: tuple[Hit, ...]
    gaps: tuple[Gap, ...]
    seen: int
    """How many of the files; the others are still to be searched."""


_MOST: Final = 8 * 1024 * 1024
"""Bytes after which the rest of a handful is given back, for whoever has nothing to do."""


def search_batch(search: FileSearch, paths: Sequence[str], top: str) -> Batch:
    """Search some files, at least one; with large ones among them, not all.

    Args:
        search: knows what to look for.
        paths: the files.
        top: the path that the person named, which may be a link.
    """
    hits: list[Hit] = []
    gaps: list[Gap] = []
    seen, last = 0, search.read + _MOST
    for path in paths:
        if search.read > last:
            break
        seen += 1
        try:
            found = search.search(path, follow=path == top)
        except OSError as error:
            found = Gap(path=path, why=why_not(error))
        if isinstance(found, Hit):
            hits.append(found)
        elif found is not None:
            gaps.append(found)
    return Batch(hits=tuple(hits), gaps=tuple(gaps), seen=seen)


def written_order(sought: Spellings, top: str) -> bytes:
    """Return the first line that such a process reads; it may hold a secret.

    Args:
        sought: what to look for.
        top: the path that the person named.
    """
    spelled = [[each.hex() for each in group] for group in (sought.narrow, sought.wide)]
    return json.dumps([*spelled, top]).encode() + b"\n"


def written_paths(paths: Sequence[str]) -> bytes:
    """Return the line that asks for some files.

    Args:
        paths: the files; undecodable names survive.
    """
    return json.dumps(list(paths)).encode() + b"\n"


def read_batch(line: bytes) -> Batch:
    """Read an answer.

    Args:
        line: as the process wrote it.

    Raises:
        ValueError: it was cut short.
    """
    hits, gaps, seen = json.loads(line)
    return Batch(
        hits=tuple(Hit(path=p, lines=tuple(lines), inside=tuple(i)) for p, lines, i in hits),
        gaps=tuple(Gap(path=path, why=why) for path, why in gaps),
        seen=seen,
    )


def _written_batch(batch: Batch) -> bytes:
    hits = [[hit.path, hit.lines, hit.inside] for hit in batch.hits]
    gaps = [[gap.path, gap.why] for gap in batch.gaps]
    return json.dumps([hits, gaps, batch.seen]).encode() + b"\n"


def serve(asked: IO[bytes], answers: IO[bytes]) -> None:
    """Answer until nothing more is asked.

    Args:
        asked: the order, then paths.
        answers: where to.
    """
    narrow, wide, top = json.loads(asked.readline())
    search = FileSearch(
        Spellings(
            narrow=tuple(bytes.fromhex(each) for each in narrow),
            wide=tuple(bytes.fromhex(each) for each in wide),
        )
    )
    for line in asked:
        answers.write(_written_batch(search_batch(search, json.loads(line), top)))
        answers.flush()


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
