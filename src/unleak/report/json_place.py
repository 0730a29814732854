"""One place in a JSON document that somebody gave us: what is there, or what should have been."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.errors import WrongUse
from unleak.model.instant import parse_instant

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

_OBJECT = "an object"
_LIST = "a list"
_TEXT = "a text"
_NUMBER = "a whole number"
_TRUTH = "true or false"
_TIME = "a time such as 2026-11-24T07:00:00Z"


class Place:
    """A value and where it stands.

    Args:
        value: what `json.loads` returned.
        path: where it stands, `timeline.items[3].time`; empty for the whole document.
        hint: what to do where it does not fit.
    """

    __slots__ = ("_hint", "_value", "path")

    def __init__(self, value: object, path: str, *, hint: str) -> None:
        self._value = value
        self.path = path
        self._hint = hint

    @property
    def is_null(self) -> bool:
        """Whether nothing is there."""
        return self._value is None

    def at(self, name: str) -> Place:
        """Return the member of that name; one that is not there is null.

        Raises:
            WrongUse: this is no object.
        """
        if not isinstance(self._value, dict):
            raise self.unfit(_OBJECT)
        path = f"{self.path}.{name}" if self.path else name
        return Place(self._value.get(name), path, hint=self._hint)

    def members(self) -> Iterator[tuple[str, Place]]:
        """Yield every name and what stands there.

        Raises:
            WrongUse: this is no object.
        """
        if not isinstance(self._value, dict):
            raise self.unfit(_OBJECT)
        for name in self._value:
            yield name, self.at(name)

    def items(self) -> Iterator[Place]:
        """Yield the items of the list.

        Raises:
            WrongUse: this is no list.
        """
        if not isinstance(self._value, list):
            raise self.unfit(_LIST)
        for number, each in enumerate(self._value):
            yield Place(each, f"{self.path}[{number}]", hint=self._hint)

    def text(self) -> str:
        """Return the text.

        Raises:
            WrongUse: this is none.
        """
        if not isinstance(self._value, str):
            raise self.unfit(_TEXT)
        return self._value

    def text_or_none(self) -> str | None:
        """Return the text, None where null stands.

        Raises:
            WrongUse: something else stands there.
        """
        return None if self._value is None else self.text()

    def number(self) -> int:
        """Return the whole number.

        Raises:
            WrongUse: this is none.
        """
        if not isinstance(self._value, int) or isinstance(self._value, bool):
            raise self.unfit(_NUMBER)
        return self._value

    def truth(self) -> bool:
        """Return true or false.

        Raises:
            WrongUse: this is neither.
        """
        if not isinstance(self._value, bool):
            raise self.unfit(_TRUTH)
        return self._value

    def instant_or_none(self) -> datetime | None:
        """Return the instant, None where null stands.

        Raises:
            WrongUse: the text there is no instant.
        """
        if self._value is None:
            return None
        try:
            return parse_instant(self.text())
        except (WrongUse, OverflowError) as error:
            raise self.unfit(_TIME) from error

    def unfit(self, wanted: str) -> WrongUse:
        """Return the error that says what should have stood here."""
        where = self.path[:200] or "the document"
        return WrongUse(f"this is no trace: {where!a} is not {wanted}", hint=self._hint)
