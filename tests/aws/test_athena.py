"""Athena is asked with exactly these calls; a query that is broken off is not left behind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from botocore.stub import ANY, Stubber

from unleak.aws import querying
from unleak.aws.asking import Asking
from unleak.aws.athena import AthenaQueries
from unleak.errors import AwsFailure, MissingPermission, UnleakError
from unleak.model.query import AthenaPlace, TableShape

if TYPE_CHECKING:
    from unleak.aws.session import AwsSession

PLACE = AthenaPlace(database="db", table="trail", workgroup="ir", output="s3://results/here/")
STATEMENT = "SELECT 1"
QUERY = {"QueryExecutionId": "q-1"}
STARTED = {
    "QueryString": STATEMENT,
    "ClientRequestToken": ANY,
    "QueryExecutionContext": {"Catalog": "AwsDataCatalog", "Database": "db"},
    "WorkGroup": "ir",
    "ResultConfiguration": {"OutputLocation": "s3://results/here/"},
}
DONE = {
    "QueryExecution": {
        "Status": {"State": "SUCCEEDED"},
        "Statistics": {"DataScannedInBytes": 5_000_000_000},
        "ResultConfiguration": {"OutputLocation": "s3://results/here/q-1.csv"},
    }
}


@contextmanager
def stubbed(session: AwsSession) -> Iterator[Stubber]:
    with Stubber(session.client("athena", "eu-west-1")) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    waits: list[float] = []
    monkeypatch.setattr("unleak.aws.querying.time.sleep", waits.append)
    return waits


def state(name: str, why: str = "") -> dict[str, object]:
    return {"QueryExecution": {"Status": {"State": name, "StateChangeReason": why}}}


def page(*rows: tuple[str | None, ...], token: str | None = None) -> dict[str, object]:
    shown = [
        {"Data": [{} if cell is None else {"VarCharValue": cell} for cell in row]} for row in rows
    ]
    answer: dict[str, object] = {"ResultSet": {"Rows": shown}}
    return answer if token is None else {**answer, "NextToken": token}


def test_a_query_is_started_waited_for_and_read_page_by_page(
    session: AwsSession, at_once: list[float]
) -> None:
    more = {**QUERY, "MaxResults": 1000}
    with stubbed(session) as stubber:
        stubber.add_response("start_query_execution", QUERY, STARTED)
        stubber.add_response("get_query_execution", state("QUEUED"), QUERY)
        stubber.add_response("get_query_execution", state("RUNNING"), QUERY)
        stubber.add_response("get_query_execution", DONE, QUERY)
        stubber.add_response("get_query_results", page(("a", "b"), ("1", None), token="t"), more)
        stubber.add_response("get_query_results", page(("2", "x")), {**more, "NextToken": "t"})

        answer = AthenaQueries(Asking(session), PLACE).run(STATEMENT)
        rows = list(answer.rows)

    assert rows == [{"a": "1"}, {"a": "2", "b": "x"}]
    assert answer.scanned_bytes == 5_000_000_000
    assert answer.result == "s3://results/here/q-1.csv"
    assert at_once == sorted(at_once)
    assert len(at_once) == 2


def test_the_workgroup_and_the_output_are_left_to_athena_where_nobody_names_them(
    session: AwsSession,
) -> None:
    started = {key: STARTED[key] for key in STARTED if key.startswith(("Q", "C"))}
    with stubbed(session) as stubber:
        stubber.add_response("start_query_execution", QUERY, started)
        stubber.add_response("get_query_execution", DONE, QUERY)

        place = AthenaPlace(database="db", table="trail")
        AthenaQueries(Asking(session), place).run(STATEMENT)


def test_a_throttled_call_is_made_again(session: AwsSession) -> None:
    with stubbed(session) as stubber:
        stubber.add_client_error("start_query_execution", "TooManyRequestsException", "slow", 400)
        stubber.add_response("start_query_execution", QUERY, STARTED)
        stubber.add_client_error("get_query_execution", "ThrottlingException", "slow", 400)
        stubber.add_response("get_query_execution", DONE, QUERY)

        answer = AthenaQueries(Asking(session), PLACE).run(STATEMENT)

    assert answer.scanned_bytes == 5_000_000_000


@pytest.mark.parametrize("name", ["FAILED", "CANCELLED"])
def test_a_query_that_ended_badly_says_why_without_a_secret(session: AwsSession, name: str) -> None:
    why = "HIVE_BAD_DATA: \x1b[1maws_secret_access_key=Qm9/aGVsbG8+d29ybGQvc2VjcmV0MTIzNDU2Nzg5"
    with stubbed(session) as stubber:
        stubber.add_response("start_query_execution", QUERY, STARTED)
        stubber.add_response("get_query_execution", state(name, why), QUERY)

        with pytest.raises(AwsFailure, match=f"{name}: HIVE_BAD_DATA") as raised:
            AthenaQueries(Asking(session), PLACE).run(STATEMENT)

    assert "\x1b" not in raised.value.message
    assert "Qm9/aGVsbG8" not in raised.value.message


def test_ctrl_c_cancels_the_query(session: AwsSession, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("unleak.aws.querying.time.sleep", interrupt)
    with stubbed(session) as stubber:
        stubber.add_response("start_query_execution", QUERY, STARTED)
        stubber.add_response("get_query_execution", state("RUNNING"), QUERY)
        stubber.add_response("stop_query_execution", {}, QUERY)

        with pytest.raises(KeyboardInterrupt):
            AthenaQueries(Asking(session), PLACE).run(STATEMENT)


def test_what_takes_too_long_is_given_up_with_advice() -> None:
    slept: list[float] = []

    with pytest.raises(AwsFailure, match="was not done after 2 minutes") as raised:
        querying.wait_for(lambda: None, what="the query", limit_seconds=120, sleep=slept.append)

    assert "--since" in raised.value.hint
    assert sum(slept) < 130


def test_who_may_not_is_told_which_call_is_missing(session: AwsSession) -> None:
    with stubbed(session) as stubber:
        stubber.add_client_error("start_query_execution", "AccessDeniedException", "no", 400)

        with pytest.raises(MissingPermission, match="StartQueryExecution"):
            AthenaQueries(Asking(session), PLACE).run(STATEMENT)


@pytest.mark.parametrize("statement", ["DROP TABLE x", "SELECT 1; DROP TABLE x", "INSERT INTO x"])
def test_the_door_lets_nothing_through_but_one_select(session: AwsSession, statement: str) -> None:
    with stubbed(session), pytest.raises(UnleakError, match="only asks"):
        AthenaQueries(Asking(session), PLACE).run(statement)


def test_the_catalog_tells_the_shape_of_the_table(session: AwsSession) -> None:
    asked = {
        "CatalogName": "AwsDataCatalog",
        "DatabaseName": "db",
        "TableName": "trail",
        "WorkGroup": "ir",
    }
    table = {
        "Name": "trail",
        "Columns": [{"Name": "eventTime", "Type": "STRING"}],
        "PartitionKeys": [{"Name": "Day", "Type": "string"}],
        "Parameters": {"projection.day.format": "yyyy/MM/dd"},
    }
    with stubbed(session) as stubber:
        stubber.add_response("get_table_metadata", {"TableMetadata": table}, asked)

        shape = AthenaQueries(Asking(session), PLACE).shape()

    assert shape == TableShape(
        columns={"eventtime": "string"},
        partition_keys=("day",),
        parameters={"projection.day.format": "yyyy/MM/dd"},
    )
