"""Follow a leak through CloudTrail: what it minted, what was done, what may still be there."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

from unleak.errors import WrongUse
from unleak.flow.trail_sources import LOOKUP, Engine, TraceWish, sources_of
from unleak.trail.keeper import NoKeeper
from unleak.trail.seeds import key_seed, principal_seed
from unleak.trail.tracing import trace

if TYPE_CHECKING:
    from collections.abc import Callable

    from unleak.model.trace import Trace
    from unleak.model.trail_doors import TraceDoors
    from unleak.trail.keeper import Keeper
    from unleak.trail.seeds import Seed

__all__ = ["LOOKUP", "Engine", "TraceWish", "follow", "trace_leak"]


def trace_leak(
    wish: TraceWish, doors: TraceDoors, *, hears: Callable[[str], None] = lambda _: None
) -> Trace:
    """Return what leaked has led to; nothing is changed.

    Args:
        wish: what to follow, and where.
        doors: the responder's cloud; opened for what is not a file.
        hears: is told of progress.

    Raises:
        WrongUse: there is nothing to start from, or a trail makes no sense.
        UnleakError: a trail cannot be asked at all.
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
        doors: the responder's cloud; opened for what is not a file.
        accounts: others of ours, entered already, whose event history is asked as well.
        hears: is told of progress.

    Raises:
        WrongUse: a trail makes no sense.
        UnleakError: a trail cannot be asked at all.
    """
    sources = [*sources_of(wish, doors, hears)]
    if accounts and LOOKUP in (wish.trails or (LOOKUP,)):
        from unleak.trail.lookup import EventHistory  # noqa: PLC0415 - files do without it

        reader = doors.reader()
        sources += [EventHistory(reader.of_account(each), since=wish.since) for each in accounts]
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
