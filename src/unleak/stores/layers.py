"""Looks for a key in bytes, through the layers round it: gzip, base64, one within another."""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from unleak.stores.spellings import spellings

if TYPE_CHECKING:
    from unleak.model.reference import Needle

MOST_BYTES: Final = 8 * 1024 * 1024
"""How much one packed text may grow to: user data has 16 KB, and gzip makes 16 MB of that."""

_DEEPEST: Final = 3
_GZIP: Final = b"\x1f\x8b"
_GZIP_IN_BASE64: Final = re.compile(rb"H4sI[A-Za-z0-9+/=\s]{16,}")
_EITHER_FORMAT: Final = 32 + zlib.MAX_WBITS


class Holding(StrEnum):
    """What a look into bytes has come to."""

    HELD = "held"
    NOT_HELD = "not-held"
    TOO_LARGE = "too-large"
    """Not in what was unpacked, and not all of it was."""


def holding(data: bytes, needle: Needle, *, depth: int = 0) -> Holding:
    """Say whether bytes hold the key, also where it is packed.

    cloud-init takes gzip, and within its formats base64 and gzip in base64.
    Source: https://cloudinit.readthedocs.io/en/latest/explanation/format.html

    Args:
        data: the bytes.
        needle: what is looked for.
        depth: how many wrappings have been taken off.
    """
    if _is_in(data, needle):
        return Holding.HELD
    found = [_in_gzip(packed, needle, depth) for packed in _packed(data)]
    if Holding.HELD in found:
        return Holding.HELD
    return Holding.TOO_LARGE if Holding.TOO_LARGE in found else Holding.NOT_HELD


def from_base64(text: str) -> bytes:
    """Return the bytes behind a base64 text, and the text's own where it is none."""
    try:
        return base64.b64decode(text, validate=False)
    except binascii.Error:
        return text.encode()


def _is_in(data: bytes, needle: Needle) -> bool:
    wanted = spellings(needle)
    if wanted.are_in(data, len(data)):
        return True
    without_breaks = re.sub(rb"\s+", b"", data)
    return any(part in without_breaks for each in wanted.narrow for part in _in_base64(each))


def _in_base64(wanted: bytes) -> list[bytes]:
    """Return what base64 makes of bytes at each of the three offsets they can stand at.

    The characters that also depend on the neighbours are left off, so nothing has to be decoded.
    """
    forms = []
    for offset in range(3):
        encoded = base64.b64encode(bytes(offset) + wanted)
        first = (offset * 8 + 5) // 6
        last = (offset + len(wanted)) * 8 // 6
        forms.append(encoded[first:last])
    return forms


def _packed(data: bytes) -> list[bytes]:
    """Return the gzip streams in bytes: the whole, or those that stand in base64 within."""
    if data.startswith(_GZIP):
        return [data]
    return [
        base64.b64decode(_whole(match)) for match in _GZIP_IN_BASE64.findall(data) if _whole(match)
    ]


def _whole(encoded: bytes) -> bytes:
    """Cut a run of base64 to whole groups of four, up to its padding."""
    joined = b"".join(encoded.split())
    end = joined.find(b"=")
    body = joined if end < 0 else joined[:end]
    return body + b"=" * (-len(body) % 4) if len(body) % 4 != 1 else body[:-1]


def _in_gzip(packed: bytes, needle: Needle, depth: int) -> Holding:
    if depth >= _DEEPEST:
        return Holding.TOO_LARGE
    unpacked, is_whole = _gunzip(packed)
    found = holding(unpacked, needle, depth=depth + 1)
    return Holding.TOO_LARGE if found is Holding.NOT_HELD and not is_whole else found


def _gunzip(packed: bytes) -> tuple[bytes, bool]:
    """Return what is in all streams of a gzip file, and whether that is everything."""
    texts: list[bytes] = []
    room = MOST_BYTES
    while packed and room > 0:
        stream = zlib.decompressobj(_EITHER_FORMAT)
        try:
            texts.append(stream.decompress(packed, room))
        except zlib.error:
            return b"".join(texts), True  # no gzip, or the padding behind the last stream
        room -= len(texts[-1])
        if not stream.eof:
            return b"".join(texts), False
        packed = stream.unused_data
    return b"".join(texts), not packed
