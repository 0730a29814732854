"""The parts of credentials as they are seen in a text, each with its place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

SECRET_LENGTH = 40
"""Characters of a secret access key as AWS draws it; emulators draw others."""
_DISTINCT = 18


class Part(StrEnum):
    """The parts that a text may show."""

    ID = "id"
    SECRET = "secret"  # noqa: S105 - the name of a part, not a password
    TOKEN = "token"  # noqa: S105 - the name of a part, not a password
    EXPIRY = "expiry"
    ARN = "arn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One part at one place; the value never shows in its `repr`."""

    part: Part
    value: str = field(repr=False)
    start: int
    end: int
    is_labelled: bool = False
    is_weak: bool = False
    """The label does not say that it is AWS's: `secret`, `token`."""
    qualifier: tuple[str, ...] = ()
    style: str = ""
    region: str | None = None
    is_usable: bool = True
    """Whether an id is one; what stands where an id should keeps its secret from the next id."""


Keeps: TypeAlias = Callable[[str, int], bool]
"""Says whether a value at a place is worth keeping; asked before anything else is read of it."""


def start_of(sighting: Sighting) -> int:
    """Return where a sighting begins: the order of the text."""
    return sighting.start


def looks_random(value: str) -> bool:
    """Say whether a run of base64 looks drawn by chance: upper, lower, digits, much variety."""
    return (
        len(set(value)) >= min(_DISTINCT, len(value) // 2)
        and any(each.isdigit() for each in value)
        and any(each.islower() for each in value)
        and any(each.isupper() for each in value)
    )
