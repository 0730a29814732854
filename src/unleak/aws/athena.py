"""Queries one table with Athena: starts, waits, fetches page by page, and cancels on the way out.

A narrow door: it runs `SELECT` and nothing else.  Athena writes each result to S3, where it stays.
Source: https://docs.aws.amazon.com/athena/latest/APIReference/API_StartQueryExecution.html
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Final

from unleak.aws.answer import Answer, number, part, parts, text
from unleak.aws.exchange import Manner, Patience
from unleak.aws.querying import require_select, wait_for
from unleak.aws.refusal import clean
from unleak.errors import AwsFailure, UnleakError
from unleak.model.query import Queried, TableShape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unleak.aws.asking import Asking
    from unleak.model.query import AthenaPlace

_PAGE: Final = 1_000
"""Source: https://docs.aws.amazon.com/athena/latest/APIReference/API_GetQueryResults.html"""
_LONGEST_SECONDS: Final = 240 * 60.0
"""Athena ends a query by itself at the account's quota, which is this at most.

Source: https://docs.aws.amazon.com/athena/latest/ug/service-limits.html
"""
_ENDED: Final = frozenset({"SUCCEEDED", "FAILED", "CANCELLED"})
_PACE: Final = Manner(
    patience=Patience(
        answered_seconds=60.0,
        silent_seconds=10.0,
        first_wait_seconds=0.5,
        longest_wait_seconds=8.0,
    )
)


class AthenaQueries:
    """Athena, for one table.

    Args:
        asking: the responder's session.
        place: the table, the workgroup and where the results go.
    """

    def __init__(self, asking: Asking, place: AthenaPlace) -> None:
        self._asking = asking
        self._place = place

    def shape(self) -> TableShape:
        """Return what the catalog says about the table.

        Source: https://docs.aws.amazon.com/athena/latest/APIReference/API_GetTableMetadata.html

        Raises:
            UnleakError: there is no such table, or the catalog may not be asked.
        """
        place = self._place
        asked: dict[str, object] = {
            "CatalogName": place.catalog,
            "DatabaseName": place.database,
            "TableName": place.table,
        }
        if place.workgroup is not None:
            asked["WorkGroup"] = place.workgroup
        table = part(self._ask("get_table_metadata", asked), "TableMetadata")
        columns = {
            text(each, "Name").lower(): text(each, "Type") for each in parts(table, "Columns")
        }
        found = part(table, "Parameters").items()
        return TableShape(
            columns={name: type_.lower() for name, type_ in columns.items()},
            partition_keys=tuple(text(e, "Name").lower() for e in parts(table, "PartitionKeys")),
            parameters={name: value for name, value in found if isinstance(value, str)},
        )

    def run(self, statement: str) -> Queried:
        """Run one query, and return its answer; what is broken off is cancelled.

        Args:
            statement: a `SELECT`.

        Raises:
            UnleakError: it was not started, failed, was cancelled by somebody, or took too long.
        """
        require_select(statement)
        query = self._start(statement)
        try:
            done = wait_for(
                lambda: self._ended(query), what="the query", limit_seconds=_LONGEST_SECONDS
            )
        except BaseException:
            # Ctrl-C, too: what nobody waits for would be paid for all the same
            self._cancel(query)
            raise
        _require_success(part(done, "Status"))
        statistics, result = part(done, "Statistics"), part(done, "ResultConfiguration")
        return Queried(
            rows=self._rows(query),
            scanned_bytes=number(statistics, "DataScannedInBytes", 0),
            result=text(result, "OutputLocation"),
        )

    def _start(self, statement: str) -> str:
        place = self._place
        asked: dict[str, object] = {
            "QueryString": statement,
            "ClientRequestToken": str(uuid.uuid4()),  # sent twice, it is started once
            "QueryExecutionContext": {"Catalog": place.catalog, "Database": place.database},
        }
        if place.workgroup is not None:
            asked["WorkGroup"] = place.workgroup
        if place.output is not None:
            asked["ResultConfiguration"] = {"OutputLocation": place.output}
        return text(self._ask("start_query_execution", asked), "QueryExecutionId")

    def _ended(self, query: str) -> Answer | None:
        asked: dict[str, object] = {"QueryExecutionId": query}
        execution = part(self._ask("get_query_execution", asked), "QueryExecution")
        state = text(part(execution, "Status"), "State")
        return execution if state in _ENDED else None

    def _rows(self, query: str) -> Iterator[dict[str, str]]:
        """Yield the rows; the first one of the first page holds the names of the columns."""
        asked: dict[str, object] = {"QueryExecutionId": query, "MaxResults": _PAGE}
        names: list[str] | None = None
        while True:
            answer = self._ask("get_query_results", asked)
            for row in parts(part(answer, "ResultSet"), "Rows"):
                cells = parts(row, "Data")
                if names is None:
                    names = [text(each, "VarCharValue") for each in cells]
                    continue
                yield {
                    name: text(cell, "VarCharValue")
                    for name, cell in zip(names, cells, strict=False)
                    if "VarCharValue" in cell
                }
            token = text(answer, "NextToken")
            if not token:
                return
            asked["NextToken"] = token

    def _cancel(self, query: str) -> None:
        try:
            self._ask("stop_query_execution", {"QueryExecutionId": query})
        except UnleakError:
            return  # it has ended by itself, or may not be stopped; what broke it off is told

    def _ask(self, method: str, parameters: dict[str, object]) -> Answer:
        return self._asking.of("athena", method, parameters, manner=_PACE)


def _require_success(status: Answer) -> None:
    state = text(status, "State")
    if state != "SUCCEEDED":
        why = text(status, "StateChangeReason") or "no reason is given"
        message = f"the query ended as {state}: {clean(why, limit=300)}"
        raise AwsFailure(message, error_code=state, operation="StartQueryExecution")
