"""A search only asks, page by page; a change is made by the writing desk alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from botocore.stub import Stubber

from unleak.aws.desk import ReadingDesk, WritingDesk
from unleak.errors import UnleakError
from unleak.model.secret import Secret

if TYPE_CHECKING:
    from unleak.aws.session import AwsSession


def test_pages_are_followed_by_the_tokens_of_each_service(session: AwsSession) -> None:
    with Stubber(session.client("lambda", "eu-west-1")) as stubber:
        stubber.add_response("list_functions", {"Functions": [], "NextMarker": "m"}, {})
        stubber.add_response("list_functions", {"Functions": []}, {"Marker": "m"})

        answers = list(ReadingDesk(session).pages("lambda", "list_functions"))

        stubber.assert_no_pending_responses()
    assert len(answers) == 2


def test_a_call_without_pages_is_made_once(session: AwsSession) -> None:
    with Stubber(session.client("iam", "eu-west-1")) as stubber:
        stubber.add_response("get_account_summary", {"SummaryMap": {}}, {})

        answers = list(ReadingDesk(session).pages("iam", "get_account_summary"))

        stubber.assert_no_pending_responses()
    assert len(answers) == 1


@pytest.mark.parametrize("method", ["delete_function", "put_parameter", "create_secret", "invoke"])
def test_a_search_cannot_change_a_thing(session: AwsSession, method: str) -> None:
    with pytest.raises(UnleakError, match="no question"):
        ReadingDesk(session).ask("lambda", method)


def test_a_refusal_does_not_repeat_the_new_secret(session: AwsSession) -> None:
    secret = Secret("Qm9/aGVsbG8+d29ybGQvc2VjcmV0MTIzNDU2Nzg5")
    with Stubber(session.client("ssm", "eu-west-1")) as stubber:
        message = f"value {secret.reveal()} is not valid"
        stubber.add_client_error("put_parameter", "ValidationException", message, 400)

        with pytest.raises(UnleakError) as raised:
            WritingDesk(session).change(
                "ssm",
                "put_parameter",
                {"Name": "/a", "Value": secret.reveal()},
                secrets=(secret,),
            )

    assert secret.reveal() not in raised.value.message
