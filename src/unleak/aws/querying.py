"""What the two doors for SQL have in common: nothing but `SELECT` goes in, and a patient wait."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, TypeVar

from unleak.errors import AwsFailure, UnleakError

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
_FIRST_SECONDS: Final = 0.3
_LONGEST_SECONDS: Final = 5.0
_GROWTH: Final = 1.5


def require_select(statement: str) -> None:
    """Refuse what could do anything but read.

    Trino has no function that changes something, so a lone `SELECT` reads.

    Args:
        statement: what is about to be run.

    Raises:
        UnleakError: it is no single `SELECT`.
    """
    if not statement.startswith("SELECT") or ";" in statement:
        message = "a trace only asks, and this statement is no single SELECT"
        raise UnleakError(message)


def wait_for(
    look: Callable[[], T | None],
    *,
    what: str,
    limit_seconds: float,
    sleep: Callable[[float], None] | None = None,
) -> T:
    """Look until there is something, and return it.

    Args:
        look: returns None as long as it is not done.
        what: what is waited for, for the words of the error.
        limit_seconds: how long at most, in seconds slept.
        sleep: what to wait with; None: the clock.

    Raises:
        AwsFailure: it took longer.
    """
    step, slept = _FIRST_SECONDS, 0.0
    while (found := look()) is None:
        if slept >= limit_seconds:
            message = f"{what} was not done after {slept / 60:.0f} minutes"
            hint = "narrow --since and --until, so that less has to be read"
            raise AwsFailure(message, error_code="TimedOut", operation=what, hint=hint)
        (sleep or time.sleep)(step)
        slept += step
        step = min(step * _GROWTH, _LONGEST_SECONDS)
    return found
