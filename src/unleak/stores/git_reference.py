"""Tell of a key in a history: which file, which commits, and whether it is still there."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final

from unleak.evidence.clean import printable
from unleak.model.reference import Reference
from unleak.stores.git_command import GitTrouble
from unleak.stores.git_history import Step, in_head, steps
from unleak.stores.shown_path import shown_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unleak.stores.git_command import Repository
    from unleak.stores.git_objects import HitObject

_SHORT: Final = 10
_SHOWN: Final = 3
_NOTE: Final = re.compile(r"[0-9a-f]{2}(?:/?[0-9a-f]{2}){19,31}")
"""How git names the files in which it keeps notes: as the commit that they are about."""
_ADVICE: Final = "a push may have copied it anywhere"


def blob_references(one: Repository, oids: tuple[str, ...]) -> Iterator[Reference]:
    """Yield one reference for each path that ever held the key, and one for each lost blob.

    Args:
        one: the repository.
        oids: the blobs that hold the key.

    Raises:
        GitTrouble: git failed.
    """
    by_path: dict[bytes, list[Step]] = {}
    located = set()
    for step in steps(one, oids):
        by_path.setdefault(step.path, []).append(step)
        located.add(step.oid)
    current = _in_head(one, frozenset(oids))
    for path, history in by_path.items():
        yield _reference(one, path, history, is_current=path in current)
    for oid in oids:
        if oid not in located:
            yield Reference(
                store="git",
                kind="git-unreachable",
                location=shown_path(one.folder),
                field=f"blob {oid[:_SHORT]}",
                note="in the object store or staged, in no commit that a ref or reflog reaches",
            )


def message_reference(one: Repository, hit: HitObject) -> Reference:
    """Return the reference for a key in a message, an author's name or a file's name.

    Args:
        one: the repository.
        hit: a commit, a tag or a tree.
    """
    what = "a file's name in tree" if hit.kind == "tree" else f"message of {hit.kind}"
    return Reference(
        store="git",
        kind=f"git-{hit.kind}",
        location=shown_path(one.folder),
        field=f"{what} {hit.oid[:_SHORT]}",
        note=_ADVICE,
    )


def _reference(one: Repository, path: bytes, history: list[Step], *, is_current: bool) -> Reference:
    name = printable(os.fsdecode(path), 1_000)
    added = [step for step in history if step.is_added]
    kept = {step.oid for step in added}
    removed = [step for step in history if not step.is_added and step.oid in kept]
    parts = [f"added in {_commits(added)}"] if added else []
    if removed and not is_current:
        parts.append(f"taken out in {_commits(removed)}")
    parts.append("still in HEAD" if is_current else "only in the history")
    is_note = _NOTE.fullmatch(name) is not None
    return Reference(
        store="git",
        kind="git-note" if is_note else "git-history",
        location=f"{shown_path(one.folder)}:{name}",
        field=f"note on commit {name.replace('/', '')[:_SHORT]}" if is_note else None,
        note="; ".join([*parts, _ADVICE]),
    )


def _commits(history: list[Step]) -> str:
    each_once = list({step.commit: step for step in reversed(history)}.values())
    shown = ", ".join(f"{step.commit[:_SHORT]} ({step.day})" for step in each_once[:_SHOWN])
    more = len(each_once) - _SHOWN
    return f"{shown} and {more} more" if more > 0 else shown


def _in_head(one: Repository, oids: frozenset[str]) -> frozenset[bytes]:
    try:
        return in_head(one, oids)
    except GitTrouble:
        return frozenset()  # there is no commit on this branch yet
