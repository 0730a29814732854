"""CloudTrail's `LookupEvents`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from lab.lagging.refusal import refuse

if TYPE_CHECKING:
    from lab.lagging.asked import Asked, Operation
    from lab.lagging.estate import Answer
    from lab.lagging.trail import Event

PAGE: Final = 50


def _lookup_events(asked: Asked) -> Answer:
    wanted = asked.rows("LookupAttributes")
    if len(wanted) > 1:
        message = "You can specify only one LookupAttribute."
        raise refuse(400, "InvalidLookupAttributesException", message)
    found = asked.control.trail.seen(asked.caller.account, asked.region, asked.now)
    for row in wanted:
        attribute, value = str(row["AttributeKey"]), str(row["AttributeValue"])
        found = tuple(event for event in found if event.has(attribute, value))
    start, end = _instant(asked, "StartTime"), _instant(asked, "EndTime")
    found = tuple(
        event
        for event in found
        if (start is None or event.at >= start) and (end is None or event.at <= end)
    )
    first = int(asked.maybe("NextToken") or 0)
    last = first + min(asked.number("MaxResults", PAGE), PAGE)
    more = {"NextToken": str(last)} if last < len(found) else {}
    return {"Events": [_shown(event) for event in found[first:last]], **more}


def _instant(asked: Asked, name: str) -> datetime | None:
    match asked.parameters.get(name):
        case datetime() as instant:
            return instant
        case int() | float() as seconds:
            return datetime.fromtimestamp(seconds, UTC)
        case _:
            return None


def _shown(event: Event) -> Answer:
    return {
        "EventId": event.id,
        "EventName": event.name,
        "ReadOnly": str(event.is_read_only).lower(),
        "AccessKeyId": event.access_key_id,
        "EventTime": event.at,
        "EventSource": event.source,
        "Username": event.username,
        "Resources": [
            {"ResourceType": kind, "ResourceName": name} for kind, name in event.resources
        ],
        "CloudTrailEvent": event.document,
    }


OPERATIONS: Mapping[str, Operation] = {"LookupEvents": _lookup_events}
