"""CloudTrail Lake is asked with exactly these calls, in the region of the store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from botocore.stub import Stubber

from unleak.aws.asking import Asking
from unleak.aws.lake import LakeQueries
from unleak.errors import AwsFailure, UnleakError
from unleak.model.query import LakePlace

if TYPE_CHECKING:
    from unleak.aws.session import AwsSession

STORE = "5a1c2d3e-0000-4000-8000-0123456789ab"
ID = "0d1c2d3e-0000-4000-8000-0123456789ab"
OWNER = {"EventDataStoreOwnerAccountId": "111122223333"}
PLACE = LakePlace(store=STORE, region="us-east-2", owner="111122223333")
STATEMENT = f"SELECT eventid FROM {STORE}"  # noqa: S608 - a constant
STARTED = {"QueryStatement": STATEMENT, **OWNER}
QUERY = {"QueryId": ID, **OWNER}
DONE = {"QueryStatus": "FINISHED", "QueryStatistics": {"BytesScanned": 7_000_000_000}}


@contextmanager
def stubbed(session: AwsSession) -> Iterator[Stubber]:
    with Stubber(session.client("cloudtrail", "us-east-2")) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("unleak.aws.querying.time.sleep", lambda _: None)


def test_a_query_is_started_waited_for_and_read_page_by_page(session: AwsSession) -> None:
    more = {**QUERY, "MaxQueryResults": 1000}
    first = {"QueryResultRows": [[{"event_id": "1"}, {"event_name": "x"}]], "NextToken": "next"}
    with stubbed(session) as stubber:
        stubber.add_response("start_query", {"QueryId": ID}, STARTED)
        stubber.add_response("describe_query", {"QueryStatus": "QUEUED"}, QUERY)
        stubber.add_response("describe_query", {"QueryStatus": "RUNNING"}, QUERY)
        stubber.add_response("describe_query", DONE, QUERY)
        stubber.add_response("get_query_results", first, more)
        rest = {"QueryResultRows": [[{"event_id": "2"}]]}
        stubber.add_response("get_query_results", rest, {**more, "NextToken": "next"})

        answer = LakeQueries(Asking(session), PLACE).run(STATEMENT)
        rows = list(answer.rows)

    assert rows == [{"event_id": "1", "event_name": "x"}, {"event_id": "2"}]
    assert answer.scanned_bytes == 7_000_000_000


def test_too_many_queries_at_once_are_waited_for(session: AwsSession) -> None:
    with stubbed(session) as stubber:
        stubber.add_client_error("start_query", "MaxConcurrentQueriesException", "ten", 400)
        stubber.add_response("start_query", {"QueryId": ID}, STARTED)
        stubber.add_response("describe_query", DONE, QUERY)

        answer = LakeQueries(Asking(session), PLACE).run(STATEMENT)

    assert answer.result == ""


@pytest.mark.parametrize("state", ["FAILED", "CANCELLED", "TIMED_OUT"])
def test_a_query_that_ended_badly_says_why(session: AwsSession, state: str) -> None:
    ended = {"QueryStatus": state, "ErrorMessage": "no such column\x1b[0m"}
    with stubbed(session) as stubber:
        stubber.add_response("start_query", {"QueryId": ID}, STARTED)
        stubber.add_response("describe_query", ended, QUERY)

        with pytest.raises(AwsFailure, match=f"{state}: no such column"):
            LakeQueries(Asking(session), PLACE).run(STATEMENT)


def test_ctrl_c_cancels_the_query(session: AwsSession, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("unleak.aws.querying.time.sleep", interrupt)
    with stubbed(session) as stubber:
        stubber.add_response("start_query", {"QueryId": ID}, STARTED)
        stubber.add_response("describe_query", {"QueryStatus": "RUNNING"}, QUERY)
        cancelled = {"QueryId": ID, "QueryStatus": "CANCELLED"}
        stubber.add_response("cancel_query", cancelled, QUERY)

        with pytest.raises(KeyboardInterrupt):
            LakeQueries(Asking(session), PLACE).run(STATEMENT)


def test_the_door_lets_nothing_through_but_one_select(session: AwsSession) -> None:
    with stubbed(session), pytest.raises(UnleakError, match="only asks"):
        LakeQueries(Asking(session), PLACE).run("DELETE FROM x")
