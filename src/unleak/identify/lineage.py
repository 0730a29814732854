"""Whose is a bare session id?  CloudTrail knows: the call that made it, or its own calls.

`LookupEvents` answers for one region at a time, so all enabled regions are asked together.  Records
arrive some minutes late: nothing found is never "there is nothing".
Source: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from unleak.identify.questions import Failed, Round, Told, explain
from unleak.identify.sightings import Story, tell
from unleak.identify.trail_event import Implausible, Sighting, read_sighting
from unleak.model.frozen import dataclass

if TYPE_CHECKING:
    from concurrent.futures import Future

    from unleak.identify.questions import Answer
    from unleak.model.ports import Reader, TrailEvent

ATTRIBUTES = ("AccessKeyId", "ResourceName")
"""The session's own calls, and the call that made it (which lists the new key as a resource)."""


_NAME_IT = (
    "name the owner: role/NAME (the role of the machine, function or person whose session this is),"
    " or user/NAME for a user's or federated session"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """What CloudTrail told of one session id; `story` None: nothing that names an owner."""

    story: Story | None
    searched: tuple[str, ...]
    notes: tuple[str, ...] = ()


def trace_owner(
    key_id: str,
    *,
    reader: Reader,
    region_hint: str | None,
    quick: bool,
) -> Lineage:
    """Look for the owner of a session id in CloudTrail.

    The likeliest regions are asked first, together with the list of regions; the others follow in a
    second round, which the quick look leaves out when the first has told the owner.

    Args:
        key_id: the `ASIA` id.
        reader: reads only.
        region_hint: the region of the session token, if there was one.
        quick: whether to stop at the first answer that suffices for a deny.
    """
    likely = _unique((region_hint, reader.region, home_region(reader.region)))
    with Round() as first:
        listed = first.ask(reader.regions)
        lookups = _look_up(first, reader, key_id, likely)
    hunt = _Hunt(key_id)
    hunt.take(lookups)
    enabled = listed.result()
    if isinstance(enabled, Failed):
        hunt.notes.append(
            f"{explain(enabled.error, operation='listing the regions')}:"
            f" CloudTrail was searched in {', '.join(likely)} only"
        )
        return hunt.end()
    return _look_further(hunt, reader, enabled.value, likely, quick=quick)


def _look_further(
    hunt: _Hunt, reader: Reader, enabled: tuple[str, ...], likely: tuple[str, ...], *, quick: bool
) -> Lineage:
    rest = tuple(region for region in enabled if region not in likely)
    if rest and quick and hunt.suffices():
        hunt.notes.append(
            f"CloudTrail told the owner in {_some(likely)};"
            f" {len(rest)} other regions were not searched"
        )
        return hunt.end()
    with Round() as second:
        lookups = _look_up(second, reader, hunt.key_id, rest)
    hunt.take(lookups)
    return hunt.end()


class _Hunt:
    """The running state of one search."""

    def __init__(self, key_id: str) -> None:
        self.key_id = key_id
        self.sightings: list[Sighting] = []
        self.searched: list[str] = []
        self.notes: list[str] = []
        self.doubts: dict[str, None] = {}
        self.unsearched: dict[str, list[str]] = {}

    def take(self, lookups: Iterable[_Lookup]) -> None:
        """Read what came back from each region."""
        failed: set[str] = set()
        asked: list[str] = []
        for lookup in lookups:
            asked.append(lookup.region)
            match lookup.events.result():
                case Failed(error=error):
                    if lookup.region not in failed:
                        failed.add(lookup.region)
                        why = explain(error, operation="cloudtrail:LookupEvents")
                        self.unsearched.setdefault(why, []).append(lookup.region)
                case Told(value=events):
                    self._read(events)
        self.searched += [region for region in _unique(asked) if region not in failed]

    def suffices(self) -> bool:
        """Whether a deny could be planned with what is known."""
        story = tell(self.sightings)
        return story is not None and story.is_deniable

    def end(self) -> Lineage:
        """Close the search and say what it could not see."""
        story = tell(self.sightings)
        notes = [*self.notes, *self.doubts]
        for why, regions in self.unsearched.items():
            notes.append(f"CloudTrail was not searched in {_some(regions)}: {why}")
        if story is None:
            notes.append(self._nothing())
        else:
            notes += story.notes
        return Lineage(story=story, searched=tuple(self.searched), notes=tuple(notes))

    def _read(self, events: tuple[TrailEvent, ...]) -> None:
        for event in events:
            match read_sighting(event, self.key_id):
                case Sighting() as sighting:
                    self.sightings.append(sighting)
                case Implausible(reason=reason):
                    self.doubts[f"ignored in CloudTrail: {reason}"] = None
                case None:
                    pass

    def _nothing(self) -> str:
        if not self.searched:
            return f"CloudTrail could not be searched at all; {_NAME_IT}"
        count = len(self.searched)
        return (
            f"CloudTrail shows no owner for it in {count} region{'s' if count > 1 else ''}"
            f" ({_some(self.searched)}), but events appear about 5 minutes late: try again,"
            f" or {_NAME_IT}"
        )


@dataclass(frozen=True, slots=True)
class _Lookup:
    region: str
    events: Future[Answer[tuple[TrailEvent, ...]]]


def _look_up(
    asking: Round, reader: Reader, key_id: str, regions: tuple[str, ...]
) -> tuple[_Lookup, ...]:
    def question(attribute: str, region: str) -> _Lookup:
        return _Lookup(
            region,
            asking.ask(
                lambda: reader.trail_events(attribute=attribute, value=key_id, region=region)
            ),
        )

    return tuple(question(attribute, region) for region in regions for attribute in ATTRIBUTES)


def home_region(region: str) -> str:
    """Return where IAM, root and the global STS endpoint are recorded in a region's partition."""
    if region.startswith("cn-"):
        return "cn-north-1"
    return "us-gov-west-1" if region.startswith("us-gov-") else "us-east-1"


def _unique(regions: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(region for region in regions if region))


def _some(regions: Iterable[str]) -> str:
    names = tuple(regions)
    shown = ", ".join(names[:6])
    return shown if len(names) <= 6 else f"{shown} and {len(names) - 6} more"  # noqa: PLR2004
