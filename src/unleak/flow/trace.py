"""Follow a leak through CloudTrail: what it minted, what was done, what may still be there."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from unleak.errors import WrongUse
from unleak.model.frozen import dataclass
from unleak.trail.keeper import NoKeeper
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
    from unleak.trail.keeper import Keeper
    from unleak.trail.seeds import Seed
    from unleak.trail.source import Source

LOOKUP = "lookup"
"""The trail that AWS keeps for everybody."""
ROWS = ".duckdb"
"""How the name of a file ends that `--rows` wrote."""
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
    rows: Path | None = None
    """Where to write the rows of what is found; None: nowhere."""


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
        UnleakError: the event history cannot be asked at all, or rows cannot be written.
    """
    seeds = _seeds(wish)
    if wish.since is not None and wish.until is not None and wish.since > wish.until:
        message = "--since is later than --until"
        raise WrongUse(message, hint="turn them round")
    sources = _sources(wish, doors)
    with _keeper(wish) as keeper:
        return trace(seeds, sources, since=wish.since, until=wish.until, hears=hears, keeper=keeper)


def _keeper(wish: TraceWish) -> AbstractContextManager[Keeper]:
    if wish.rows is None:
        return nullcontext(NoKeeper())
    from unleak.trail.rows.writer import RowsFile  # noqa: PLC0415 - seldom wanted

    times = {"since": wish.since, "until": wish.until}
    span = {name: at.isoformat() for name, at in times.items() if at is not None}
    return RowsFile(wish.rows, span=span)


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
    logs = tuple(path for path in paths if path.suffix != ROWS)
    if logs:
        sources.append(LocalTrail(logs))
    sources += [_rows(path) for path in paths if path.suffix == ROWS]
    if LOOKUP in names:
        sources.append(EventHistory(doors.reader(), since=wish.since))
    return tuple(sources)


def _rows(path: Path) -> Source:
    """Return what an earlier trace found, as a trail."""
    if not path.is_file():
        message = f"there is no file of rows at {str(path)[:200]!a}"
        raise WrongUse(message, hint="name a file that `unleak trace --rows` wrote")
    from unleak.trail.rows.source import RowsTrail  # noqa: PLC0415 - loads DuckDB

    return RowsTrail(path)
