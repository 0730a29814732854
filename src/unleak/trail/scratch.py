"""Unpack into one piece of memory that is used again for file after file.

New memory for each file costs as much as unpacking into it: the operating system has to clear
every page, and a result that grows is copied.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias, cast

from unleak.trail.inflate import GZIP, MOST, unpacked

if TYPE_CHECKING:
    from collections.abc import Callable

Loan: TypeAlias = bytes | memoryview
"""A file's content, good until the same thread unpacks the next one."""

_LEAST: Final = 1024 * 1024
_KEPT: Final = 64 * 1024 * 1024
"""Larger memory is given back after the file that needed it."""
_STEEPEST: Final = 1_032
"""Deflate makes no more of a byte than this: what a file says of its own size may be a lie.

Source: https://zlib.net/zlib_tech.html
"""


class Inflating(Protocol):
    """What isal's reader of gzip does for us."""

    def readinto(self, place: memoryview, /) -> int:
        """Unpack into this place, and return how many bytes; 0: the file is at its end."""
        ...


class _Memory(threading.local):
    """The memory of one thread."""

    def __init__(self) -> None:
        self.place = bytearray()


_MEMORY: Final = _Memory()


def lent(packed: bytes, *, most: int = MOST) -> Loan:
    """Return a file's content, as `unpacked` does; gzip goes the quick way where there is one.

    The quick way never has the last word on a bad file: whatever it stumbles on goes to `unpacked`.

    Args:
        packed: the file.
        most: the most bytes that it may unpack to.

    Raises:
        Damaged: it is cut off, broken, larger than `most`, or needs a library that is not there.
    """
    stream = inflating(packed)
    if stream is not None and packed.startswith(GZIP):
        with suppress(Exception):  # isal's errors are its own
            return _inflated(stream, len(packed), _said_size(packed), most)
    return unpacked(packed, most=most)


def inflating(packed: bytes) -> Inflating | None:
    """Return isal's reader that fills given memory, None where isal has none.

    Its public reader fills a buffer of its own and copies.

    Args:
        packed: a file that is gzip.
    """
    try:
        from isal import isal_zlib  # noqa: PLC0415 - optional
    except ImportError:
        return None
    # a cast, for the stub of isal asks for a file where bytes are taken too
    reader = cast("Callable[[bytes], Inflating] | None", getattr(isal_zlib, "_GzipReader", None))
    return None if reader is None else reader(packed)


def _said_size(packed: bytes) -> int:
    return int.from_bytes(packed[-4:], "little")


def _inflated(reader: Inflating, packed: int, said: int, most: int) -> memoryview:
    # one byte more than is needed, so that the last call says that this is the end
    size = min(said, _STEEPEST * packed, most) + 1
    if len(_MEMORY.place) < size:
        _MEMORY.place = bytearray(max(size, _LEAST))
    place, filled = _MEMORY.place, 0
    while count := reader.readinto(memoryview(place)[filled:]):
        filled += count
        if filled > most:
            raise OverflowError
        if filled == len(place):
            larger = bytearray(min(2 * filled, most + 1))
            larger[:filled] = place
            place = larger
    _MEMORY.place = place if len(place) <= _KEPT else bytearray()
    return memoryview(place)[:filled]
