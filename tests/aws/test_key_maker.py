"""A key is made at most once, whatever becomes of the answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from botocore.stub import Stubber

from unleak.aws.key_maker import AwsKeyMaker
from unleak.errors import AwsFailure, MissingPermission, UnleakError

if TYPE_CHECKING:
    from unleak.aws.session import AwsSession

SECRET = "Qm9/aGVsbG8+d29ybGQvc2VjcmV0MTIzNDU2Nzg5"
KEY = {
    "UserName": "ci",
    "AccessKeyId": "AKIAY34FZKBOKMUTVV7A",
    "Status": "Active",
    "SecretAccessKey": SECRET,
}


@pytest.fixture
def iam(session: AwsSession) -> Iterator[Stubber]:
    with Stubber(session.client("iam")) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def test_the_id_and_the_secret_come_back(session: AwsSession, iam: Stubber) -> None:
    iam.add_response("create_access_key", {"AccessKey": KEY}, {"UserName": "ci"})

    key_id, secret = AwsKeyMaker(session).create_key("ci")

    assert key_id == KEY["AccessKeyId"]
    assert secret.reveal() == SECRET
    assert SECRET not in repr(secret)


def test_being_throttled_means_that_nothing_was_made_so_it_is_sent_again(
    session: AwsSession, iam: Stubber
) -> None:
    iam.add_client_error("create_access_key", "Throttling", "Rate exceeded", 400)
    iam.add_response("create_access_key", {"AccessKey": KEY}, {"UserName": "ci"})

    key_id, _ = AwsKeyMaker(session).create_key("ci")

    assert key_id == KEY["AccessKeyId"]


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("ServiceFailure", 500, AwsFailure),
        ("LimitExceeded", 409, AwsFailure),
        ("AccessDenied", 403, MissingPermission),
    ],
)
def test_any_other_answer_is_not_followed_by_a_second_call(
    session: AwsSession, iam: Stubber, code: str, status: int, kind: type[UnleakError]
) -> None:
    iam.add_client_error("create_access_key", code, "no", status)

    with pytest.raises(kind):
        AwsKeyMaker(session).create_key("ci")


def test_an_answer_without_a_key_is_no_key(session: AwsSession, iam: Stubber) -> None:
    iam.add_response(
        "create_access_key", {"AccessKey": {**KEY, "SecretAccessKey": ""}}, {"UserName": "ci"}
    )

    with pytest.raises(AwsFailure):
        AwsKeyMaker(session).create_key("ci")
