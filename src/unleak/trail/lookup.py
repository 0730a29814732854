"""A trail that nobody had to set up: AWS's own event history of 90 days, asked word by word."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

from unleak.errors import UnleakError
from unleak.evidence.key_id import is_key_id
from unleak.model.trace import Skipped
from unleak.trail.glance import Glance
from unleak.trail.record import read_record
from unleak.trail.tokens import SESSION

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from unleak.model.ports import Reader, TrailEvent
    from unleak.trail.record import Record
    from unleak.trail.tokens import Wanted

_AT_ONCE: Final = 16
"""Regions at once; each allows two calls a second by itself.

Source: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
"""
_MOST: Final = 1_000
"""Events that one question is answered with at most, the newest; see `Reader.trail_events`."""
_NOTES: Final = (
    "the event history has no data events: what was read from buckets does not show",
    "the event history is up to 15 minutes late, and 90 days long",
)


class EventHistory:
    """`LookupEvents` in all enabled regions.

    Args:
        reader: the door to AWS.
        since: what happened before is not asked for.
    """

    def __init__(self, reader: Reader, *, since: datetime | None = None) -> None:
        self._reader = reader
        self._since = since
        self._gaps: dict[str, Skipped] = {}
        self._regions: tuple[str, ...] | None = None
        self._known = 0
        self._seen: set[str] = set()

    def read(self, wanted: Wanted) -> Iterator[Glance]:
        """Ask for what is sought; there is no reading everything here."""
        return self._ask(wanted)

    def again(self, wanted: Wanted) -> Iterator[Glance]:
        """Ask for what became known since."""
        return self._ask(wanted)

    def gaps(self) -> tuple[Skipped, ...]:
        """Return the regions that did not answer, and the questions that were cut off."""
        return tuple(self._gaps.values())

    def notes(self) -> tuple[str, ...]:
        """Return what the event history never tells."""
        return _NOTES

    def _ask(self, wanted: Wanted) -> Iterator[Glance]:
        fresh = sorted(wanted.later_than(self._known))
        self._known = len(wanted)
        questions = [
            (region, *question)
            for each in fresh
            if (question := _question(each)) is not None
            for region in self._all_regions()
        ]
        if not questions:
            return
        with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
            for (region, _, value), found in zip(
                questions, pool.map(self._look, questions), strict=True
            ):
                if isinstance(found, UnleakError):
                    self._gap(f"lookup {region}", found.message)
                    continue
                if len(found) >= _MOST:
                    why = f"only the newest {_MOST} events of {value} were asked for"
                    self._gap(f"lookup {region} {value}", why)
                yield _glance(region, self._unseen(found))

    def _unseen(self, found: tuple[TrailEvent, ...]) -> tuple[TrailEvent, ...]:
        """Return what no earlier question was answered with: two words may be in one event."""
        fresh = {each.event_id: each for each in found if each.event_id not in self._seen}
        self._seen.update(fresh)
        return tuple(fresh.values())

    def _look(self, question: tuple[str, str, str]) -> tuple[TrailEvent, ...] | UnleakError:
        region, attribute, value = question
        try:
            return self._reader.trail_events(
                attribute=attribute, value=value, region=region, since=self._since
            )
        except UnleakError as error:
            return error

    def _all_regions(self) -> tuple[str, ...]:
        if self._regions is None:
            try:
                self._regions = self._reader.regions()
            except UnleakError as error:
                why = f"the enabled regions cannot be listed: {error.message}"
                self._gap("lookup, other regions", why)
                self._regions = (self._reader.region,)
        return self._regions

    def _gap(self, path: str, why: str) -> None:
        self._gaps.setdefault(path, Skipped(path=path, why=why))


def _question(token: str) -> tuple[str, str] | None:
    """Return the attribute and value that a word is looked up by; None where there is none."""
    if is_key_id(token):
        return "AccessKeyId", token
    kind, _, name = token.partition("/")
    match kind:
        case "user" | "federated-user":
            return "Username", name
        case "role":
            return "ResourceName", name
        case "as":
            return "Username", token.removeprefix(SESSION)
        case "root":
            return "Username", "root"
        case _:
            return None


def _glance(region: str, events: tuple[TrailEvent, ...]) -> Glance:
    records = [record for each in events if (record := _record(each)) is not None]
    times = [each.at for each in records if each.at is not None]
    return Glance(
        path=f"lookup {region}",
        events=len(records),
        event_ids=tuple(each.event_id for each in records),
        first=min(times, default=None),
        last=max(times, default=None),
        regions=tuple(sorted({each.region or region for each in records})),
        hits=tuple(records),
    )


def _record(event: TrailEvent) -> Record | None:
    try:
        return read_record(json.loads(event.document))
    except (ValueError, RecursionError):
        return None
