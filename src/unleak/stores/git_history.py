"""Tell which commits brought a blob into a repository and took it out, and under what name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from unleak.model.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unleak.stores.git_command import Repository

_AT_ONCE: Final = 200
"""How many blobs one command is asked for; a command line is not endless."""
_LOG: Final = (
    "log", "--all", "--reflog", "-m", "--raw", "-z", "--no-abbrev", "--no-renames",
    "--no-ext-diff", "--no-textconv", "--no-show-signature", "--no-notes", "--no-color",
    "--format=%x01%H %cs",
)  # fmt: skip
_CHANGE: Final = re.compile(rb":[0-7]{6} [0-7]{6} ([0-9a-f]{40,64}) ([0-9a-f]{40,64}) [A-Z]\d*")
_COMMIT: Final = re.compile(rb"\n?\x01([0-9a-f]{40,64}) (\d{4}-\d\d-\d\d)\n?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One commit in which a blob came or went."""

    commit: str
    day: str
    path: bytes
    oid: str
    is_added: bool
    """False: the commit took it out."""


def steps(repository: Repository, oids: tuple[str, ...]) -> Iterator[Step]:
    """Yield the commits in which blobs came and went, newest first, from all refs and reflogs.

    Args:
        repository: where to look.
        oids: the blobs.

    Raises:
        GitTrouble: git failed.
    """
    for start in range(0, len(oids), _AT_ONCE):
        asked = oids[start : start + _AT_ONCE]
        wanted = [f"--find-object={oid}" for oid in asked]
        yield from _read(repository.run(*_LOG, *wanted), frozenset(asked))


def _read(output: bytes, wanted: frozenset[str]) -> Iterator[Step]:
    """Read commits and changes by their position: a path may look like either of them."""
    parts = iter(output.split(b"\0"))
    commit = day = ""
    for part in parts:
        head = _COMMIT.match(part)
        if head:
            commit, day = head.group(1).decode(), head.group(2).decode()
            part = part[head.end() :]  # noqa: PLW2901 - the first change may follow at once
        change = _CHANGE.fullmatch(part.lstrip(b"\n"))
        if change is None:
            continue
        path = next(parts, b"")
        for oid, is_added in ((change.group(1), False), (change.group(2), True)):
            name = oid.decode()
            if name in wanted:
                yield Step(commit=commit, day=day, path=path, oid=name, is_added=is_added)


def in_head(repository: Repository, oids: frozenset[str]) -> frozenset[bytes]:
    """Return the paths at which blobs stand in the commit that is checked out.

    Args:
        repository: where to look.
        oids: the blobs.

    Raises:
        GitTrouble: git failed; also where there is no commit yet.
    """
    paths = set()
    for entry in repository.run("ls-tree", "-r", "-z", "--full-tree", "HEAD").split(b"\0"):
        facts, _, path = entry.partition(b"\t")
        if facts.rpartition(b" ")[2].decode("ascii", "replace") in oids:
            paths.add(path)
    return frozenset(paths)
