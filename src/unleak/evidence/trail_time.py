"""The instants in CloudTrail records: ISO for events, English prose for an expiration."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
# "Nov 30, 2024, 8:43:17 PM" and "Jan 22, 2021 12:46:28 AM", with a space or U+202F before AM/PM.
# Read with a table, since strptime's month names follow the machine's locale.
_PROSE = re.compile(
    r"([A-Za-z]{3})[a-z]*\.?\s+(\d{1,2}),\s*(\d{4}),?\s+(\d{1,2}):(\d{2}):(\d{2})\s*([AaPp])\.?[Mm]\.?"
)


def read_trail_time(text: str) -> datetime | None:
    """Return the instant in UTC, None where the text is none that CloudTrail writes.

    Args:
        text: `2024-11-30T20:43:17Z`, or an English form with or without the comma after the year.
    """
    text = text.strip()
    if len(text) > 64:  # noqa: PLR2004 - no instant is longer; hostile text is
        return None
    matched = _PROSE.fullmatch(text)
    try:
        if matched is not None:
            return _from_prose(matched)
        parsed = datetime.fromisoformat(text)
        return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _from_prose(matched: re.Match[str]) -> datetime:
    month, day, year, hour, minute, second, half = matched.groups()
    if not 1 <= int(hour) <= 12:  # noqa: PLR2004 - a twelve-hour clock
        msg = "not an hour of a twelve-hour clock"
        raise ValueError(msg)
    hour_of_day = int(hour) % 12 + (12 if half.lower() == "p" else 0)
    number = _MONTHS.get(month.lower())
    if number is None:
        msg = "not an English month"
        raise ValueError(msg)
    return datetime(int(year), number, int(day), hour_of_day, int(minute), int(second), tzinfo=UTC)
