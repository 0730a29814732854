"""Event ids packed: sixteen bytes for a UUID, which is what they are; anything else stays a text.

They go from process to process and are remembered by the hundred thousand, to count duplicates.
Each id has one packed form, and no two ids share one.
"""

from __future__ import annotations

import re
import struct
from binascii import unhexlify
from collections.abc import Hashable, Iterable, Sequence
from typing import Final

_LENGTH: Final = 36
_SIZE: Final = 16
_DASHES: Final = (8, 13, 18, 23)
_NO_DIGITS: Final = b"-ABCDEF"
_HEX: Final = r"[0-9a-f]"
_UUID: Final = re.compile(rf"{_HEX}{{8}}(?:-{_HEX}{{4}}){{3}}-{_HEX}{{12}}")


def packed_ids(ids: Sequence[str]) -> tuple[bytes, tuple[str, ...]]:
    """Return the ids that are UUIDs, one after the other, and all others; empty ones fall away.

    Args:
        ids: as the events have them.
    """
    at_once = _all_packed(ids)
    if at_once is not None:
        return at_once, ()
    usual = [each for each in ids if _UUID.fullmatch(each)]
    others = tuple(each for each in ids if each and not _UUID.fullmatch(each))
    return bytes.fromhex("".join(usual).replace("-", "")), others


def one_by_one(packed: bytes, others: Iterable[str]) -> list[Hashable]:
    """Return what stands for each id, the same for the same id.

    Args:
        packed: the UUIDs, packed.
        others: the other ids.
    """
    # several times as quick as one slice after another
    return [*struct.unpack(f"{_SIZE}s" * (len(packed) // _SIZE), packed), *others]


def _all_packed(ids: Sequence[str]) -> bytes | None:
    """Pack all ids in a few steps, which are checked; None where one of them is no UUID."""
    count = len(ids)
    if set(map(len, ids)) != {_LENGTH}:
        return None
    try:
        joined = "".join(ids).encode("ascii")
        packed = unhexlify(joined.translate(None, _NO_DIGITS))
    except ValueError:
        return None
    dashes = b"-" * count
    if any(joined[at::_LENGTH] != dashes for at in _DASHES):
        return None
    return packed if len(packed) == _SIZE * count else None  # else there is more that was taken out
