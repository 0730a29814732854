"""DynamoDB is asked with exactly these words, and what it refuses is a condition or an error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from botocore.stub import Stubber

from unleak.aws.dynamo_items import DynamoItems
from unleak.aws.items import ABSENT, Change, Check, Key, Put
from unleak.errors import StateFolder

if TYPE_CHECKING:
    from unleak.aws.session import AwsSession

KEY = Key(pk="lock", sk="x")
WIRE_KEY = {"pk": {"S": "lock"}, "sk": {"S": "x"}}
TAKEN = {
    "TableName": "state",
    "Item": {**WIRE_KEY, "owner": {"S": "me"}, "until": {"N": "7"}, "data": {"B": b"\x00"}},
    "ConditionExpression": "attribute_not_exists(#pk)",
    "ExpressionAttributeNames": {"#pk": "pk"},
}
PUT = Put(key=KEY, item={"owner": "me", "until": 7, "data": b"\x00"}, expected=ABSENT)
CHECK = Check(key=Key(pk="lock", sk="y"), expected={"owner": "me"})
TOGETHER = {
    "TransactItems": [
        {"Put": TAKEN},
        {
            "ConditionCheck": {
                "TableName": "state",
                "Key": {"pk": {"S": "lock"}, "sk": {"S": "y"}},
                "ConditionExpression": "#owner = :v0",
                "ExpressionAttributeNames": {"#owner": "owner"},
                "ExpressionAttributeValues": {":v0": {"S": "me"}},
            }
        },
    ],
    "ClientRequestToken": "t",
}
UNMET = "ConditionalCheckFailedException"
CANCELLED = "TransactionCanceledException"


@contextmanager
def stubbed(session: AwsSession) -> Iterator[Stubber]:
    with Stubber(session.client("dynamodb")) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("unleak.aws.exchange.time.sleep", lambda _: None)


@pytest.fixture
def items(session: AwsSession) -> DynamoItems:
    return DynamoItems(session, "state", sleep=lambda _: None)


def cancelled(stubber: Stubber, *codes: str) -> None:
    stubber.add_client_error(
        "transact_write_items",
        CANCELLED,
        "Transaction cancelled, please refer cancellation reasons for specific reasons",
        expected_params=TOGETHER,
        modeled_fields={"CancellationReasons": [{"Code": code} for code in codes]},
    )


def test_an_item_is_read_as_it_is_now(session: AwsSession, items: DynamoItems) -> None:
    asked = {"TableName": "state", "Key": WIRE_KEY, "ConsistentRead": True}
    with stubbed(session) as stubber:
        answer = {**WIRE_KEY, "until": {"N": "7"}, "data": {"B": b"\x00"}, "odd": {"BOOL": True}}
        stubber.add_response("get_item", {"Item": answer}, asked)
        stubber.add_response("get_item", {}, asked)

        found, missing = items.get(KEY), items.get(KEY)

    assert found == {"pk": "lock", "sk": "x", "until": 7, "data": b"\x00"}
    assert missing is None


def test_a_list_is_read_to_its_last_page(session: AwsSession, items: DynamoItems) -> None:
    asked = {
        "TableName": "state",
        "ConsistentRead": True,
        "KeyConditionExpression": "#pk = :v0",
        "FilterExpression": "#state = :v1",
        "ExpressionAttributeNames": {"#pk": "pk", "#state": "state"},
        "ExpressionAttributeValues": {":v0": {"S": "claim"}, ":v1": {"S": "working"}},
    }
    with stubbed(session) as stubber:
        first = {"Items": [], "LastEvaluatedKey": WIRE_KEY}
        stubber.add_response("query", first, asked)
        last = {"Items": [WIRE_KEY]}
        stubber.add_response("query", last, {**asked, "ExclusiveStartKey": WIRE_KEY})

        found = list(items.query("claim", only={"state": "working"}))

    assert found == [{"pk": "lock", "sk": "x"}]


def test_the_end_of_a_list_is_asked_for_alone(session: AwsSession, items: DynamoItems) -> None:
    asked = {
        "TableName": "state",
        "ConsistentRead": True,
        "KeyConditionExpression": "#pk = :v0",
        "ExpressionAttributeNames": {"#pk": "pk"},
        "ExpressionAttributeValues": {":v0": {"S": "lock"}},
        "ScanIndexForward": False,
        "Limit": 1,
        "ProjectionExpression": "pk, sk",
    }
    with stubbed(session) as stubber:
        stubber.add_response("query", {"Items": [WIRE_KEY]}, asked)

        assert items.last("lock") == {"pk": "lock", "sk": "x"}


def test_a_put_is_made_on_its_condition(session: AwsSession, items: DynamoItems) -> None:
    with stubbed(session) as stubber:
        stubber.add_response("put_item", {}, TAKEN)
        stubber.add_client_error("put_item", UNMET, expected_params=TAKEN)

        assert [items.put(PUT), items.put(PUT)] == [True, False]


def test_a_change_sets_removes_and_counts(session: AwsSession, items: DynamoItems) -> None:
    change = Change(
        key=KEY,
        values={"owner": "me", "token_hash": None},
        expected={"turn": 3, "until": None},
        counts=("turn",),
    )
    asked = {
        "TableName": "state",
        "Key": WIRE_KEY,
        "UpdateExpression": "SET #owner = :v0 REMOVE #token_hash ADD #turn :v1",
        "ConditionExpression": "#turn = :v2 AND attribute_not_exists(#until)",
        "ExpressionAttributeNames": {
            "#owner": "owner",
            "#token_hash": "token_hash",
            "#turn": "turn",
            "#until": "until",
        },
        "ExpressionAttributeValues": {":v0": {"S": "me"}, ":v1": {"N": "1"}, ":v2": {"N": "3"}},
    }
    with stubbed(session) as stubber:
        stubber.add_response("update_item", {}, asked)

        assert items.change(change)


def test_a_deletion_is_made_on_its_condition(session: AwsSession, items: DynamoItems) -> None:
    asked = {
        "TableName": "state",
        "Key": WIRE_KEY,
        "ConditionExpression": "#owner = :v0",
        "ExpressionAttributeNames": {"#owner": "owner"},
        "ExpressionAttributeValues": {":v0": {"S": "me"}},
    }
    with stubbed(session) as stubber:
        stubber.add_response("delete_item", {}, asked)

        assert items.delete(KEY, {"owner": "me"})


def test_several_writes_go_out_as_one(session: AwsSession, items: DynamoItems) -> None:
    with stubbed(session) as stubber:
        stubber.add_response("transact_write_items", {}, TOGETHER)

        assert items.together([PUT, CHECK], token="t") == ()


def test_the_writes_that_were_in_the_way_are_named(session: AwsSession, items: DynamoItems) -> None:
    with stubbed(session) as stubber:
        cancelled(stubber, "None", "ConditionalCheckFailed")

        assert items.together([PUT, CHECK], token="t") == (CHECK,)


@pytest.mark.parametrize("reason", ["TransactionConflict", "ThrottlingError"])
def test_a_transaction_that_another_was_in_the_way_of_is_sent_again(
    session: AwsSession, items: DynamoItems, reason: str
) -> None:
    with stubbed(session) as stubber:
        cancelled(stubber, reason, "None")
        stubber.add_response("transact_write_items", {}, TOGETHER)

        assert items.together([PUT, CHECK], token="t") == ()


def test_a_transaction_that_never_gets_through_is_an_error(
    session: AwsSession, items: DynamoItems
) -> None:
    with stubbed(session) as stubber:
        for _ in range(10):
            cancelled(stubber, "TransactionConflict", "None")

        with pytest.raises(StateFolder, match="cannot be used"):
            items.together([PUT, CHECK], token="t")


def test_a_transaction_that_is_refused_for_good_is_sent_once(
    session: AwsSession, items: DynamoItems
) -> None:
    with stubbed(session) as stubber:
        cancelled(stubber, "ItemCollectionSizeLimitExceeded", "None")

        with pytest.raises(StateFolder, match="cannot be used"):
            items.together([PUT, CHECK], token="t")


@pytest.mark.parametrize(
    "code",
    [
        "ProvisionedThroughputExceededException",
        "ThrottlingException",
        "TransactionConflictException",
    ],
)
def test_being_throttled_is_waited_out(session: AwsSession, items: DynamoItems, code: str) -> None:
    with stubbed(session) as stubber:
        stubber.add_client_error("put_item", code)
        stubber.add_response("put_item", {}, TAKEN)

        assert items.put(PUT)


def test_a_table_that_is_not_there_says_how_to_make_it(
    session: AwsSession, items: DynamoItems
) -> None:
    with stubbed(session) as stubber:
        stubber.add_client_error("get_item", "ResourceNotFoundException")

        with pytest.raises(StateFolder, match="no state in the DynamoDB table state") as caught:
            items.get(KEY)

    assert "docs/state-table.md" in caught.value.hint


def test_a_missing_permission_is_named(session: AwsSession, items: DynamoItems) -> None:
    words = "User: x is not authorized to perform: dynamodb:PutItem"
    with stubbed(session) as stubber:
        stubber.add_client_error("put_item", "AccessDeniedException", words)

        with pytest.raises(StateFolder, match="not authorized to perform: dynamodb:PutItem"):
            items.put(PUT)


def test_the_time_is_the_one_that_dynamodb_tells(session: AwsSession, items: DynamoItems) -> None:
    headers = {"date": "Tue, 24 Nov 2026 07:00:00 GMT"}
    answer = {"ResponseMetadata": {"HTTPHeaders": headers, "HTTPStatusCode": 200}}
    with stubbed(session) as stubber:
        stubber.add_response("get_item", answer)

        items.get(KEY)

    at = datetime(2026, 11, 24, 7, tzinfo=UTC)
    assert 0 <= (items.now() - at).total_seconds() < 60
