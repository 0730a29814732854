"""What a trail in a bucket needs of the cloud: listing, and fetching one object at a time."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from unleak.model.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One object, as a listing tells of it."""

    key: str
    size: int
    modified: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One answer of a listing."""

    objects: tuple[Listed, ...] = ()
    folders: tuple[str, ...] = ()
    """Prefixes that end in a slash, where the listing was asked for one level alone."""


class Bucket(Protocol):
    """One bucket, safe across threads; every method raises `UnleakError` subclasses only."""

    @property
    def name(self) -> str:
        """The bucket's name."""
        ...

    @property
    def at_once(self) -> int:
        """How many objects may be fetched at the same time."""
        ...

    def pages(self, prefix: str, *, after: str = "", by_level: bool = False) -> Iterator[Page]:
        """List what begins with a prefix, in the order of the keys' bytes.

        Args:
            prefix: what the keys begin with.
            after: only keys behind this one; empty: all.
            by_level: whether to stop at the next slash, and to name the folder instead.

        Raises:
            UnleakError: the prefix may not be listed, or nobody answers; pages may be out already.
        """
        ...

    def fetch(self, key: str, *, most: int) -> bytes:
        """Return one object's bytes.

        Args:
            key: the object's key, whatever is in it.
            most: the most bytes that it may have.

        Raises:
            Throttled: it was asked to slow down to the end.
            Unreachable: nobody answered to the end.
            UnleakError: it is gone, denied, archived, too large or cut off; the message says which.
        """
        ...
