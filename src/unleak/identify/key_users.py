"""Who really uses a key: the last use that IAM knows of, and the callers that CloudTrail shows."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from unleak.errors import UnleakError
from unleak.identify.key_uses import uses_in
from unleak.model.reference import KeyUsers, NotSearched

if TYPE_CHECKING:
    from datetime import datetime

    from unleak.model.ports import KeyUse, Reader, TrailEvent

_AT_ONCE = 8


def users_of(
    key_id: str, reader: Reader, *, regions: tuple[str, ...] = (), since: datetime | None = None
) -> tuple[KeyUsers, tuple[NotSearched, ...]]:
    """Return who uses a key, and what could not be asked.

    `LookupEvents` knows the management events of 90 days, some minutes late, and no data events:
    reading objects of S3 does not show.
    Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html

    Args:
        key_id: the long-lived key.
        reader: the door to AWS.
        regions: where to look; empty: in all enabled regions.
        since: only later events count.
    """
    gaps: list[NotSearched] = []
    use = _last_use(key_id, reader, gaps)
    events: list[TrailEvent] = []
    for region, found in _events(key_id, reader, regions, gaps, since):
        if isinstance(found, UnleakError):
            gaps.append(NotSearched(where=f"cloudtrail {region}", why=found.message))
        else:
            events.extend(found)
    return (
        KeyUsers(
            last_used_at=None if use is None else use.last_used_at,
            last_service=None if use is None else use.service,
            last_region=None if use is None else use.region,
            uses=uses_in(events, key_id),
        ),
        tuple(gaps),
    )


def _last_use(key_id: str, reader: Reader, gaps: list[NotSearched]) -> KeyUse | None:
    try:
        return reader.key_use(key_id)
    except UnleakError as error:
        gaps.append(NotSearched(where="iam last use", why=error.message))
        return None


def _events(
    key_id: str,
    reader: Reader,
    regions: tuple[str, ...],
    gaps: list[NotSearched],
    since: datetime | None,
) -> list[tuple[str, tuple[TrailEvent, ...] | UnleakError]]:
    try:
        asked = regions or reader.regions()
    except UnleakError as error:
        gaps.append(NotSearched(where="cloudtrail", why=error.message))
        return []

    def look(region: str) -> tuple[str, tuple[TrailEvent, ...] | UnleakError]:
        try:
            found = reader.trail_events(
                attribute="AccessKeyId", value=key_id, region=region, since=since
            )
        except UnleakError as error:
            return region, error
        return region, found

    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        return list(pool.map(look, asked))
