"""Files and folders: finds a key in any file, and puts a new one into files like `.env`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from unleak.errors import UnleakError
from unleak.evidence.clean import printable
from unleak.model.reference import NotSearched, Searched
from unleak.stores.file_crew import search_files
from unleak.stores.file_reference import file_references
from unleak.stores.file_search import why_not
from unleak.stores.interface import Finding, Scope
from unleak.stores.shown_path import shown_path
from unleak.stores.spellings import spellings
from unleak.stores.text_file import TextFile
from unleak.stores.tree_walk import TreeWalk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unleak.model.reference import Needle
    from unleak.stores.interface import Scene

_MOST_GAPS: Final = 20
"""How many unread files of one tree are named one by one."""


class NotThere(UnleakError):
    """A path that was named does not exist, or cannot be looked at."""

    code = "not-there"


class File(TextFile):
    """Search files for the id; rewrite those that hold the id and its secret side by side."""

    @property
    def title(self) -> str:
        """What it is."""
        return "files and folders"

    @property
    def scope(self) -> Scope:
        """Once for each path."""
        return Scope.LOCAL

    @property
    def needs(self) -> tuple[str, ...]:
        """No IAM action."""
        return ()

    def search(self, needle: Needle, scene: Scene) -> Iterator[Finding]:
        """Yield every file below the path that holds the key.

        Compressed files are looked into as far as that is cheap.  Ignored and hidden files are
        searched too; git's object stores are left to the store `git`.

        Args:
            needle: what to look for.
            scene: where; only its path counts.

        Raises:
            NotThere: the path cannot be looked at.
        """
        if scene.path is None:
            return
        top = str(scene.path)
        walk = TreeWalk(top)
        seen = unread = 0
        try:
            for batch in search_files(walk.files(), top, spellings(needle)):
                seen += batch.seen
                for hit in batch.hits:
                    yield from file_references(hit, needle)
                for gap in batch.gaps:
                    unread += 1
                    if unread <= _MOST_GAPS:
                        yield NotSearched(where=shown_path(gap.path), why=printable(gap.why))
        except OSError as error:
            message = f"{shown_path(top)} cannot be searched: {why_not(error)}"
            raise NotThere(message, hint="name a file or folder that is there") from error
        if unread > _MOST_GAPS:
            why = f"{unread - _MOST_GAPS} more files could not be looked through"
            yield NotSearched(where=shown_path(top), why=why)
        yield from walk.left_out()
        left = ", its git object stores left to the store git" if walk.object_stores else ""
        yield Searched(where=f"file {shown_path(top)}{left}", seen=seen)
