"""Instants: always UTC, always RFC 3339 with a `Z`, as the contract asks.

One cloud stores `+00:00` in a policy condition and then denies nothing, so `Z` is not a taste.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from unleak.errors import WrongUse


def render_instant(instant: datetime) -> str:
    """Return `2026-11-24T07:00:00Z`, to the second; fractions are cut."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_instant(text: str) -> datetime:
    """Read an RFC 3339 instant such as `2026-11-24T07:00:00.000Z`.

    Args:
        text: the instant; a missing zone is taken as UTC.

    Raises:
        WrongUse: the text is no instant.
    """
    try:
        parsed = datetime.fromisoformat(text.strip())
    except ValueError as error:
        message = f"{text[:40]!r} is not a time"
        raise WrongUse(message, hint="write it as 2026-11-24T07:00:00Z") from error
    return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)


def round_up(instant: datetime) -> datetime:
    """Return the next whole second at or after `instant`."""
    whole = instant.replace(microsecond=0)
    return whole if whole == instant else whole + timedelta(seconds=1)
