"""Trace: have every source read, once, and follow what turns up."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Final

from unleak.trail.keeper import NoKeeper
from unleak.trail.tokens import Wanted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime

    from unleak.model.trace import Trace
    from unleak.trail.glance import Glance
    from unleak.trail.keeper import Keeper
    from unleak.trail.seeds import Seed
    from unleak.trail.source import Source

_NO_KEEPER: Final = NoKeeper()


def trace(
    seeds: tuple[Seed, ...],
    sources: Sequence[Source],
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    hears: Callable[[str], None] = lambda _: None,
    keeper: Keeper = _NO_KEEPER,
) -> Trace:
    """Return what the seeds have led to and what was done, as far as the sources tell.

    Args:
        seeds: what leaked.
        sources: where to read.
        since: earlier events are not looked at.
        until: later events are not looked at.
        hears: is told of progress.
        keeper: is given every record that is found, and the answer.
    """
    wanted = Wanted(tuple(each.token for each in seeds))
    readings = _begun(sources, wanted)
    # only now: other processes are reading already, and this takes as long as reading some files
    from unleak.trail.pursuit import Pursuit  # noqa: PLC0415 - see above

    return Pursuit(seeds, sources, since, until, hears, keeper, wanted).run(readings)


def _begun(sources: Sequence[Source], wanted: Wanted) -> Iterable[Iterable[Glance]]:
    """Return what each source yields, of which the first one is being read already."""
    if not sources:
        return ()
    reading = iter(sources[0].read(wanted))
    first: Iterator[Glance] = iter([each for each in (next(reading, None),) if each is not None])
    return chain([chain(first, reading)], (each.read(wanted) for each in sources[1:]))
