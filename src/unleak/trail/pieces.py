"""Cut a file of a trail into pieces while it is unpacked, each a JSON array of some of its events.

A piece, and all that is made of it, stays in the processor's nearest memory, and the next piece
takes its place; of a whole file, most would have to come from the slower memory again.

Where to cut is a guess, which no text can turn into a wrong answer: a piece is `[`, what lies
between two guesses, and `]`.  If one of the guesses is inside a text or a nested value, something
in the piece is left open, and a parser refuses it.  If a parser takes every piece, the file was
`{"Records":[`, the pieces with commas between them, and `]}`.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from unleak.trail.inflate import GZIP, MOST
from unleak.trail.scratch import inflating

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unleak.trail.scratch import Inflating

SIZE: Final = 256 * 1024
"""Bytes of a piece, at most."""
_START: Final = b'{"Records":['
_LONGEST_FIELD: Final = 100
_OPEN, _CLOSE, _END, _COMMA = b"[]},"
_BLANKS: Final = b" \t\r\n"


class _Memory(threading.local):
    """The memory of one thread."""

    def __init__(self) -> None:
        self.place = bytearray(SIZE)


_MEMORY: Final = _Memory()


def pieces(packed: bytes, *, size: int = SIZE) -> Iterator[memoryview | None]:
    """Yield the pieces; None, and nothing more, where there is no way to cut the file.

    Only when all was yielded, and a parser has taken each, was the file whole and of this shape.
    Each piece is good until the next one is asked for.

    Args:
        packed: the file.
        size: the most bytes of a piece.
    """
    stream = inflating(packed)
    if stream is None or not packed.startswith(GZIP):
        yield None
        return
    if len(_MEMORY.place) != size:
        _MEMORY.place = bytearray(size)
    place, start, total = _MEMORY.place, len(_START) - 1, 0
    filled = _filled(stream, place, 0)
    cut = _cut_of(place)
    while cut is not None and filled == len(place) and total <= MOST:
        comma = place.rfind(cut, start + 1) + 1
        if comma == 0:
            break
        place[comma] = _CLOSE
        yield memoryview(place)[start : comma + 1]
        rest, start, total = filled - comma, 0, total + comma
        place[:rest] = place[comma:]
        place[0] = _OPEN
        filled = _filled(stream, place, rest)
    while filled > start and place[filled - 1] in _BLANKS:
        filled -= 1
    is_last = cut is not None and start < filled < len(place) and place[filled - 1] == _END
    yield memoryview(place)[start : filled - 1] if is_last else None


def _filled(stream: Inflating, place: bytearray, start: int) -> int:
    """Unpack until the place is full or the file at its end, and return how full it is."""
    with suppress(Exception):  # isal's errors are its own; `unpacked` has the last word
        while start < len(place) and (count := stream.readinto(memoryview(place)[start:])):
            start += count
        return start
    return 0


def _cut_of(place: bytearray) -> bytes | None:
    """Return what is between two events of this file: they usually begin with the same field."""
    if not place.startswith(_START):
        return None
    begin = len(_START)
    end = place.find(b'":', begin, begin + _LONGEST_FIELD)
    return b"}," + place[begin : end + 2]
