"""One table of the policy file: each getter takes a value out or says what is wrong with it.

A value that is refused is never repeated where it could be a secret that stands in the wrong place.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NoReturn, TypeVar

from unleak.errors import BadPolicy
from unleak.evidence.clean import printable
from unleak.model.frozen import dataclass

if TYPE_CHECKING:
    import re
    from collections.abc import Mapping
    from enum import StrEnum

Word = TypeVar("Word", bound="StrEnum")

_MOST: Final = 1_000
_LONGEST: Final = 2_000
_HINT: Final = "docs/alerts.md shows a policy with every key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table, and the words that lead to it: `rule 3: `."""

    raw: Mapping[str, object]
    place: str

    def refuse(self, key: str, what: str) -> NoReturn:
        """Say which place of the file is wrong.

        Raises:
            BadPolicy: always.
        """
        message = f"policy: {self.place}{printable(key, limit=60)}: {what}"
        raise BadPolicy(message, hint=_HINT)

    def only(self, *keys: str, name: str) -> None:
        """Refuse keys that mean nothing: a condition with a typo would match everything.

        Raises:
            BadPolicy: there is one.
        """
        for key in self.raw:
            if key not in keys:
                self.refuse(key, f"a {name} has no such key; it has {', '.join(keys)}")

    def text(
        self, key: str, form: re.Pattern[str] | None = None, words: str = "text"
    ) -> str | None:
        """Return a text; None where the key is missing.

        Raises:
            BadPolicy: it is no text, or not of the form.
        """
        if key not in self.raw:
            return None
        return self._checked(key, self.raw[key], form, words)

    def texts(
        self, key: str, form: re.Pattern[str] | None = None, words: str = "text"
    ) -> tuple[str, ...]:
        """Return a list of texts; an empty one where the key is missing.

        Raises:
            BadPolicy: it is no list, or an empty one, or an entry is not of the form.
        """
        return tuple(self._checked(key, each, form, words) for each in self._list(key))

    def choice(self, key: str, words: tuple[Word, ...]) -> Word | None:
        """Return one of some words; None where the key is missing.

        Raises:
            BadPolicy: it is another one.
        """
        return None if key not in self.raw else self._one_of(key, self.raw[key], words)

    def choices(self, key: str, words: tuple[Word, ...]) -> tuple[Word, ...]:
        """Return some of some words; none where the key is missing.

        Raises:
            BadPolicy: one is none of them.
        """
        return tuple(self._one_of(key, each, words) for each in self._list(key))

    def flag(self, key: str) -> bool | None:
        """Return true or false; None where the key is missing.

        Raises:
            BadPolicy: it is neither.
        """
        value = self.raw.get(key)
        if key in self.raw and not isinstance(value, bool):
            self.refuse(key, "must be true or false")
        return value if isinstance(value, bool) else None

    def number(self, key: str, *, least: float, most: float) -> float | None:
        """Return a number; None where the key is missing.

        Raises:
            BadPolicy: it is none, or out of bounds.
        """
        if key not in self.raw:
            return None
        value = self.raw[key]
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not isinstance(value, (int, float)) or not is_number or math.isnan(value):
            self.refuse(key, "must be a number")
        if not least <= value <= most:
            self.refuse(key, f"must be from {least:g} to {most:g}")
        return float(value)

    def pairs(self, key: str) -> tuple[tuple[str, str], ...]:
        """Return the names and values of a table of texts; none where the key is missing.

        Raises:
            BadPolicy: it is no such table, or an empty one.
        """
        if key not in self.raw:
            return ()
        value = self.raw[key]
        if not isinstance(value, dict) or not value:
            self.refuse(key, "must be a table of names and values")
        for name, each in value.items():
            if not isinstance(each, str) or len(each) > _LONGEST:
                self.refuse(f"{key}.{name}", "must be text")
        return tuple((name, str(each)) for name, each in value.items())

    def table(self, key: str) -> Table:
        """Return a table within; an empty one where the key is missing.

        Raises:
            BadPolicy: it is no table.
        """
        value = self.raw.get(key, {})
        if not isinstance(value, dict):
            self.refuse(key, "must be a table")
        return Table(raw=value, place=f"{self.place}{key}: ")

    def tables(self, key: str) -> tuple[Table, ...]:
        """Return the tables of a list, numbered from one; none where the key is missing.

        Raises:
            BadPolicy: it is no list of tables.
        """
        found = []
        for number, each in enumerate(self._list(key), start=1):
            if not isinstance(each, dict):
                self.refuse(f"{key} {number}", "must be a table")
            found.append(Table(raw=each, place=f"{key} {number}: "))
        return tuple(found)

    def _list(self, key: str) -> list[object]:
        if key not in self.raw:
            return []
        value = self.raw[key]
        if not isinstance(value, list):
            self.refuse(key, "must be a list")
        if not value and key not in {"notify", "rule"}:
            self.refuse(key, "must not be empty; leave it out to let everything match")
        if len(value) > _MOST:
            self.refuse(key, f"must not have more than {_MOST} entries")
        return value

    def _checked(self, key: str, value: object, form: re.Pattern[str] | None, words: str) -> str:
        if not isinstance(value, str) or not value or len(value) > _LONGEST:
            self.refuse(key, f"must be {words}")
        if not value.isprintable() or (form is not None and form.fullmatch(value) is None):
            self.refuse(key, f"must be {words}")
        return value

    def _one_of(self, key: str, value: object, words: tuple[Word, ...]) -> Word:
        found = next((word for word in words if word == value), None)
        if found is None:
            *others, last = words
            self.refuse(key, f"must be {', '.join(others)} or {last}")
        return found
