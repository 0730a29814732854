"""List the files below a folder, whatever their names, and say what was left out."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Final

from unleak.model.reference import NotSearched
from unleak.stores.file_search import why_not
from unleak.stores.shown_path import shown_path

if TYPE_CHECKING:
    from collections.abc import Iterator

_KERNEL: Final = frozenset({"/proc", "/sys", "/dev"})
"""What is no storage: reading it may never end, and may change something."""
_GIT_FOLDER: Final = frozenset({"HEAD", "objects", "refs"})
"""What a folder holds that git takes for a repository.

Source: https://git-scm.com/docs/gitrepository-layout
"""


class TreeWalk:
    """The files below one path; what is left out can be asked for when the walk has ended.

    Symbolic links below the path are not followed: what they point to within it is seen anyway, so
    there are no loops, and what lies outside is counted.  Nothing is left out for being hidden or
    ignored, because that is where secrets are.

    Args:
        top: a file or a folder; it may itself be a symbolic link.
        takes_linked_files: whether links to files count as these files; never those to folders.
    """

    def __init__(self, top: str, *, takes_linked_files: bool = False) -> None:
        self.top = top
        self._takes_linked_files = takes_linked_files
        self._gaps: list[NotSearched] = []
        self.object_stores = 0
        """How many object stores of git were left to the store `git`."""
        self._special: list[str] = []
        self._outward: list[str] = []
        self.repositories: list[str] = []
        """The folders with a `.git` in them, and the folders that are repositories themselves."""

    def files(self) -> Iterator[str]:
        """Yield the path of every regular file.

        Raises:
            OSError: the path itself is not there, or cannot be looked at.
        """
        mode = os.stat(self.top).st_mode  # noqa: PTH116 - a tenth of pathlib's time matters here
        if stat.S_ISREG(mode):
            yield self.top
        elif not stat.S_ISDIR(mode):
            self._special.append(self.top)
        waiting = [self.top] if stat.S_ISDIR(mode) else []
        while waiting:
            folder = waiting.pop()
            try:
                with os.scandir(folder) as entries:
                    below = list(entries)
            except OSError as error:
                self._gaps.append(NotSearched(where=shown_path(folder), why=why_not(error)))
                continue
            yield from self._sorted_out(folder, below, waiting)

    def _sorted_out(
        self, folder: str, below: list[os.DirEntry[str]], waiting: list[str]
    ) -> Iterator[str]:
        names = {entry.name for entry in below}
        is_git = names >= _GIT_FOLDER
        if ".git" in names or (is_git and os.path.basename(folder) != ".git"):  # noqa: PTH119
            self.repositories.append(folder)
        for entry in below:
            try:
                is_file = entry.is_file(follow_symlinks=self._takes_linked_files)
                is_folder = not is_file and entry.is_dir(follow_symlinks=False)
            except OSError as error:  # some file systems have to be asked about each
                self._gaps.append(NotSearched(where=shown_path(entry.path), why=why_not(error)))
                continue
            if is_file:
                yield entry.path
            elif is_folder:
                self._go_into(entry, waiting, is_git=is_git)
            else:
                (self._outward if entry.is_symlink() else self._special).append(entry.path)

    def _go_into(self, entry: os.DirEntry[str], waiting: list[str], *, is_git: bool) -> None:
        if is_git and entry.name == "objects":
            self.object_stores += 1
        elif entry.path in _KERNEL:
            why = "it is the kernel's, no storage"
            self._gaps.append(NotSearched(where=entry.path, why=why))
        else:
            waiting.append(entry.path)

    def left_out(self) -> Iterator[NotSearched]:
        """Yield what the walk did not go into; complete when `files` has come to its end."""
        yield from self._gaps
        top = shown_path(self.top)
        if self._special:
            what = _counted(len(self._special), "device, pipe or socket", "devices, pipes, sockets")
            yield NotSearched(where=top, why=f"{what}, such as {shown_path(self._special[0])}")
        outward = [each for each in self._outward if self._leads_out(each)]
        if outward:
            what = _counted(len(outward), "symbolic link leads", "symbolic links lead")
            first = f"{what} out of it, such as {shown_path(outward[0])}"
            yield NotSearched(where=top, why=f"{first}; name the targets to search them too")

    def _leads_out(self, link: str) -> bool:
        target = os.path.realpath(link)
        inside = os.path.realpath(self.top)
        if target == inside or target.startswith(inside.rstrip(os.sep) + os.sep):
            return False
        return os.path.exists(target)  # noqa: PTH110 - as above


def _counted(number: int, one: str, many: str) -> str:
    return f"1 {one}" if number == 1 else f"{number} {many}"
