"""Files and folders: finds a key in any file, and puts a new one into files like `.env`."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING, Final

from unleak.errors import UnleakError
from unleak.model.frozen import dataclass
from unleak.model.reference import NotSearched, Searched
from unleak.stores.file_reference import file_references
from unleak.stores.file_search import FileSearch, Gap, Hit
from unleak.stores.interface import Finding, Scope
from unleak.stores.shown_path import shown_path, why_not
from unleak.stores.spellings import spellings
from unleak.stores.text_file import TextFile
from unleak.stores.tree_walk import TreeWalk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unleak.model.reference import Needle
    from unleak.stores.interface import Scene
    from unleak.stores.spellings import Spellings

_BATCH: Final = 256
_THREADS: Final = 2
"""Reading lets go of Python's lock and searching does not: more than two were slower."""
_AHEAD: Final = 8
_MOST_GAPS: Final = 20
"""How many unread files of one tree are named one by one."""


class NotThere(UnleakError):
    """A path that was named does not exist, or cannot be looked at."""

    code = "not-there"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Batch:
    hits: tuple[Hit, ...]
    gaps: tuple[Gap, ...]
    seen: int


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
            for batch in _batches(walk, spellings(needle)):
                seen += batch.seen
                for hit in batch.hits:
                    yield from file_references(hit, needle)
                for gap in batch.gaps:
                    unread += 1
                    if unread <= _MOST_GAPS:
                        yield NotSearched(where=shown_path(gap.path), why=gap.why)
        except OSError as error:
            message = f"{shown_path(top)} cannot be searched: {why_not(error)}"
            raise NotThere(message, hint="name a file or folder that is there") from error
        if unread > _MOST_GAPS:
            why = f"{unread - _MOST_GAPS} more files could not be looked through"
            yield NotSearched(where=shown_path(top), why=why)
        yield from walk.left_out()
        yield Searched(where=f"file {shown_path(top)}", seen=seen)


def _batches(walk: TreeWalk, sought: Spellings) -> Iterator[_Batch]:
    """Search with a few threads, in order, and never far ahead of who reads the findings."""
    files = walk.files()
    waiting: deque[Future[_Batch]] = deque()
    with ThreadPoolExecutor(_THREADS, thread_name_prefix="unleak-find") as pool:
        while True:
            while len(waiting) < _AHEAD and (paths := tuple(islice(files, _BATCH))):
                waiting.append(pool.submit(_search_batch, paths, sought, walk.top))
            if not waiting:
                return
            yield waiting.popleft().result()


def _search_batch(paths: tuple[str, ...], sought: Spellings, top: str) -> _Batch:
    search = FileSearch(sought)
    hits: list[Hit] = []
    gaps: list[Gap] = []
    for path in paths:
        try:
            found = search.search(path, follow=path == top)
        except OSError as error:
            found = Gap(path=path, why=why_not(error))
        if isinstance(found, Hit):
            hits.append(found)
        elif found is not None:
            gaps.append(found)
    return _Batch(hits=tuple(hits), gaps=tuple(gaps), seen=len(paths))
