"""How a column is spelled in each SQL: Athena's table of a trail, and CloudTrail Lake's store.

Both are Trino's SQL.  The table keeps parameters and answers as texts of JSON, the store as maps of
texts, in which what is nested is JSON again.
Sources: https://docs.aws.amazon.com/athena/latest/ug/create-cloudtrail-table-understanding.html
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/query-supported-event-schemas.html
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, Protocol

from unleak.model.frozen import dataclass
from unleak.model.instant import render_instant
from unleak.trail.columns import ANSWER, REQUEST

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unleak.model.query import TableShape
    from unleak.trail.columns import Column

_DAY: Final = timedelta(days=1)
"""CloudTrail delivers late, and files a call under the day of the delivery, or the one before."""
_FORMATS: Final = {"yyyy/MM/dd": "%Y/%m/%d", "yyyy-MM-dd": "%Y-%m-%d", "yyyyMMdd": "%Y%m%d"}
_CALENDAR: Final = ("year", "month", "day")


class Dialect(Protocol):
    """One SQL."""

    @property
    def source(self) -> str:
        """What stands after FROM."""
        ...

    @property
    def longest(self) -> int:
        """The most characters that a statement may have."""
        ...

    def scalar(self, column: Column) -> str:
        """Return the expression for a column that holds one text."""
        ...

    def members(self, column: Column) -> str:
        """Return the expression, an array of texts, for a column that holds a list."""
        ...

    def span(self, since: datetime | None, until: datetime | None) -> Iterator[str]:
        """Yield the conditions that keep a query to a span of time."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPartition:
    """A partition for each day, which partition projection computes from its pattern.

    Source: https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html
    """

    key: str
    pattern: str
    """As `strftime` has it."""

    def at_least(self, day: datetime) -> str:
        """Return the condition for this day and later ones."""
        return f"\"{self.key}\" >= '{day:{self.pattern}}'"

    def at_most(self, day: datetime) -> str:
        """Return the condition for this day and earlier ones."""
        return f"\"{self.key}\" <= '{day:{self.pattern}}'"


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarPartition:
    """Three partition keys, `year`, `month` and `day`, as texts or numbers."""

    def at_least(self, day: datetime) -> str:
        """Return the condition for this day and later ones."""
        return f"{_JOINED_DAY} >= '{day:%Y%m%d}'"

    def at_most(self, day: datetime) -> str:
        """Return the condition for this day and earlier ones."""
        return f"{_JOINED_DAY} <= '{day:%Y%m%d}'"


_JOINED_DAY: Final = "CONCAT({})".format(
    ", ".join(
        f"LPAD(CAST(\"{key}\" AS VARCHAR), {width}, '0')"
        for key, width in zip(_CALENDAR, (4, 2, 2), strict=True)
    )
)


def partition_of(shape: TableShape) -> DayPartition | CalendarPartition | None:
    """Return how the table is divided by days; None where it is not, or in an unknown way.

    Args:
        shape: what the catalog says.
    """
    if set(_CALENDAR) <= set(shape.partition_keys):
        return CalendarPartition()
    for key in shape.partition_keys:
        pattern = _FORMATS.get(shape.parameters.get(f"projection.{key}.format", ""))
        if pattern is not None:
            return DayPartition(key=key, pattern=pattern)
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class AthenaDialect:
    """The table that AWS documents for Athena.

    Source: https://docs.aws.amazon.com/athena/latest/ug/create-cloudtrail-table-partition-projection.html
    """

    catalog: str
    database: str
    table: str
    partition: DayPartition | CalendarPartition | None = None

    @property
    def source(self) -> str:
        """The table, with each name in quotes; the names were checked when they came in."""
        return f'"{self.catalog}"."{self.database}"."{self.table}"'

    @property
    def longest(self) -> int:
        """The most characters that a statement may have.

        Source: https://docs.aws.amazon.com/athena/latest/APIReference/API_StartQueryExecution.html
        """
        return 200_000

    def scalar(self, column: Column) -> str:
        """Return the expression for a column that holds one text."""
        first, *rest = column.path
        if first in {REQUEST, ANSWER}:
            return f"JSON_EXTRACT_SCALAR({first.lower()}, '$.{'.'.join(rest)}')"
        return ".".join(step.lower() for step in column.path)

    def members(self, column: Column) -> str:
        """Return the expression for a column that holds a list."""
        first, *rest = column.path
        return _members(f"JSON_EXTRACT({first.lower()}, '$.{'.'.join(rest)}')", column)

    def span(self, since: datetime | None, until: datetime | None) -> Iterator[str]:
        """Yield the conditions on the partitions, which save money, and on the time itself."""
        if since is not None:
            if self.partition is not None:
                yield self.partition.at_least(since.astimezone(UTC) - _DAY)
            yield f"eventtime >= '{render_instant(since)}'"
        if until is not None:
            if self.partition is not None:
                yield self.partition.at_most(until.astimezone(UTC) + _DAY)
            yield f"eventtime <= '{render_instant(until)}'"


@dataclass(frozen=True, slots=True, kw_only=True)
class LakeDialect:
    """An event data store of CloudTrail Lake.

    Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/query-limitations.html
    """

    store: str

    @property
    def source(self) -> str:
        """The store's id, which AWS's own examples do not quote."""
        return self.store

    @property
    def longest(self) -> int:
        """The most characters that a statement may have.

        Source: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_StartQuery.html
        """
        return 10_000

    def scalar(self, column: Column) -> str:
        """Return the expression for a column that holds one text."""
        if column.path == ("eventTime",):
            return "DATE_FORMAT(eventtime, '%Y-%m-%dT%H:%i:%sZ')"
        first, *rest = column.path
        if first not in {REQUEST, ANSWER}:
            return ".".join(step.lower() for step in column.path)
        held = f"ELEMENT_AT({first.lower()}, '{rest[0]}')"
        return f"JSON_EXTRACT_SCALAR({held}, '$.{'.'.join(rest[1:])}')" if rest[1:] else held

    def members(self, column: Column) -> str:
        """Return the expression for a column that holds a list."""
        first, field, *rest = column.path
        below = ".".join(("$", *rest))
        held = f"ELEMENT_AT({first.lower()}, '{field}')"
        return _members(f"JSON_EXTRACT({held}, '{below}')", column)

    def span(self, since: datetime | None, until: datetime | None) -> Iterator[str]:
        """Yield the conditions on the time, in the spelling of AWS's examples."""
        if since is not None:
            yield f"eventtime >= '{since.astimezone(UTC):%Y-%m-%d %H:%M:%S}'"
        if until is not None:
            yield f"eventtime <= '{until.astimezone(UTC):%Y-%m-%d %H:%M:%S}'"


def _members(json: str, column: Column) -> str:
    """Return what takes one text out of each member; what is no list is null, and no error."""
    path = ".".join(("$", *(column.each or ())))
    array = f"TRY(CAST({json} AS ARRAY(JSON)))"
    return f"TRANSFORM({array}, m -> JSON_EXTRACT_SCALAR(m, '{path}'))"
