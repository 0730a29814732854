"""What CloudTrail events say of who uses a key: address, program and services; pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from unleak.evidence.clean import printable
from unleak.evidence.trail_time import read_trail_time
from unleak.identify.trail_event import text_at
from unleak.model.reference import Use

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from unleak.model.ports import TrailEvent

_LONGEST = 200


class _Tally:
    """The calls of one source so far."""

    def __init__(self) -> None:
        self.services: dict[str, None] = {}
        self.events = 0
        self.last: datetime | None = None

    def take(self, service: str, at: datetime | None) -> None:
        self.services[service] = None
        self.events += 1
        if at is not None and (self.last is None or at > self.last):
            self.last = at


def uses_in(events: Iterable[TrailEvent], key_id: str) -> tuple[Use, ...]:
    """Return one `Use` for each source address and user agent, the most recent first.

    Args:
        events: as `LookupEvents` gave them; hostile text, cleaned here.  Each counts once.
        key_id: only events signed with exactly this key count.
    """
    tallies: dict[tuple[str, str], _Tally] = {}
    seen: set[str] = set()
    for event in events:
        if event.event_id in seen:
            continue
        seen.add(event.event_id)
        try:
            document: object = json.loads(event.document)
        except (ValueError, RecursionError):
            continue  # not one of ours to judge: it names no key that could be read
        if text_at(document, "userIdentity", "accessKeyId") != key_id:
            continue
        source = _shown(text_at(document, "sourceIPAddress"))
        agent = _shown(text_at(document, "userAgent"))
        service = _shown(text_at(document, "eventSource")).removesuffix(".amazonaws.com")
        time = text_at(document, "eventTime")
        at = event.at if time is None else read_trail_time(time) or event.at
        tallies.setdefault((source, agent), _Tally()).take(service, at)
    uses = (
        Use(
            source=source,
            user_agent=agent,
            services=tuple(sorted(tally.services)),
            events=tally.events,
            last=tally.last,
        )
        for (source, agent), tally in tallies.items()
    )
    return tuple(
        sorted(uses, key=lambda use: "" if use.last is None else use.last.isoformat(), reverse=True)
    )


def _shown(text: str | None) -> str:
    return printable(text or "unknown", limit=_LONGEST)
