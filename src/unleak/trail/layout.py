"""How CloudTrail lays its logs out in a bucket: by organization, account, region and day.

    [PREFIX/]AWSLogs/[o-ORGANIZATION/]ACCOUNT/CloudTrail/REGION/YYYY/MM/DD/FILE.json.gz

Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Final

from unleak.model.frozen import dataclass

LOG_SUFFIXES: Final = (".json", ".gz", ".zst", ".ndjson", ".jsonl", ".log")
_LOGS: Final = "AWSLogs"
_CALLS: Final = "CloudTrail"
_ORGANIZATION: Final = re.compile(r"o-[a-z0-9]{10,32}")
_ACCOUNT: Final = re.compile(r"\d{12}")
_DAY: Final = re.compile(r"(\d{4})/(\d{2})/(\d{2})/")
_STAMP: Final = re.compile(r"_(20\d{6}T\d{4}Z)_")
"""When CloudTrail delivered a file, in its name.

Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-examples.html
"""
_BEFORE: Final = timedelta(hours=1)
"""A log is delivered after its events; this much is for clocks that disagree around midnight."""
_AFTER: Final = timedelta(days=1)
"""How much later a delivery may come and still be looked at: usually it takes five minutes."""


class Left(StrEnum):
    """Why a folder is left out."""

    NO_CALLS = "digests and insights"
    """Hold checksums and statistics."""
    OTHER_EVENTS = "network activity and aggregated events"
    """Events of another kind, in folders of their own."""
    OTHER_SERVICE = "logs of other services"


class Stage(StrEnum):
    """What the folders right below a prefix are."""

    PLAIN = "plain"
    ACCOUNTS = "accounts"
    SERVICES = "services"
    REGIONS = "regions"
    DAYS = "days"


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """The days whose folders are looked at, both included; None: no bound."""

    first: date | None = None
    last: date | None = None


def days_of(since: datetime | None, until: datetime | None) -> Days:
    """Return the days on which the events of a time may have been delivered.

    Args:
        since: earlier events do not count.
        until: later events do not count.
    """
    return Days(
        first=None if since is None else _moved(since, -_BEFORE),
        last=None if until is None else _moved(until, _AFTER),
    )


def _moved(at: datetime, by: timedelta) -> date:
    try:
        return (at + by).date()
    except OverflowError:  # the first or the last of all days
        return at.date()


def stage_of(prefix: str) -> Stage:
    """Return what to expect below a prefix that is empty or ends in a slash."""
    parts = prefix.split("/")[:-1]
    below = _below_logs(parts)
    match below:
        case []:
            return Stage.ACCOUNTS
        case [account] if _ACCOUNT.fullmatch(account):
            return Stage.SERVICES
        case [account, "CloudTrail"] if _ACCOUNT.fullmatch(account):
            return Stage.REGIONS
    return Stage.DAYS if _region_at(parts) is not None else Stage.PLAIN


def left_out(stage: Stage, name: str) -> Left | None:
    """Return why a folder at a stage is left out; None: it is looked into.

    Args:
        stage: of the folder that it is in.
        name: the folder's name, without a slash.
    """
    if name in {"CloudTrail-Digest", "CloudTrail-Insight"}:
        return Left.NO_CALLS
    if name in {"CloudTrail-NetworkActivity", "CloudTrail-Aggregated"}:
        return Left.OTHER_EVENTS
    if stage is Stage.SERVICES and name != _CALLS:
        return Left.OTHER_SERVICE
    return None


def left_out_of(key: str, start: str) -> Left | None:
    """Return why an object is left out for one of the folders that it is in, as `left_out` does.

    Args:
        key: the object's.
        start: what was asked for: what this names is looked into, whatever it is.
    """
    folders = key[len(start) :].split("/")[:-1]
    prefix = start
    for name in folders:
        why = left_out(stage_of(prefix), name)
        if why is not None:
            return why
        prefix = f"{prefix}{name}/"
    return None


def region_folder(prefix: str) -> str | None:
    """Return the part of a prefix up to the region, None where it does not reach that far."""
    parts = prefix.split("/")[:-1]
    at = _region_at(parts)
    return None if at is None else "".join(f"{each}/" for each in parts[: at + 1])


def day_of(key: str) -> date | None:
    """Return the day in the folders of an object; None where it is in no such folder."""
    folder = region_folder(key)
    found = None if folder is None else _DAY.match(key, len(folder))
    if found is None:
        return None
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None


def delivered(path: str) -> tuple[str, str]:
    """Return what puts files into the order of delivery, so that parents come before children."""
    stamp = _STAMP.search(path.rpartition("/")[2])
    return ("" if stamp is None else stamp[1], path)


def delivered_at(path: str) -> datetime | None:
    """Return when CloudTrail delivered a file, by its name; None where that does not tell."""
    stamp = _STAMP.search(path.rpartition("/")[2])
    if stamp is None:
        return None
    try:
        return datetime.strptime(stamp[1], "%Y%m%dT%H%MZ").replace(tzinfo=UTC)
    except ValueError:
        return None


def _below_logs(parts: list[str]) -> list[str] | None:
    """Return what comes after `AWSLogs` and the organization; None where there is no `AWSLogs`."""
    if _LOGS not in parts:
        return None
    below = parts[len(parts) - parts[::-1].index(_LOGS) :]
    return below[1:] if below and _ORGANIZATION.fullmatch(below[0]) else below


def _region_at(parts: list[str]) -> int | None:
    """Return where the region stands: after the first `CloudTrail` that follows `AWSLogs`."""
    start = len(parts) - parts[::-1].index(_LOGS) if _LOGS in parts else 0
    if _CALLS not in parts[start:]:
        return None
    at = parts.index(_CALLS, start) + 1
    return at if at < len(parts) else None
