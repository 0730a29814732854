"""Queries one event data store of CloudTrail Lake: starts, waits, fetches, cancels.

A narrow door, as `athena` is.  The store keeps a result for seven days; nothing is written to S3,
since no `DeliveryS3Uri` is given.
Source: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_StartQuery.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from unleak.aws.answer import Answer, number, part, text
from unleak.aws.exchange import Manner, Patience
from unleak.aws.querying import require_select, wait_for
from unleak.aws.refusal import clean
from unleak.errors import AwsFailure, UnleakError
from unleak.model.query import Queried

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unleak.aws.asking import Asking
    from unleak.model.query import LakePlace

_PAGE: Final = 1_000
_LONGEST_SECONDS: Final = 60 * 60.0
"""Longer queries may time out.

Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/query-results.html
"""
_ENDED: Final = frozenset({"FINISHED", "FAILED", "CANCELLED", "TIMED_OUT"})
_PACE: Final = Patience(
    answered_seconds=60.0,
    silent_seconds=10.0,
    first_wait_seconds=0.5,
    longest_wait_seconds=8.0,
    passing_codes=frozenset({"MaxConcurrentQueriesException"}),
)
_ASKING: Final = Manner(patience=_PACE)
_STARTING: Final = Manner(patience=replace(_PACE, silent_seconds=0.0))
"""There is no token that would keep a start whose answer was lost from being paid twice."""


class LakeQueries:
    """CloudTrail Lake, for one event data store.

    Args:
        asking: the responder's session.
        place: the store.
    """

    def __init__(self, asking: Asking, place: LakePlace) -> None:
        self._asking = asking
        self._place = place
        self._owner = {} if place.owner is None else {"EventDataStoreOwnerAccountId": place.owner}

    def run(self, statement: str) -> Queried:
        """Run one query, and return its answer; what is broken off is cancelled.

        Args:
            statement: a `SELECT`.

        Raises:
            UnleakError: it was not started, failed, was cancelled by somebody, or took too long.
        """
        require_select(statement)
        started = self._ask("start_query", {"QueryStatement": statement}, manner=_STARTING)
        query = text(started, "QueryId")
        try:
            done = wait_for(
                lambda: self._ended(query), what="the query", limit_seconds=_LONGEST_SECONDS
            )
        except BaseException:
            # Ctrl-C, too: what nobody waits for would be paid for all the same
            self._cancel(query)
            raise
        _require_success(done)
        scanned = number(part(done, "QueryStatistics"), "BytesScanned", 0)
        return Queried(rows=self._rows(query), scanned_bytes=scanned)

    def _ended(self, query: str) -> Answer | None:
        answer = self._ask("describe_query", {"QueryId": query})
        return answer if text(answer, "QueryStatus") in _ENDED else None

    def _rows(self, query: str) -> Iterator[dict[str, str]]:
        """Yield the rows; each is a list of one-member maps.

        Source: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetQueryResults.html
        """
        asked: dict[str, object] = {"QueryId": query, "MaxQueryResults": _PAGE}
        while True:
            answer = self._ask("get_query_results", asked)
            rows = answer.get("QueryResultRows")
            for row in rows if isinstance(rows, list) else ():
                yield _cells(row)
            token = text(answer, "NextToken")
            if not token:
                return
            asked["NextToken"] = token

    def _cancel(self, query: str) -> None:
        try:
            self._ask("cancel_query", {"QueryId": query})
        except UnleakError:
            return  # it has ended by itself, or may not be stopped; what broke it off is told

    def _ask(
        self, method: str, parameters: dict[str, object], *, manner: Manner = _ASKING
    ) -> Answer:
        sent = {**parameters, **self._owner}
        return self._asking.of("cloudtrail", method, sent, region=self._place.region, manner=manner)


def _require_success(answer: Answer) -> None:
    state = text(answer, "QueryStatus")
    if state != "FINISHED":
        why = text(answer, "ErrorMessage") or "no reason is given"
        message = f"the query ended as {state}: {clean(why, limit=300)}"
        raise AwsFailure(message, error_code=state, operation="StartQuery")


def _cells(row: object) -> dict[str, str]:
    cells = row if isinstance(row, list) else []
    pairs = (pair for cell in cells if isinstance(cell, dict) for pair in cell.items())
    return {
        name: value for name, value in pairs if isinstance(name, str) and isinstance(value, str)
    }
