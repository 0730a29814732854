"""Look into compressed files as far as it is cheap, and say where it was not."""

from __future__ import annotations

import os
import zlib
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol, assert_never

if TYPE_CHECKING:
    import zipfile

    from unleak.stores.spellings import Spellings

_MOST: Final = 256 * 1024 * 1024
"""What is unpacked of one file at most, so that a bomb costs a second and no memory."""
_MOST_MEMBERS: Final = 50_000
_CHUNK: Final = 262_144
_READ_LIMIT: Final = f"only its first {_MOST // 1024**2} MB unpacked were looked through"


class Packing(StrEnum):
    """How a file is compressed, by its first bytes."""

    GZIP = "gzip"
    ZIP = "zip"
    BZIP2 = "bzip2"
    XZ = "xz"
    ZSTANDARD = "zstd"
    SEVEN_ZIP = "7z"
    RAR = "rar"


_MAGIC: Final = (
    (b"\x1f\x8b\x08", Packing.GZIP),
    (b"PK\x03\x04", Packing.ZIP),
    (b"BZh", Packing.BZIP2),
    (b"\xfd7zXZ\x00", Packing.XZ),
    (b"\x28\xb5\x2f\xfd", Packing.ZSTANDARD),
    (b"7z\xbc\xaf\x27\x1c", Packing.SEVEN_ZIP),
    (b"Rar!\x1a\x07", Packing.RAR),
)
PACKED_FIRST: Final = frozenset(magic[0] for magic, _ in _MAGIC)
"""The first bytes of all of them: one look at one number tells most files apart."""


def packing(head: bytes) -> Packing | None:
    """Return how a file is compressed; None where it is not, or in a way that is not known here.

    Args:
        head: its first bytes.
    """
    if not head or head[0] not in PACKED_FIRST:
        return None
    return next((kind for magic, kind in _MAGIC if head.startswith(magic)), None)


def search_packed(handle: int, kind: Packing, sought: Spellings) -> tuple[tuple[str, ...], str]:
    """Return the members of a compressed file that hold the key, and what was not looked at.

    Args:
        handle: the open file; it stays open.
        kind: how it is compressed.
        sought: what to look for.
    """
    match kind:
        case Packing.GZIP:
            return _in_gzip(handle, sought)
        case Packing.ZIP:
            return _in_zip(handle, sought)
        case Packing.BZIP2 | Packing.XZ | Packing.ZSTANDARD | Packing.SEVEN_ZIP | Packing.RAR:
            return (), f"compressed with {kind}: unpack it to search it"
        case _:
            assert_never(kind)


def _in_gzip(handle: int, sought: Spellings) -> tuple[tuple[str, ...], str]:
    import gzip  # noqa: PLC0415 - most trees hold none, and a helper should start fast

    os.lseek(handle, 0, os.SEEK_SET)
    try:
        with os.fdopen(os.dup(handle), "rb") as raw, gzip.GzipFile(fileobj=raw) as unpacked:
            is_there, left, _ = _in_stream(unpacked, sought, _MOST)
    except (OSError, EOFError, zlib.error):
        return (), "it is no whole gzip file: it was looked through up to the damage only"
    why = "" if left > 0 else _READ_LIMIT
    return (("its unpacked content",) if is_there else ()), why


def _in_zip(handle: int, sought: Spellings) -> tuple[tuple[str, ...], str]:
    import zipfile  # noqa: PLC0415 - as above

    os.lseek(handle, 0, os.SEEK_SET)
    found: list[str] = []
    unread: list[str] = []
    left = _MOST
    try:
        with os.fdopen(os.dup(handle), "rb") as raw, zipfile.ZipFile(raw) as archive:
            members = archive.infolist()
            for member in members[:_MOST_MEMBERS]:
                if left <= 0:
                    break
                is_there, left, why = _in_member(archive, member, sought, left)
                if is_there:
                    found.append(member.filename)
                if why:
                    unread.append(why)
    except (OSError, EOFError, ValueError, zipfile.BadZipFile, NotImplementedError):
        return tuple(found), "it is no whole zip file: unpack it to search it"
    if left <= 0 or len(members) > _MOST_MEMBERS:
        unread.append(_READ_LIMIT)
    more = f" (and {len(unread) - 1} more)" if len(unread) > 1 else ""
    return tuple(found), f"{unread[0]}{more}" if unread else ""


def _in_member(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, sought: Spellings, left: int
) -> tuple[bool, int, str]:
    from zipfile import BadZipFile  # noqa: PLC0415 - as above

    name = member.filename
    try:
        with archive.open(member) as unpacked:
            is_there, left, nested = _in_stream(unpacked, sought, left)
    except RuntimeError:  # zipfile's way to say that it needs a password
        return False, left, f"{name} in it is encrypted"
    except (OSError, EOFError, ValueError, zlib.error, BadZipFile, NotImplementedError):
        return False, left, f"{name} in it cannot be unpacked"
    why = f"{name} in it is compressed once more" if nested and not is_there else ""
    return is_there, left, why


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def _in_stream(stream: _Readable, sought: Spellings, left: int) -> tuple[bool, int, bool]:
    """Return whether the key is in it, how much may still be unpacked, and whether it is packed."""
    carried = b""
    head: bytes | None = None
    while left > 0 and (chunk := stream.read(min(_CHUNK, left))):
        head = chunk[:8] if head is None else head
        data = carried + chunk
        if sought.are_in(data, len(data)):
            return True, left, False
        left -= len(chunk)
        carried = data[-sought.overlap :]
    return False, left, packing(head or b"") is not None
