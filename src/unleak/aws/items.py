"""The items of one table as the state needs them: read, compared, changed together.

Every condition here is "these attributes have these values", because that is all that locks, claims
and an append-only journal need, and it leaves no expression to get wrong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeAlias

from unleak.model.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

Value: TypeAlias = "str | int | bytes"
Item: TypeAlias = "Mapping[str, Value]"
Expected: TypeAlias = "Mapping[str, Value | None]"
"""The attributes that have to be as they were seen; None stands for one that is not there."""

ABSENT: Expected = {"pk": None}
"""The item is not there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """The two parts of an item's key."""

    pk: str
    sk: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Put:
    """Write a whole item."""

    key: Key
    item: Item
    expected: Expected


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Write some attributes of an item; None takes one away."""

    key: Key
    values: Expected
    expected: Expected
    counts: tuple[str, ...] = ()
    """Attributes that go up by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """Write nothing, but let the whole fail where the item is not as expected."""

    key: Key
    expected: Expected


Write: TypeAlias = "Put | Change | Check"


class Items(Protocol):
    """The items of one table; every method raises `StateFolder` where the table cannot be used."""

    @property
    def place(self) -> str:
        """The table, in words that are safe on a terminal."""
        ...

    def now(self) -> datetime:
        """Return AWS's time where an answer has told it, else the local clock's."""
        ...

    def get(self, key: Key) -> Item | None:
        """Return one item as it is now, None where it is not there."""
        ...

    def query(self, pk: str, *, only: Item | None = None) -> Iterator[Item]:
        """Yield the items under one partition key in the order of `sk`.

        Args:
            pk: the partition key.
            only: attributes that have to be so.
        """
        ...

    def last(self, pk: str) -> Item | None:
        """Return the key of the last item under one partition key."""
        ...

    def put(self, put: Put) -> bool:
        """Write an item; False: it was not as expected."""
        ...

    def change(self, change: Change) -> bool:
        """Change an item; False: it was not as expected."""
        ...

    def delete(self, key: Key, expected: Expected) -> bool:
        """Take an item away; False: it was not as expected."""
        ...

    def together(self, writes: Sequence[Write], *, token: str) -> tuple[Write, ...]:
        """Do all of it or nothing.

        Args:
            writes: each about another item.
            token: makes a second try of the same writes count once.

        Returns:
            The writes whose item was not as expected; empty where all was done.
        """
        ...
