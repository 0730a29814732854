"""Look into parsed JSON of unknown shape: what is not there, or of another type, is empty."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from unleak.model.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST: Final = 500
"""Entries of one list that are read: GuardDuty's own longest list has 400."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """One JSON object; names are found in `camelCase` and `PascalCase` alike.

    GuardDuty says `accountId` on the bus and `AccountId` in its command line's output, and the two
    are pasted into one another's place.
    """

    raw: Mapping[str, object]

    def __contains__(self, name: str) -> bool:
        return self.get(name) is not None

    def get(self, *path: str) -> object:
        """Return what stands at the end of a path; None where there is nothing."""
        value: object = self.raw
        for name in path:
            if not isinstance(value, dict):
                return None
            value = value.get(name, value.get(name[:1].upper() + name[1:]))
        return value

    def text(self, *path: str) -> str:
        """Return the text at a path, empty where there is none; hostile."""
        value = self.get(*path)
        return value if isinstance(value, str) else ""

    def part(self, *path: str) -> Fields:
        """Return the object at a path, an empty one where there is none."""
        return fields_of(self.get(*path))

    def parts(self, *path: str) -> tuple[Fields, ...]:
        """Return the objects of the list at a path, at most `MOST` of them."""
        value = self.get(*path)
        if not isinstance(value, list):
            return ()
        return tuple(fields_of(each) for each in value[:MOST] if isinstance(each, dict))

    def left_out(self, *path: str) -> int:
        """Return how many entries of the list at a path are beyond those that are read."""
        value = self.get(*path)
        return max(0, len(value) - MOST) if isinstance(value, list) else 0


def fields_of(value: object) -> Fields:
    """Return a JSON object to look into; an empty one for anything else."""
    return Fields(raw=value if isinstance(value, dict) else {})
