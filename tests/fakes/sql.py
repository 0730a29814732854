"""A store that is asked in SQL, in memory: Trino's statements, turned into DuckDB's by sqlglot."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import duckdb
import sqlglot

from unleak.model.query import Queried
from unleak.trail.dialects import AthenaDialect, LakeDialect

if TYPE_CHECKING:
    from fakes.trails import Event
    from unleak.trail.dialects import DayPartition

STORE = "5a1c2d3e-0000-4000-8000-0123456789ab"
_TEXTS = (
    *("eventName", "eventSource", "awsRegion", "sourceIPAddress", "userAgent", "errorCode"),
    *("eventID", "recipientAccountId", "sharedEventID"),
)
_IDENTITY = ("type", "arn", "accountId", "invokedBy", "accessKeyId", "userName")
_LAKE_TIME = re.compile(r"eventtime (.=) '([0-9: -]{19})'")


class SqlStore:
    """Holds events as Athena's table `db.trail` and as CloudTrail Lake's store, and is queried.

    Args:
        events: as CloudTrail writes them.
    """

    def __init__(self, events: Iterable[Event]) -> None:
        self.statements: list[str] = []
        self._database = duckdb.connect(":memory:")
        self._database.execute("SET threads = 1")
        self._database.execute("CREATE TABLE raw (doc JSON)")
        rows = [(json.dumps(event),) for event in events]
        if rows:
            self._database.executemany("INSERT INTO raw VALUES (?)", rows)
        self._database.execute("CREATE SCHEMA db")
        texts = ", ".join(f"doc->>'$.{name}' AS {name.lower()}" for name in _TEXTS)
        fields = ", ".join(f"{name.lower()} := doc->>'$.userIdentity.{name}'" for name in _IDENTITY)
        common = f"{texts}, STRUCT_PACK({fields}) AS useridentity"
        self._database.execute(
            f"CREATE TABLE db.trail AS SELECT {common}, doc->>'$.eventTime' AS eventtime, "  # noqa: S608 - our own words
            "NULLIF(doc->>'$.requestParameters', 'null') AS requestparameters, "
            "NULLIF(doc->>'$.responseElements', 'null') AS responseelements, "
            "REPLACE((doc->>'$.eventTime')[1:10], '-', '/') AS day FROM raw"
        )
        maps = ", ".join(
            f"MAP_FROM_ENTRIES(LIST_TRANSFORM(JSON_KEYS(doc, '$.{name}'), LAMBDA k : "
            f"ROW(k, doc->'$.{name}'->>k))) AS {name.lower()}"
            for name in ("requestParameters", "responseElements")
        )
        self._database.execute(
            f"CREATE TABLE lake AS SELECT {common}, "  # noqa: S608 - as above
            f"CAST(doc->>'$.eventTime' AS TIMESTAMP) AS eventtime, {maps} FROM raw"
        )

    def run(self, statement: str) -> Queried:
        self.statements.append(statement)
        # a store's id is no name elsewhere, and Lake compares times with plain texts
        named = statement.replace(STORE, "lake").replace('"AwsDataCatalog".', "")
        typed = _LAKE_TIME.sub(r"eventtime \1 TIMESTAMP '\2'", named)
        (ours,) = sqlglot.transpile(typed, read="athena", write="duckdb")
        found = self._database.execute(ours)
        names = [column[0] for column in found.description or ()]
        rows: list[Mapping[str, str]] = [
            {name: str(value) for name, value in zip(names, row, strict=True) if value is not None}
            for row in found.fetchall()
        ]
        return Queried(rows=rows, scanned_bytes=2_000_000, result="s3://results/queries/1.csv")


def athena(partition: DayPartition | None = None) -> AthenaDialect:
    """Return the SQL for `db.trail`."""
    return AthenaDialect(
        catalog="AwsDataCatalog", database="db", table="trail", partition=partition
    )


def lake() -> LakeDialect:
    """Return the SQL for the store."""
    return LakeDialect(store=STORE)
