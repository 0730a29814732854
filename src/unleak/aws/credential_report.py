"""Fetches and reads IAM's credential report: one line a user, made anew at most every four hours.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
"""

from __future__ import annotations

import csv
import time
from datetime import UTC, datetime
from io import StringIO
from typing import TYPE_CHECKING, Final

from unleak.aws.answer import instant, text
from unleak.aws.codes import UNSUPPORTED
from unleak.errors import AwsFailure, UnleakError
from unleak.model.holding import Used
from unleak.model.reading import Absent, Gap, Known, Unknown
from unleak.model.register import (
    KEYS_COUNTED_SINCE,
    PASSWORDS_COUNTED_SINCE,
    CredentialReport,
    ReportKey,
    ReportRow,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from unleak.aws.answer import Answer
    from unleak.aws.asking import Asking
    from unleak.model.reading import Reading

_WAIT_SECONDS: Final = 1.0
_MOST_WAITS: Final = 120
"""AWS promises no time; in a large account the report takes a minute or so (untested)."""
_NOTHING: Final = frozenset({"", "N/A", "no_information", "not_supported"})
_REQUIRED: Final = frozenset({"user", "arn"})


def credential_report(
    asking: Asking, *, rest: Callable[[float], None] = time.sleep
) -> CredentialReport:
    """Have the report made where there is none that is fresh, and return it.

    Where nobody may have it made, an older one is taken, and its age is said.

    Args:
        asking: the responder's session as a place to put questions.
        rest: waits so many seconds.

    Raises:
        UnleakError: there is none to be had.
    """
    note = ""
    try:
        _have_it_made(asking, rest)
    except UnleakError as error:
        note = f"no new one could be made: {error.message}"
    answer = asking.iam("get_credential_report")
    return CredentialReport(
        made_at=instant(answer, "GeneratedTime"), rows=read_rows(_content(answer)), note=note
    )


def read_rows(content: str) -> tuple[ReportRow, ...]:
    """Return the lines of a report.

    Args:
        content: the CSV text.

    Raises:
        AwsFailure: it is no credential report.
    """
    reader = csv.DictReader(StringIO(content, newline=""))
    if not set(reader.fieldnames or ()) >= _REQUIRED:
        message = "the credential report has not the columns that it should have"
        raise AwsFailure(message, error_code=UNSUPPORTED, operation="GetCredentialReport")
    return tuple(_row({name: row.get(name) or "" for name in row if name}) for row in reader)


def _have_it_made(asking: Asking, rest: Callable[[float], None]) -> None:
    for _ in range(_MOST_WAITS):
        answer = asking.iam("generate_credential_report")
        if text(answer, "State") == "COMPLETE":
            return
        rest(_WAIT_SECONDS)
    message = f"AWS has not finished the credential report in {_MOST_WAITS} seconds"
    raise UnleakError(message)


def _content(answer: Answer) -> str:
    content = answer.get("Content")
    if isinstance(content, bytes):
        return content.decode("utf-8", errors="replace")
    return content if isinstance(content, str) else ""


def _row(row: Mapping[str, str]) -> ReportRow:
    created_at = _instant(row.get("user_creation_time"))
    has_password = _truth(row.get("password_enabled"))
    return ReportRow(
        user=row["user"],
        arn=row["arn"],
        created_at=created_at,
        has_password=has_password,
        password_last_used=_password_use(row, created_at),
        password_changed_at=_instant(row.get("password_last_changed")),
        has_mfa=_truth(row.get("mfa_active")),
        keys=tuple(_key(row, f"access_key_{number}") for number in (1, 2)),
        certificates=tuple(_key(row, f"cert_{number}") for number in (1, 2)),
    )


def _key(row: Mapping[str, str], column: str) -> ReportKey:
    rotated_at = _instant(row.get(f"{column}_last_rotated"))
    return ReportKey(
        is_active=_truth(row.get(f"{column}_active")) is True,
        rotated_at=rotated_at,
        last_used=_key_use(row, column, rotated_at),
    )


def _key_use(row: Mapping[str, str], column: str, rotated_at: datetime | None) -> Reading[Used]:
    told = row.get(f"{column}_last_used_date")
    if told is None:
        return Unknown(Gap.UNSUPPORTED, "IAM keeps no record of its use")
    at = _instant(told)
    if at is not None:
        return Known(
            Used(
                at=at,
                service=_some(row.get(f"{column}_last_used_service")),
                region=_some(row.get(f"{column}_last_used_region")),
            )
        )
    return _never_since(rotated_at, KEYS_COUNTED_SINCE)


def _password_use(row: Mapping[str, str], created_at: datetime | None) -> Reading[Used]:
    at = _instant(row.get("password_last_used"))
    if at is not None:
        return Known(Used(at=at))
    return _never_since(created_at, PASSWORDS_COUNTED_SINCE)


def _never_since(born: datetime | None, counted_since: datetime) -> Reading[Used]:
    """Tell "never used" from "not used since AWS keeps count", which is not the same."""
    if born is not None and born >= counted_since:
        return Absent()
    words = f"no use since AWS keeps count ({counted_since:%Y-%m-%d}); older ones are not known"
    return Unknown(Gap.UNSUPPORTED, words)


def _truth(told: str | None) -> bool | None:
    return {"true": True, "false": False}.get((told or "").lower())


def _some(told: str | None) -> str | None:
    return None if told is None or told in _NOTHING else told


def _instant(told: str | None) -> datetime | None:
    if _some(told) is None or told is None:
        return None
    try:
        at = datetime.fromisoformat(told)
    except ValueError:
        return None
    return (at if at.tzinfo is not None else at.replace(tzinfo=UTC)).astimezone(UTC)
