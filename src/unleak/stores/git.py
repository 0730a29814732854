"""Git repositories: finds a key in all that they ever held, reachable from a branch or not."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from unleak.model.reference import NotSearched, Searched
from unleak.stores.git_command import GitTrouble, Repository, find_git, repository
from unleak.stores.git_objects import GitObjects, HitObject
from unleak.stores.git_reference import blob_references, message_reference
from unleak.stores.interface import Finding, Scope
from unleak.stores.shown_path import shown_path
from unleak.stores.spellings import spellings
from unleak.stores.tree_walk import TreeWalk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unleak.model.reference import Needle
    from unleak.stores.interface import Scene

_PROMISOR: Final = "*.promisor"


class Git:
    """Search the object store of every repository in and above a path."""

    @property
    def name(self) -> str:
        """`git`."""
        return "git"

    @property
    def title(self) -> str:
        """What it is."""
        return "git histories"

    @property
    def scope(self) -> Scope:
        """Once for each path."""
        return Scope.LOCAL

    @property
    def needs(self) -> tuple[str, ...]:
        """No IAM action."""
        return ()

    def search(self, needle: Needle, scene: Scene) -> Iterator[Finding]:
        """Yield every file, commit and tag in a history that holds the key.

        Hooks, filters and pagers are not run and nothing is fetched, whatever the repository's
        settings say.

        Args:
            needle: what to look for.
            scene: where; its path and environment count.

        Raises:
            NotInstalled: there are repositories, and no git to read them with.
        """
        if scene.path is None:
            return
        sought = spellings(needle)
        seen = 0
        read: set[str] = set()
        for folder in repositories(scene.path):
            one = repository(find_git(scene.environment), folder, scene.environment)
            try:
                store = _common_folder(one)
                if store not in read:
                    read.add(store)
                    objects = GitObjects(one, sought)
                    yield from _search_one(one, store, objects)
                    seen += objects.seen
            except GitTrouble as trouble:
                why = f"{trouble.message}; {trouble.hint}" if trouble.hint else trouble.message
                yield NotSearched(where=f"git {shown_path(folder)}", why=why)
        yield Searched(where=f"git {shown_path(scene.path)}", seen=seen)


def repositories(path: Path) -> Iterator[str]:
    """Yield the folders of the repositories in and above a path, each maybe more than once.

    Args:
        path: a file or folder.
    """
    start = Path(os.path.abspath(path))  # noqa: PTH100 - a link's own place counts, not its target
    for folder in (start, *start.parents):
        if os.path.lexists(folder / ".git"):
            yield str(folder)
            break
    walk = TreeWalk(str(start))
    try:
        for _ in walk.files():
            pass
    except OSError:
        return  # the store `file` tells that it is not there
    yield from walk.repositories


def _common_folder(one: Repository) -> str:
    """Return where the objects are, which working trees share."""
    answer = one.run("rev-parse", "--git-common-dir")
    relative = os.fsdecode(answer.removesuffix(b"\n"))
    return os.path.realpath(os.path.join(one.folder, relative))  # noqa: PTH118 - any bytes in names


def _search_one(one: Repository, store: str, objects: GitObjects) -> Iterator[Finding]:
    where = f"git {shown_path(one.folder)}"
    hits: list[HitObject] = []
    try:
        hits.extend(objects.search())
    except GitTrouble as trouble:  # what was found until then counts nevertheless
        yield NotSearched(where=where, why=f"{trouble.message}; it was searched up to there only")
    blobs = tuple(hit.oid for hit in hits if hit.kind == "blob")
    if blobs:
        yield from blob_references(one, blobs)
    for hit in hits:
        if hit.kind != "blob":
            yield message_reference(one, hit)
    if objects.compressed:
        why = f"{objects.compressed} compressed files in its history were not unpacked"
        yield NotSearched(where=where, why=why)
    if objects.unreadable:
        why = f"{objects.unreadable} damaged objects in it: `git fsck` names them"
        yield NotSearched(where=where, why=why)
    yield from _missing(Path(store), where)


def _missing(store: Path, where: str) -> Iterator[NotSearched]:
    if (store / "shallow").exists():
        why = "it is a shallow clone: `git fetch --unshallow` gets the rest of its history"
        yield NotSearched(where=where, why=why)
    if next((store / "objects" / "pack").glob(_PROMISOR), None):
        why = "it is a partial clone: what was not fetched is not here; search a full clone"
        yield NotSearched(where=where, why=why)
