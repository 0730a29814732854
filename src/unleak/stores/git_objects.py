"""Read every object that a repository has, in the order in which it is stored, and search it.

This is faster than `git log -p`, which has to compare what it reads, and sees more: what no branch
reaches any more is still in the store.
"""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Final

from unleak.model.frozen import dataclass
from unleak.stores.packed import packing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unleak.stores.git_command import Repository
    from unleak.stores.spellings import Spellings

_WHOLE: Final = 1 << 22
"""Larger objects are searched in parts."""
_HEADER_PARTS: Final = 3
_ALL: Final = ("cat-file", "--batch-all-objects", "--batch", "--unordered", "--buffer")


@dataclass(frozen=True, slots=True, kw_only=True)
class HitObject:
    """One object that holds the key."""

    oid: str
    kind: str
    """`blob`, `commit`, `tag` or `tree`."""


class GitObjects:
    """The objects of one repository that hold a key.

    Args:
        repository: where to look.
        sought: what to look for.
    """

    def __init__(self, repository: Repository, sought: Spellings) -> None:
        self._repository = repository
        self._sought = sought
        self.seen = 0
        """How many objects were looked through."""
        self.compressed = 0
        """How many of them are archives, which were not unpacked."""
        self.unreadable = 0
        """How many are damaged."""

    def search(self) -> Iterator[HitObject]:
        """Yield every object that holds the key, reachable or not.

        Raises:
            GitTrouble: the repository could not be read whole.
        """
        with self._repository.stream(*_ALL) as stream:
            while header := stream.readline():
                parts = header.split()
                if len(parts) != _HEADER_PARTS:
                    self.unreadable += 1  # `OID missing` is said of a damaged one too
                    continue
                oid, kind, size = parts
                self.seen += 1
                if self._is_in(stream, int(size)):
                    yield HitObject(oid=oid.decode(), kind=kind.decode())

    def _is_in(self, stream: IO[bytes], size: int) -> bool:
        if size > _WHOLE:
            return self._is_in_parts(stream, size)
        body = stream.read(size + 1)
        if packing(body) is not None:
            self.compressed += 1
        return self._sought.are_in(body, size)

    def _is_in_parts(self, stream: IO[bytes], size: int) -> bool:
        carried = b""
        is_there = False
        left = size
        while left > 0 and (part := stream.read(min(left, _WHOLE))):
            if left == size and packing(part) is not None:
                self.compressed += 1
            left -= len(part)
            data = carried + part
            is_there = is_there or self._sought.are_in(data, len(data))
            carried = data[-self._sought.overlap :]
        stream.read(1)
        return is_there
