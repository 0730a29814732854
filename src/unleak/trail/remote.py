"""A trail in a bucket: listed by account, region and day, and fetched ahead of its readers."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from unleak.errors import UnleakError, WrongUse
from unleak.evidence.clean import printable
from unleak.model.bucket import Listed
from unleak.model.frozen import dataclass
from unleak.model.instant import render_instant
from unleak.model.trace import Skipped
from unleak.trail.ferry import Ferry
from unleak.trail.layout import LOG_SUFFIXES, days_of, delivered_at
from unleak.trail.parcel_crew import ParcelCrew
from unleak.trail.walk import Logs, Walk, raise_if_final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from unleak.model.bucket import Bucket
    from unleak.trail.glance import Glance
    from unleak.trail.tokens import Index, Wanted

_TOLD: Final = 200
"""Objects that could not be read and are named; of the others, how many for which reason."""
_LONGEST: Final = 400


class BucketTrail:
    """The logs below one prefix of a bucket.

    Args:
        bucket: the door to it.
        prefix: a folder, at any level of the layout, or of another layout; one object; or empty.
        since: earlier events do not count: days before are not listed.
        until: later events do not count: days after the next are not listed.
        hears: is told of progress.
    """

    def __init__(
        self,
        bucket: Bucket,
        prefix: str,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        hears: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._bucket = bucket
        self._prefix = prefix
        self._days = days_of(since, until)
        self._hears = hears
        self._logs = Logs()
        self._indexes: dict[str, _Read] = {}
        self._again: list[Skipped] = []
        self._failures = _Failures()
        self._lag = _Lag()

    def read(self, wanted: Wanted) -> Iterator[Glance]:
        """List the logs, and read each once.

        Raises:
            WrongUse: there is no log at all, whatever the time.
            Refused: there is nothing to sign with, or no such bucket.
        """
        self._logs = self._listed()
        for known, listed, glance in self._glances(self._logs.objects, wanted, {}):
            if glance.index is not None:
                self._indexes[listed.key] = _Read(listed=listed, index=glance.index, known=known)
            self._lag.add(listed, glance)
            if glance.index is not None or self._failures.is_told(glance.why):
                yield glance

    def again(self, wanted: Wanted) -> Iterator[Glance]:
        """Fetch the objects again that may hold what became known since."""
        worth = [
            each.listed
            for each in self._indexes.values()
            if each.index.may_hold(wanted.later_than(each.known) if each.known else frozenset())
        ]
        since = {each.key: self._indexes[each.key].known for each in worth}
        total = len(wanted)
        for key, each in list(self._indexes.items()):
            self._indexes[key] = _Read(listed=each.listed, index=each.index, known=total)
        for _, _, glance in self._glances(worth, wanted, since):
            if glance.index is None:
                why = f"it was read once, and not again for what became known later: {glance.why}"
                self._again.append(_skipped(glance.path, why))
            else:
                yield glance

    def gaps(self) -> tuple[Skipped, ...]:
        """Return what could not be listed or read, and that nothing was there, if so."""
        gaps = [*self._logs.gaps, *self._again[:_TOLD], *self._failures.rest(self._url())]
        if len(self._again) > _TOLD:
            rest = len(self._again) - _TOLD
            gaps.append(_skipped(self._url(), f"{rest} more could not be read a second time"))
        if not self._logs.objects:
            gaps.append(_skipped(self._url(), f"no log was found there{self._which_days()}"))
        return tuple(gaps)

    def notes(self) -> tuple[str, ...]:
        """Return what was left out, and how late the logs are."""
        logs = self._logs
        notes = []
        if logs.others:
            what = "1 object is" if logs.others == 1 else f"{logs.others} objects are"
            such = printable(logs.other)
            notes.append(f"{what} no log by name, and left out, such as {such}")
        notes += [f"{each.value} were left out" for each in sorted(logs.left)]
        if self._which_days():
            notes.append(
                f"folders by day were looked at{self._which_days()}: what is delivered later is not"
            )
        notes += self._lag.notes()
        return tuple(notes)

    def _listed(self) -> Logs:
        logs = self._found()
        is_everything_known = not logs.gaps and not self._which_days()
        if not logs.objects and is_everything_known:
            message = f"there is no log at {printable(self._url(), limit=_LONGEST)}"
            hint = "name the bucket, its AWSLogs folder, or a folder below"
            raise WrongUse(message, hint=hint)
        self._hears(f"found {len(logs.objects)} logs")
        return logs

    def _found(self) -> Logs:
        """Look for the prefix as one object, whatever its name, and else as a folder."""
        start = self._prefix
        if start and not start.endswith("/"):
            one = self._object(start)
            if one is not None:
                return Logs(objects=(one,))
            start += "/"
        return Walk(self._bucket, start, days=self._days, hears=self._hears).logs()

    def _object(self, key: str) -> Listed | None:
        """Return the object of that very key: it comes first among all that begin with it."""
        try:
            first = next((each for page in self._bucket.pages(key) for each in page.objects), None)
        except UnleakError as error:
            raise_if_final(error)
            # who may not list may fetch all the same; a folder is listed again, and that is told
            return Listed(key=key, size=0) if key.endswith(LOG_SUFFIXES) else None
        return first if first is not None and first.key == key else None

    def _glances(
        self, objects: Sequence[Listed], wanted: Wanted, since: dict[str, int]
    ) -> Iterator[tuple[int, Listed, Glance]]:
        parcels = Ferry(self._bucket).parcels(objects)
        with ParcelCrew(self._bucket.name, objects) as crew:
            yield from crew.glances(parcels, wanted, since=lambda key: since.get(key, 0))

    def _url(self) -> str:
        return f"s3://{self._bucket.name}/{self._prefix}"

    def _which_days(self) -> str:
        first, last = self._days.first, self._days.last
        start = "" if first is None else f" from {first}"
        return start + ("" if last is None else f" to {last}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """An object that was read: what it names, and how many words were known by then."""

    listed: Listed
    index: Index
    known: int


class _Failures:
    """Objects of which nothing was read: the first are named, the others counted."""

    def __init__(self) -> None:
        self._count = 0
        self._last = ""

    def is_told(self, why: str) -> bool:
        """Count one more; return whether it is to be named."""
        self._count += 1
        self._last = why
        return self._count <= _TOLD

    def rest(self, url: str) -> tuple[Skipped, ...]:
        """Return one line for all that were not named."""
        if self._count <= _TOLD:
            return ()
        why = f"{self._count - _TOLD} more could not be read, the last one because: {self._last}"
        return (_skipped(url, why),)


class _Lag:
    """How late the logs were."""

    def __init__(self) -> None:
        self._delivered: datetime | None = None
        self._written: datetime | None = None
        self._longest = timedelta(0)

    def add(self, listed: Listed, glance: Glance) -> None:
        """Take in one log; the time in its name counts, because a copy is written later."""
        stamp = delivered_at(listed.key)
        self._written = _later(self._written, listed.modified)
        self._delivered = _later(self._delivered, stamp)
        if stamp is not None and glance.last is not None:
            self._longest = max(self._longest, stamp - glance.last)

    def notes(self) -> tuple[str, ...]:
        """Return it in words."""
        newest = self._delivered or self._written
        if newest is None:
            return ()
        minutes = -(-self._longest // timedelta(minutes=1))
        late = f", and logs came up to {minutes} minutes after their last event" if minutes else ""
        what = "delivered" if self._delivered else "written"
        when = render_instant(newest)
        return (f"the newest log was {what} at {when}{late}: what is younger may be missing",)


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((each for each in (one, other) if each is not None), default=None)


def _skipped(path: str, why: str) -> Skipped:
    return Skipped(path=printable(path, limit=_LONGEST), why=printable(why, limit=_LONGEST))
