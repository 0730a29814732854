"""How a key may be spelled in bytes, and where it stands in a buffer; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.model.frozen import dataclass

if TYPE_CHECKING:
    from unleak.model.reference import Needle


@dataclass(frozen=True, slots=True, kw_only=True)
class Spellings:
    """What is looked for, as bytes: the id, and the secret by itself where it is known."""

    narrow: tuple[bytes, ...]
    """As ASCII, UTF-8 and most encodings write it."""
    wide: tuple[bytes, ...]
    """As UTF-16 writes it.  Without the outer zero byte, little and big endian are the same."""

    @property
    def overlap(self) -> int:
        """How many bytes of one buffer the next one has to begin with, so that none is missed."""
        return max(len(each) for each in self.wide) - 1

    def are_in(self, data: bytes | bytearray, end: int) -> bool:
        """Whether the first `end` bytes of a buffer hold any of them."""
        for each in self.narrow:
            if data.find(each, 0, end) >= 0:
                return True
        # UTF-16 has zero bytes and text has none: one fast look saves most of the slow ones.
        if data.find(0, 0, end) < 0:
            return False
        for each in self.wide:  # noqa: SIM110 - a generator here costs more than the search
            if data.find(each, 0, end) >= 0:
                return True
        return False

    def offsets(self, data: bytes | bytearray, end: int) -> set[int]:
        """Return where in the first `end` bytes of a buffer they begin."""
        found = set()
        for each in self.narrow + self.wide:
            start = data.find(each, 0, end)
            while start >= 0:
                found.add(start)
                start = data.find(each, start + len(each), end)
        return found


def spellings(needle: Needle) -> Spellings:
    """Return what to look for in bytes; it is kept in memory only.

    Args:
        needle: a key id, and its secret where the person has it.
    """
    texts = [needle.key_id]
    if needle.secret:
        texts.append(needle.secret.reveal())
    narrow = tuple(text.encode("utf-8", "surrogateescape") for text in texts)
    wide = tuple(b"\0".join(bytes([each]) for each in text) for text in narrow)
    return Spellings(narrow=narrow, wide=wide)
