"""Unpack one file of a trail into memory, up to a bound, and notice when it is not whole."""

from __future__ import annotations

import zlib
from functools import cache
from typing import TYPE_CHECKING, Final, Protocol

from unleak.errors import UnleakError

if TYPE_CHECKING:
    from collections.abc import Callable

MOST: Final = 512 * 1024 * 1024
"""Bytes that one file may unpack to.  CloudTrail's hold some ten megabytes; a bomb holds more."""
GZIP: Final = b"\x1f\x8b"
"""What a file packed by gzip starts with."""
_ZSTANDARD: Final = b"\x28\xb5\x2f\xfd"
_WITH_HEADER: Final = 31
"""zlib's way to ask for gzip's header and checksum."""


class Damaged(UnleakError):
    """A file of the trail is cut off, damaged, or too large to be read."""

    code = "damaged-trail"


class _Inflater(Protocol):
    """What zlib's and isal's objects have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = ..., /) -> bytes: ...


@cache
def _inflater() -> Callable[[], _Inflater]:
    try:
        from isal import isal_zlib  # noqa: PLC0415 - optional: three times as fast
    except ImportError:
        return lambda: zlib.decompressobj(_WITH_HEADER)
    return lambda: isal_zlib.decompressobj(_WITH_HEADER)


def unpacked(packed: bytes, *, most: int = MOST) -> bytes:
    """Return a file's content, unpacked where it is gzip or Zstandard by its first bytes.

    Args:
        packed: the file.
        most: the most bytes that it may unpack to.

    Raises:
        Damaged: it is cut off, broken, larger than `most`, or needs a library that is not there.
    """
    if packed.startswith(GZIP):
        return _from_gzip(packed, most)
    if packed.startswith(_ZSTANDARD):
        return _from_zstandard(packed, most)
    if len(packed) > most:
        raise _too_large(most)
    return packed


def _from_gzip(packed: bytes, most: int) -> bytes:
    parts: list[bytes] = []
    left = most
    while packed:
        stream = _inflater()()
        try:
            part = stream.decompress(packed, left + 1)
        except Exception as error:  # isal's errors are its own; whatever it is, the file is bad
            message = "the gzip data is damaged"
            raise Damaged(message, hint="fetch the file again") from error
        if len(part) > left:
            raise _too_large(most)
        if not stream.eof:
            message = "the gzip data is cut off"
            raise Damaged(message, hint="fetch the file again")
        parts.append(part)
        left -= len(part)
        packed = stream.unused_data.lstrip(b"\0")  # padding, which gzip allows
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _from_zstandard(packed: bytes, most: int) -> bytes:
    try:
        import zstandard  # noqa: PLC0415 - optional
    except ImportError as error:
        message = "it is packed with Zstandard"
        raise Damaged(message, hint="`pip install 'unleak[trail]'`") from error
    stream = zstandard.ZstdDecompressor(max_window_size=2**27).decompressobj()
    parts: list[bytes] = []
    left = most
    try:
        for start in range(0, len(packed), 65_536):
            part = stream.decompress(packed[start : start + 65_536])
            left -= len(part)
            if left < 0:
                raise _too_large(most)
            parts.append(part)
    except zstandard.ZstdError as error:
        message = "the Zstandard data is damaged"
        raise Damaged(message, hint="fetch the file again") from error
    if not stream.eof:
        message = "the Zstandard data is cut off"
        raise Damaged(message, hint="fetch the file again")
    return b"".join(parts)


def _too_large(most: int) -> Damaged:
    message = f"it unpacks to more than {most // 1024**2} MB"
    return Damaged(message, hint="CloudTrail writes no such files; split it to read it")
