"""What was usual before the leak: only against that is a region a new one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from unleak.trail.closure import Closed
    from unleak.trail.record import Record


def new_regions(
    records: Iterable[Record], closed: Closed, firsts: Mapping[str, datetime]
) -> tuple[str, ...] | None:
    """Return the regions that nobody had used before what leaked did, as far as was read.

    Of a key that was in honest use as well, its own early calls count as the leak's unless the
    time that counts (`--since`) begins later.

    Args:
        records: each event once.
        closed: whose calls are the leak's.
        firsts: when each region is first named by anybody, in trails that hold everybody's calls.

    Returns:
        None where nothing was read from before the leak: then nobody can tell.
    """
    keys = closed.proven | closed.inferred
    used: dict[str, datetime] = {}
    for each in records:
        if each.key_id in keys and each.region and each.at is not None:
            used[each.region] = min(each.at, used.get(each.region, each.at))
    if not used or not firsts or min(firsts.values()) >= min(used.values()):
        return None
    return tuple(sorted(each for each, at in used.items() if firsts.get(each) == at))
