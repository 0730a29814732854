"""DynamoDB's items: conditional, strongly consistent, and never a traceback."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from unleak.aws.answer import part, parts, text
from unleak.aws.asking import Asking
from unleak.aws.dynamo_words import (
    change_words,
    check_words,
    item_of,
    key_words,
    operation_words,
    put_words,
    query_words,
)
from unleak.aws.exchange import Manner, Patience
from unleak.aws.items import Change, Check, Item, Key, Put
from unleak.errors import AwsFailure, StateFolder, UnleakError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from unleak.aws.answer import Answer
    from unleak.aws.items import Expected, Write
    from unleak.aws.session import AwsSession

_PASSING: Final = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)
"""https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html"""
_PATIENCE: Final = Patience(passing_codes=_PASSING, first_wait_seconds=0.05)
_MISSING: Final = "ResourceNotFoundException"
_UNMET: Final = "ConditionalCheckFailedException"
_CANCELLED: Final = "TransactionCanceledException"
_REASON: Final = "ConditionalCheckFailed"
HINT: Final = (
    "unleak needs a table with the text keys `pk` and `sk` in this account and region; "
    "docs/state-table.md says how to make one"
)


class DynamoItems:
    """One table of DynamoDB's.

    Args:
        session: of the account that the table is in.
        name: of the table.
        sleep: what to wait with before a transaction is sent again.
    """

    def __init__(
        self, session: AwsSession, name: str, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._asking = Asking(session)
        self._name = name
        self._sleep = sleep

    @property
    def place(self) -> str:
        """The table, in words; its name was checked where it came in."""
        return f"in the DynamoDB table {ascii(self._name)[1:-1]}"

    def now(self) -> datetime:
        """Return AWS's time where an answer has told it; see `Items.now`."""
        return self._asking.session.clock.now() or datetime.now(UTC)

    def get(self, key: Key) -> Item | None:
        """Call `GetItem`, strongly consistent."""
        answer = self._ask("get_item", {"Key": key_words(key), "ConsistentRead": True})
        found = part(answer, "Item")
        return item_of(found) if found else None

    def query(self, pk: str, *, only: Item | None = None) -> Iterator[Item]:
        """Call `Query` until nothing is left: a page may be empty and not be the last.

        Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.Pagination.html
        """
        asked = query_words(pk, only or {})
        while True:
            answer = self._ask("query", asked)
            yield from (item_of(each) for each in parts(answer, "Items"))
            if not answer.get("LastEvaluatedKey"):
                return
            asked = {**asked, "ExclusiveStartKey": answer["LastEvaluatedKey"]}

    def last(self, pk: str) -> Item | None:
        """Call `Query` backwards, for one key."""
        asked = {**query_words(pk, {}), "ScanIndexForward": False, "Limit": 1}
        asked["ProjectionExpression"] = "pk, sk"
        found = parts(self._ask("query", asked), "Items")
        return item_of(found[0]) if found else None

    def put(self, put: Put) -> bool:
        """Call `PutItem`."""
        return self._is_done("put_item", put_words(put))

    def change(self, change: Change) -> bool:
        """Call `UpdateItem`."""
        return self._is_done("update_item", change_words(change))

    def delete(self, key: Key, expected: Expected) -> bool:
        """Call `DeleteItem`."""
        return self._is_done("delete_item", check_words(Check(key=key, expected=expected)))

    def together(self, writes: Sequence[Write], *, token: str) -> tuple[Write, ...]:
        """Call `TransactWriteItems`; sent again while another transaction is in the way.

        A token lets the same transaction count once within ten minutes.
        Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
        """
        operations = [operation_words(each, self._name) for each in writes]
        asked = {"TransactItems": operations, "ClientRequestToken": token}
        attempt = 1
        while True:
            try:
                self._asking.of("dynamodb", "transact_write_items", asked, manner=_manner())
            except UnleakError as error:
                unmet = _unmet(error, writes)
                if unmet:
                    return unmet
                wait = _PATIENCE.wait_before(attempt + 1)
                if not _may_pass(error) or attempt == _MOST_TRIES:
                    raise self._unusable(error) from error
            else:
                return ()
            self._sleep(wait)
            attempt += 1

    def _is_done(self, method: str, words: Mapping[str, object]) -> bool:
        try:
            asked = {"TableName": self._name, **words}
            self._asking.of("dynamodb", method, asked, manner=_manner())
        except AwsFailure as error:
            if error.error_code == _UNMET:
                return False
            raise self._unusable(error) from error
        except UnleakError as error:
            raise self._unusable(error) from error
        return True

    def _ask(self, method: str, words: Mapping[str, object]) -> Answer:
        asked = {"TableName": self._name, **words}
        manner = Manner(patience=_PATIENCE)
        try:
            return self._asking.of("dynamodb", method, asked, manner=manner)
        except UnleakError as error:
            raise self._unusable(error) from error

    def _unusable(self, error: UnleakError) -> StateFolder:
        if isinstance(error, AwsFailure) and error.error_code == _MISSING:
            message = f"there is no state {self.place}"
            return StateFolder(message, hint=HINT)
        message = f"the state {self.place} cannot be used: {error.message}"
        return StateFolder(message, hint=error.hint or HINT)


_MOST_TRIES: Final = 10


def _manner() -> Manner:
    return Manner(patience=_PATIENCE, is_write=True)


def _reasons(error: UnleakError) -> tuple[str, ...]:
    """Return why each write of a transaction was refused, `None` for those that were not.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CancellationReason.html
    """
    from botocore.exceptions import ClientError  # noqa: PLC0415 - loaded by now

    cause = error.__cause__
    if not isinstance(cause, ClientError):
        return ()
    return tuple(text(each, "Code") for each in parts(cause.response, "CancellationReasons"))


def _unmet(error: UnleakError, writes: Sequence[Write]) -> tuple[Write, ...]:
    reasons = _reasons(error)
    return tuple(each for each, reason in zip(writes, reasons, strict=False) if reason == _REASON)


def _may_pass(error: UnleakError) -> bool:
    """Whether a transaction was broken off for something that passes: a conflict, too many."""
    passing = {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded", "None"}
    reasons = _reasons(error)
    is_cancelled = isinstance(error, AwsFailure) and error.error_code == _CANCELLED
    return is_cancelled and bool(reasons) and set(reasons) <= passing
