"""The home folder: AWS settings, shell histories, tools that keep keys, running environments."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from unleak.evidence.clean import printable
from unleak.model.reference import NotSearched, Searched
from unleak.stores.file_reference import file_references
from unleak.stores.file_search import FileSearch, Gap, why_not
from unleak.stores.home_places import Place, home_folder, places
from unleak.stores.interface import Finding, Scope
from unleak.stores.processes import other_environments, own_environment
from unleak.stores.shown_path import shown_path
from unleak.stores.spellings import spellings
from unleak.stores.tree_walk import TreeWalk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unleak.model.reference import Needle
    from unleak.stores.interface import Scene

_PROC: Final = Path("/proc")


class Home:
    """Search the well-known places of one person's machine.

    Args:
        proc: where Linux shows its processes.
    """

    def __init__(self, proc: Path = _PROC) -> None:
        self._proc = proc

    @property
    def name(self) -> str:
        """`home`."""
        return "home"

    @property
    def title(self) -> str:
        """What it is."""
        return "home folder, shell histories, environments"

    @property
    def scope(self) -> Scope:
        """Once."""
        return Scope.ACCOUNT

    @property
    def needs(self) -> tuple[str, ...]:
        """No IAM action."""
        return ()

    def search(self, needle: Needle, scene: Scene) -> Iterator[Finding]:
        """Yield the files, variables and processes of this machine that hold the key.

        Args:
            needle: what to look for.
            scene: its environment names the home folder.
        """
        home = home_folder(scene.environment)
        seen = 0
        done: set[str] = set()
        search = FileSearch(spellings(needle))
        for place in places(home, scene.environment):
            walk = TreeWalk(str(place.path), takes_linked_files=True)
            try:
                for path in walk.files():
                    real = os.path.realpath(path)
                    if real not in done:
                        done.add(real)
                        seen += 1
                        yield from _in_file(search, path, place, needle)
            except (FileNotFoundError, NotADirectoryError):
                continue
            except OSError as error:
                yield NotSearched(where=shown_path(place.path), why=why_not(error))
            yield from walk.left_out()
        yield from own_environment(needle, scene.environment)
        for finding in other_environments(needle, self._proc):
            if isinstance(finding, Searched):
                seen += finding.seen
            else:
                yield finding
        yield Searched(where=f"home {shown_path(home)}", seen=seen)


def _in_file(search: FileSearch, path: str, place: Place, needle: Needle) -> Iterator[Finding]:
    try:
        # People keep such files elsewhere and link them.
        found = search.search(path, follow=True)
    except OSError as error:
        yield NotSearched(where=shown_path(path), why=why_not(error))
        return
    if isinstance(found, Gap):
        yield NotSearched(where=shown_path(path), why=printable(found.why))
    elif found is not None:
        yield from file_references(found, needle, kind=place.kind)
