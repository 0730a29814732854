"""Put statements to a Trino server, and lay events out as Athena's and CloudTrail Lake's tables.

The tables are made from the events' own JSON by Trino itself, as AWS documents their columns: texts
of JSON for parameters and answers in Athena, maps of texts in CloudTrail Lake.
Sources: https://docs.aws.amazon.com/athena/latest/ug/create-cloudtrail-table-partition-projection.html
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/query-supported-event-schemas.html
https://trino.io/docs/current/develop/client-protocol.html
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias
from urllib.request import Request, urlopen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

Json: TypeAlias = object
_ROWS_A_STATEMENT = 200
_TEXTS = (
    *("eventVersion", "eventSource", "eventName", "awsRegion", "sourceIPAddress", "userAgent"),
    *("errorCode", "errorMessage", "requestID", "eventID", "recipientAccountId", "sharedEventID"),
)
_IDENTITY = ("type", "principalId", "arn", "accountId", "invokedBy", "accessKeyId", "userName")


class StatementFailed(Exception):
    """Trino refused a statement, or it failed."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a statement came to."""

    names: tuple[str, ...]
    rows: tuple[tuple[Json, ...], ...]


class Trino:
    """A Trino server, spoken to over HTTP.

    Args:
        url: where it listens.
    """

    def __init__(self, url: str) -> None:
        self._url = url

    def run(self, statement: str) -> Answer:
        """Run one statement to its end.

        Raises:
            StatementFailed: with Trino's own words.
        """
        names: tuple[str, ...] = ()
        rows: list[tuple[Json, ...]] = []
        page = self._sent(f"{self._url}/v1/statement", statement.encode())
        while True:
            if "error" in page:
                raise StatementFailed(_text(page["error"], "message"))
            names = names or tuple(_text(each, "name") for each in _list(page.get("columns")))
            rows += [tuple(_list(row)) for row in _list(page.get("data"))]
            following = page.get("nextUri")
            if not isinstance(following, str):
                return Answer(names=names, rows=tuple(rows))
            page = self._sent(following, None)

    def _sent(self, url: str, body: bytes | None) -> Mapping[str, Json]:
        headers = {"X-Trino-User": "lab", "X-Trino-Catalog": "memory", "X-Trino-Schema": "default"}
        request = Request(url, data=body, headers=headers)  # noqa: S310 - the loopback's own server
        while True:
            with urlopen(request, timeout=60) as answer:  # noqa: S310 - as above
                content = answer.read()
            if content:
                page: Json = json.loads(content)
                return page if isinstance(page, dict) else {}
            time.sleep(0.05)


def make_tables(trino: Trino, events: Sequence[Mapping[str, Json]]) -> None:
    """Make `athena_trail` and `lake_trail` of the events.

    Args:
        trino: where to.
        events: as CloudTrail writes them.
    """
    for table in ("raw", "athena_trail", "lake_trail"):
        trino.run(f"DROP TABLE IF EXISTS {table}")
    trino.run("CREATE TABLE raw (doc VARCHAR)")
    for some in _batches([json.dumps(each) for each in events]):
        values = ", ".join("(" + _literal(each) + ")" for each in some)
        trino.run(f"INSERT INTO raw VALUES {values}")  # noqa: S608 - quoted above
    for table, columns in (("athena_trail", _athena_columns()), ("lake_trail", _lake_columns())):
        shown = ", ".join(columns)
        trino.run(f"CREATE TABLE {table} AS SELECT {shown} FROM raw")  # noqa: S608 - our own words


def _athena_columns() -> Iterator[str]:
    yield from _common_columns()
    yield "JSON_EXTRACT_SCALAR(doc, '$.eventTime') AS eventtime"
    for name in ("requestParameters", "responseElements"):
        text = f"JSON_FORMAT(JSON_EXTRACT(doc, '$.{name}'))"
        yield f"NULLIF({text}, 'null') AS {name.lower()}"
    yield "REPLACE(SUBSTR(JSON_EXTRACT_SCALAR(doc, '$.eventTime'), 1, 10), '-', '/') AS day"


def _lake_columns() -> Iterator[str]:
    yield from _common_columns()
    time_ = "FROM_ISO8601_TIMESTAMP(JSON_EXTRACT_SCALAR(doc, '$.eventTime'))"
    yield f"CAST({time_} AT TIME ZONE 'UTC' AS TIMESTAMP(3)) AS eventtime"
    for name in ("requestParameters", "responseElements"):
        members = f"TRY(CAST(JSON_EXTRACT(doc, '$.{name}') AS MAP(VARCHAR, JSON)))"
        text = "COALESCE(JSON_EXTRACT_SCALAR(v, '$'), JSON_FORMAT(v))"
        yield f"TRANSFORM_VALUES({members}, (k, v) -> {text}) AS {name.lower()}"


def _common_columns() -> Iterator[str]:
    yield from (f"JSON_EXTRACT_SCALAR(doc, '$.{name}') AS {name.lower()}" for name in _TEXTS)
    fields = ", ".join(f"JSON_EXTRACT_SCALAR(doc, '$.userIdentity.{name}')" for name in _IDENTITY)
    types = ", ".join(f'"{name.lower()}" VARCHAR' for name in _IDENTITY)
    yield f"CAST(ROW({fields}) AS ROW({types})) AS useridentity"


def _batches(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(texts), _ROWS_A_STATEMENT):
        yield texts[start : start + _ROWS_A_STATEMENT]


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _list(node: Json) -> Iterable[Json]:
    return node if isinstance(node, list) else ()


def _text(node: Json, key: str) -> str:
    value = node.get(key) if isinstance(node, dict) else None
    return value if isinstance(value, str) else ""
