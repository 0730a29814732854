"""What a trail tells by what it holds: where it begins and ends, which kinds of calls it keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from unleak.model.instant import render_instant

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from unleak.trail.closure import Closed
    from unleak.trail.record import Record

_DATA_EVENTS: Final = frozenset(
    {
        "BatchGetItem",
        "CopyObject",
        "DeleteItem",
        "DeleteObject",
        "GetItem",
        "GetObject",
        "HeadObject",
        "Invoke",
        "ListObjects",
        "ListObjectsV2",
        "PutItem",
        "PutObject",
        "Query",
        "ReceiveMessage",
        "Scan",
        "SendMessage",
    }
)
"""Calls that a trail keeps only where it was told to.
Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html
"""


def what_files_lack(records: Iterable[Record], last: datetime | None) -> Iterator[str]:
    """Yield what to know about the end of a trail in files, and about calls that it may not keep.

    Args:
        records: the calls that were sought.
        last: the newest event of all.

    Delivery takes five minutes on average and is not guaranteed.
    Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html
    """
    if last is not None:
        yield (
            f"the newest event is of {render_instant(last)}: what came later is not in these files;"
            " CloudTrail delivers some minutes late"
        )
    if not any(each.name in _DATA_EVENTS for each in records):
        yield (
            "none of the calls that were sought is a data event: reads of objects, items and"
            " messages may have happened and not be kept by this trail"
        )


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
