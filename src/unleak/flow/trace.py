"""Follow a leak through CloudTrail: what it minted, what was done, what may still be there."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from unleak.errors import WrongUse
from unleak.flow.queried import QueryDoors, is_queried, queried_trail
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
}


class Engine(StrEnum):
    """Where the reading is done."""

    LOCAL = "local"
    SPARK = "spark"
    ATHENA = "athena"


class TraceDoors(QueryDoors, Protocol):
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
    engine: Engine = Engine.LOCAL


def trace_leak(
    wish: TraceWish, doors: TraceDoors, *, hears: Callable[[str], None] = lambda _: None
) -> Trace:
    """Return what leaked has led to; nothing is changed.

    Args:
        wish: what to follow, and where.
        doors: the responder's cloud; opened for what is not a file.
        hears: is told of progress.

    Raises:
        WrongUse: there is nothing to start from, or a trail is of a kind that is not supported.
        UnleakError: the event history cannot be asked at all.
    """
    seeds = _seeds(wish)
    if wish.since is not None and wish.until is not None and wish.since > wish.until:
        message = "--since is later than --until"
        raise WrongUse(message, hint="turn them round")
    return trace(
        seeds, _sources(wish, doors, hears), since=wish.since, until=wish.until, hears=hears
    )


def _seeds(wish: TraceWish) -> tuple[Seed, ...]:
    ids = [each.access_key_id for each in wish.found if each.access_key_id is not None]
    seeds = [key_seed(each) for each in dict.fromkeys(ids)]
    if wish.named is not None:
        seeds.append(principal_seed(wish.named.principal, wish.named.session_name))
    if not seeds:
        message = "there is no key id and no name to start from"
        raise WrongUse(message, hint="give a key id, an ARN, role/NAME or user/NAME")
    return tuple(seeds)


def _sources(
    wish: TraceWish, doors: TraceDoors, hears: Callable[[str], None]
) -> tuple[Source, ...]:
    names = tuple(dict.fromkeys(wish.trails or (LOOKUP,)))
    for name in names:
        for start, instead in _LATER.items():
            if name.startswith(start) and wish.engine is not Engine.SPARK:
                message = f"a trail in {start}... is not supported yet"
                raise WrongUse(message, hint=instead)
    queried = tuple(name for name in names if is_queried(name))
    paths = tuple(name for name in names if name != LOOKUP and name not in queried)
    if wish.engine is Engine.ATHENA and len(queried) < len(names):
        message = "the engine athena reads trails that are queried, such as athena:DATABASE.TABLE"
        hint = "name one with --trail; --print-athena-ddl prints how to make a table of a bucket"
        raise WrongUse(message, hint=hint)
    if wish.engine is Engine.SPARK and not paths:
        message = "the engine spark reads files, and none are named"
        raise WrongUse(message, hint="name a folder that every executor sees, or an s3a:// address")
    sources: list[Source] = [_files(paths, wish.engine)] if paths else []
    if LOOKUP in names:
        sources.append(EventHistory(doors.reader(), since=wish.since))
    sources += [
        queried_trail(name, doors, since=wish.since, until=wish.until, hears=hears)
        for name in queried
    ]
    return tuple(sources)


def _files(paths: tuple[str, ...], engine: Engine) -> Source:
    """Return the source for files and folders, or for what Spark reads as such."""
    if engine is Engine.SPARK:
        from unleak.trail.spark import SparkTrail  # noqa: PLC0415 - loads Spark, if it is there

        return SparkTrail(paths)
    return LocalTrail(tuple(Path(path) for path in paths))
