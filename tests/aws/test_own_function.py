"""The function hands exactly this to itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from botocore.stub import Stubber

from unleak.aws.own_function import OwnFunction
from unleak.errors import MissingPermission, UnreadableEvent

if TYPE_CHECKING:
    from unleak.aws.session import AwsSession


def test_an_event_is_handed_over_without_waiting_for_what_comes_of_it(session: AwsSession) -> None:
    expected = {
        "FunctionName": "unleak-responder",
        "InvocationType": "Event",
        "Payload": b'{"unleak":"web"}',
    }
    with Stubber(session.client("lambda")) as stub:
        stub.add_response("invoke", {"StatusCode": 202}, expected)

        OwnFunction(session, "unleak-responder").hand_over({"unleak": "web"})

        stub.assert_no_pending_responses()


def test_what_does_not_fit_is_refused_before_it_is_sent(session: AwsSession) -> None:
    with Stubber(session.client("lambda")), pytest.raises(UnreadableEvent, match="too large"):
        OwnFunction(session, "unleak-responder").hand_over({"body": "x" * 300_000})


def test_a_role_that_may_not_is_said_so(session: AwsSession) -> None:
    with Stubber(session.client("lambda")) as stub:
        stub.add_client_error("invoke", "AccessDeniedException", http_status_code=403)

        with pytest.raises(MissingPermission):
            OwnFunction(session, "unleak-responder").hand_over({"unleak": "web"})
