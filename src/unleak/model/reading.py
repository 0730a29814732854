"""A fact that was asked for: known, absent, or not known and why.

"Absent" and "could not look" are different values all the way to the report.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Generic, TypeAlias, TypeVar

from unleak.model.frozen import dataclass

T = TypeVar("T")


class Gap(StrEnum):
    """Why a fact is not known."""

    DENIED = "denied"
    THROTTLED = "throttled"
    UNSUPPORTED = "unsupported"
    UNREACHABLE = "unreachable"
    NOT_LOOKED_AT = "not-looked-at"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Known(Generic[T]):
    """The fact, as read."""

    value: T


@dataclass(frozen=True, slots=True)
class Absent:
    """We could look, and there is none."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """We could not look; `detail` says why in words a person can act on."""

    gap: Gap
    detail: str = ""


Reading: TypeAlias = Known[T] | Absent | Unknown
Listing: TypeAlias = Known[T] | Unknown
"""A fact that always exists when it can be read: a list, a count, a summary."""

NOT_LOOKED_AT = Unknown(Gap.NOT_LOOKED_AT, "not looked at")
