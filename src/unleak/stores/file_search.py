"""Look through one file after another in bounded memory, compressed ones included.

One `FileSearch` belongs to one thread: it reads every file into the same buffer, which is what
makes this about as fast as ripgrep.
"""

from __future__ import annotations

import os
from io import FileIO
from typing import TYPE_CHECKING, Final

from unleak.model.frozen import dataclass
from unleak.stores.packed import PACKED_FIRST, Packing, packing, search_packed

if TYPE_CHECKING:
    from unleak.stores.spellings import Spellings

_BUFFER: Final = 65_536
"""Small enough to stay in the processor's cache; larger ones were slower."""
_NO_FOLLOW: Final[int] = getattr(os, "O_NOFOLLOW", 0)
_FLAGS: Final[int] = (
    os.O_RDONLY
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
)
"""Windows knows only the first two."""
MOST_LINES: Final = 100
"""How many places of one file are told apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One file that holds the key."""

    path: str
    lines: tuple[int, ...] = ()
    """Counted from one; empty within a compressed file."""
    inside: tuple[str, ...] = ()
    """The members of an archive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """One file, or a part of it, that was not looked through."""

    path: str
    why: str


class FileSearch:
    """Search files for one key.

    Args:
        sought: what to look for.
    """

    def __init__(self, sought: Spellings) -> None:
        self._sought = sought
        self._buffer = bytearray(_BUFFER + sought.overlap)
        self._view = memoryview(self._buffer)
        self._whole = [self._view]
        self._packing: Packing | None = None
        self.read = 0
        """How many bytes have been looked through, of all files."""

    def search(self, path: str, *, follow: bool = False) -> Hit | Gap | None:
        """Return what a file holds; None where it was read to its end without a hit.

        Args:
            path: a regular file.
            follow: whether to follow the path where it is a symbolic link.

        Raises:
            OSError: it cannot be read.
        """
        handle = os.open(path, _FLAGS if follow else _FLAGS | _NO_FOLLOW)
        try:
            if self._is_in(handle):
                return Hit(path=path, lines=self._lines(handle))
            kind = self._packing
            return None if kind is None else self._in_packed(path, handle, kind)
        finally:
            os.close(handle)

    def _is_in(self, handle: int) -> bool:
        """Whether the file holds the key as it stands, and note whether it is compressed.

        This runs once a file, and a call in Python costs as much as one of the system's.
        """
        sought, buffer, view = self._sought, self._buffer, self._view
        self._packing = None
        carried = 0
        while read := _fill(handle, self._whole if carried == 0 else [view[carried:]]):
            end = carried + read
            self.read += read
            if sought.are_in(buffer, end):
                return True
            if carried == 0 and buffer[0] in PACKED_FIRST:
                self._packing = packing(bytes(view[:8]))
                if self._packing is not None:
                    return False
            carried = min(sought.overlap, end)
            buffer[:carried] = buffer[end - carried : end]
        return False

    def _in_packed(self, path: str, handle: int, kind: Packing) -> Hit | Gap | None:
        inside, why = search_packed(handle, kind, self._sought)
        if inside:
            return Hit(path=path, inside=inside)
        return Gap(path=path, why=why) if why else None

    def _lines(self, handle: int) -> tuple[int, ...]:
        """Return the lines that hold the key, in a second pass, so that the first stays fast."""
        os.lseek(handle, 0, os.SEEK_SET)
        sought, buffer, view = self._sought, self._buffer, self._view
        lines: dict[int, None] = {}
        carried, line = 0, 1
        while (read := _fill(handle, [view[carried:]])) and len(lines) < MOST_LINES:
            end = carried + read
            for offset in sorted(sought.offsets(buffer, end)):
                lines[line + buffer.count(b"\n", 0, offset)] = None
            carried = min(sought.overlap, end)
            line += buffer.count(b"\n", 0, end - carried)
            buffer[:carried] = buffer[end - carried : end]
        return tuple(list(lines)[:MOST_LINES])


def _read_into(handle: int, views: list[memoryview]) -> int:
    return FileIO(handle, closefd=False).readinto(views[0]) or 0


_fill: Final = getattr(os, "readv", _read_into)  # Windows has no `readv`


def why_not(error: OSError) -> str:
    """Return why a file could not be read, in the system's words.

    Args:
        error: what the call raised.
    """
    return os.strerror(error.errno) if error.errno else type(error).__name__
