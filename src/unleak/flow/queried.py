"""Make the sources of a trace that others search: Athena's tables, CloudTrail Lake's stores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from unleak.errors import MissingPermission, WrongUse
from unleak.trail.ddl import NEEDED
from unleak.trail.dialects import AthenaDialect, LakeDialect, partition_of
from unleak.trail.places import LAKE, parse_athena, parse_lake
from unleak.trail.queried import QueriedTrail, Store

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from unleak.model.query import AthenaDesk, AthenaPlace
    from unleak.model.trail_doors import QueryDoors

_DOLLARS_PER_TB: Final = 5.0
"""Athena's list price in most regions: https://aws.amazon.com/athena/pricing/"""
_DOLLARS_PER_GB: Final = 0.005
"""CloudTrail Lake's list price: https://aws.amazon.com/cloudtrail/pricing/"""


def queried_trail(
    name: str,
    doors: QueryDoors,
    *,
    since: datetime | None,
    until: datetime | None,
    hears: Callable[[str], None],
) -> QueriedTrail:
    """Return the source for `athena:...` or `lake:...`.

    Args:
        name: the trail.
        doors: the responder's cloud.
        since: earlier events are not asked for.
        until: later events are not asked for.
        hears: is told before each query.

    Raises:
        WrongUse: it names nothing that can be queried, or the table is not a trail's.
        UnleakError: there is no such table.
    """
    if name.startswith(LAKE):
        lake = parse_lake(name)
        store = Store(name=f"lake {lake.store}", price=lake_price, remarks=_LAKE_REMARKS)
        return QueriedTrail(
            store,
            LakeDialect(store=lake.store),
            doors.lake(lake),
            since=since,
            until=until,
            hears=hears,
        )
    place = parse_athena(name)
    desk = doors.athena(place)
    dialect, remarks = _dialect(place, desk)
    store = Store(
        name=f"athena {place.database}.{place.table}", price=athena_price, remarks=remarks
    )
    return QueriedTrail(store, dialect, desk, since=since, until=until, hears=hears)


_LAKE_REMARKS: Final = (
    "an event data store holds what its selectors let in; what they left out does not show",
)
_TABLE_REMARKS: Final = (
    "a table shows the accounts, regions and days that its partitions name; others are not read",
)


def _dialect(place: AthenaPlace, desk: AthenaDesk) -> tuple[AthenaDialect, tuple[str, ...]]:
    """Return the SQL for a table, after a look at what the catalog says about it."""
    plain = AthenaDialect(catalog=place.catalog, database=place.database, table=place.table)
    try:
        shape = desk.shape()
    except MissingPermission:
        blind = "the catalog could not be read, so no partition was left out of the queries"
        return plain, (*_TABLE_REMARKS, blind)
    missing = sorted(NEEDED - set(shape.columns))
    if missing:
        message = f"{place.database}.{place.table} has no column {', '.join(missing)}"
        hint = "name a table as AWS documents it; --print-athena-ddl prints how to make one"
        raise WrongUse(message, hint=hint)
    partition = partition_of(shape)
    if partition is None:
        whole = "the table is not divided by days in a known way, so each query reads all of it"
        return plain, (*_TABLE_REMARKS, whole)
    return (
        AthenaDialect(
            catalog=place.catalog,
            database=place.database,
            table=place.table,
            partition=partition,
        ),
        _TABLE_REMARKS,
    )


def athena_price(scanned: int) -> str:
    """Say what Athena asks for reading so much.

    Args:
        scanned: bytes.
    """
    return f"{scanned / 1e12 * _DOLLARS_PER_TB:.2f} USD at Athena's list price of 5 USD a TB"


def lake_price(scanned: int) -> str:
    """Say what CloudTrail Lake asks for reading so much.

    Args:
        scanned: bytes.
    """
    return f"{scanned / 1e9 * _DOLLARS_PER_GB:.2f} USD at CloudTrail Lake's 0.005 USD a GB"
