"""Asks CloudTrail's event history of one region, page by page, at the pace that it allows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from unleak.aws.answer import Answer, instant, parts, text
from unleak.aws.exchange import Manner, Patience
from unleak.model.ports import TrailEvent

if TYPE_CHECKING:
    from datetime import datetime

    from unleak.aws.asking import Asking

MOST_PAGES: Final = 20
"""50 events each: enough to find who minted a session, not a history; `trace` reads the trail."""

# Two calls a second for each account and region, so a throttled call waits at least half a second.
# https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
_PACE: Final = Manner(
    patience=Patience(
        answered_seconds=30.0,
        silent_seconds=5.0,
        first_wait_seconds=0.7,
        longest_wait_seconds=4.0,
    )
)


def trail_events(
    asking: Asking, *, attribute: str, value: str, region: str, since: datetime | None = None
) -> tuple[TrailEvent, ...]:
    """Look one attribute up, newest events first, at most `MOST_PAGES` pages of 50.

    Args:
        asking: where to put the question.
        attribute: `AccessKeyId`, `ResourceName`, `Username` or another lookup attribute.
        value: what it has to be.
        region: the region whose history is asked; events of IAM are in the partition's first one.
        since: leave out what is older; None for the whole history of 90 days.
    """
    parameters: dict[str, object] = {
        "LookupAttributes": [{"AttributeKey": attribute, "AttributeValue": value}]
    }
    if since is not None:
        parameters["StartTime"] = since
    events: list[TrailEvent] = []
    for _ in range(MOST_PAGES):
        answer = asking.of("cloudtrail", "lookup_events", parameters, region=region, manner=_PACE)
        events.extend(_event(found, region) for found in parts(answer, "Events"))
        token = text(answer, "NextToken")
        if not token:
            break
        parameters["NextToken"] = token
    return tuple(events)


def _event(found: Answer, region: str) -> TrailEvent:
    return TrailEvent(
        event_id=text(found, "EventId"),
        event_name=text(found, "EventName"),
        region=region,
        at=instant(found, "EventTime"),
        document=text(found, "CloudTrailEvent"),
    )
