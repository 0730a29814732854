"""Follow a leak through CloudTrail: what it minted, what was done, what may still be there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from unleak.errors import WrongUse
from unleak.model.frozen import dataclass
from unleak.trail.local import LocalTrail
from unleak.trail.lookup import EventHistory
from unleak.trail.seeds import key_seed, principal_seed
from unleak.trail.tracing import trace

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from unleak.evidence.target import NamedTarget
    from unleak.model.credential import FoundCredential
    from unleak.model.ports import Reader
    from unleak.model.trace import Trace
    from unleak.trail.seeds import Seed
    from unleak.trail.source import Source

LOOKUP = "lookup"
"""The trail that AWS keeps for everybody."""
_LATER = {
    "s3://": "copy the trail with `aws s3 sync` and name the folder",
    "athena:": "export the events as JSON and name the file",
    "lake:": "export the events as JSON and name the file",
}


class TraceDoors(Protocol):
    """What a trace needs of `AwsDoors`."""

    def reader(self) -> Reader:
        """Return the door that cannot change a thing."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceWish:
    """What to follow, and where."""

    found: tuple[FoundCredential, ...]
    named: NamedTarget | None = None
    trails: tuple[str, ...] = ()
    """Files, folders or `lookup`; empty: `lookup`."""
    since: datetime | None = None
    until: datetime | None = None


def trace_leak(
    wish: TraceWish, doors: TraceDoors, *, hears: Callable[[str], None] = lambda _: None
) -> Trace:
    """Return what leaked has led to; nothing is changed.

    Args:
        wish: what to follow, and where.
        doors: the responder's cloud; opened for `lookup` alone.
        hears: is told of progress.

    Raises:
        WrongUse: there is nothing to start from, or a trail is of a kind that is not supported.
        UnleakError: the event history cannot be asked at all.
    """
    seeds = _seeds(wish)
    if wish.since is not None and wish.until is not None and wish.since > wish.until:
        message = "--since is later than --until"
        raise WrongUse(message, hint="turn them round")
    return follow(seeds, wish, doors, hears=hears)


def follow(
    seeds: tuple[Seed, ...],
    wish: TraceWish,
    doors: TraceDoors,
    *,
    accounts: tuple[str, ...] = (),
    hears: Callable[[str], None] = lambda _: None,
) -> Trace:
    """Return what the seeds have led to, whatever they were made from; nothing is changed.

    Args:
        seeds: what leaked.
        wish: where to read, and which time.
        doors: the responder's cloud; opened for `lookup` alone.
        accounts: others of ours, entered already, whose event history is asked as well.
        hears: is told of progress.

    Raises:
        WrongUse: a trail is of a kind that is not supported.
        UnleakError: the event history cannot be asked at all.
    """
    sources = [*_sources(wish, doors)]
    if LOOKUP in (wish.trails or (LOOKUP,)):
        reader = doors.reader() if accounts else None
        sources += [
            EventHistory(reader.of_account(each), since=wish.since)
            for each in accounts
            if reader is not None
        ]
    return trace(seeds, sources, since=wish.since, until=wish.until, hears=hears)


def _seeds(wish: TraceWish) -> tuple[Seed, ...]:
    ids = [each.access_key_id for each in wish.found if each.access_key_id is not None]
    seeds = [key_seed(each) for each in dict.fromkeys(ids)]
    if wish.named is not None:
        seeds.append(principal_seed(wish.named.principal, wish.named.session_name))
    if not seeds:
        message = "there is no key id and no name to start from"
        raise WrongUse(message, hint="give a key id, an ARN, role/NAME or user/NAME")
    return tuple(seeds)


def _sources(wish: TraceWish, doors: TraceDoors) -> tuple[Source, ...]:
    names = wish.trails or (LOOKUP,)
    for name in names:
        for start, instead in _LATER.items():
            if name.startswith(start):
                message = f"a trail in {start}... is not supported yet"
                raise WrongUse(message, hint=instead)
    paths = tuple(Path(name) for name in dict.fromkeys(names) if name != LOOKUP)
    sources: list[Source] = []
    if paths:
        sources.append(LocalTrail(paths))
    if LOOKUP in names:
        sources.append(EventHistory(doors.reader(), since=wish.since))
    return tuple(sources)
