"""Exactly this is sent to SNS and SES, and a refusal is one of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from botocore.stub import Stubber

from fakes.tellers import TOPIC
from unleak.aws.posting import AwsPoster
from unleak.errors import AwsFailure, MissingPermission, UnleakError

if TYPE_CHECKING:
    from unleak.aws.session import AwsSession

PUBLISHED = {"TopicArn": TOPIC, "Subject": "info: done", "Message": "words"}
MAILED = {
    "FromEmailAddress": "unleak@example.com",
    "Destination": {"ToAddresses": ["a@example.com", "b@example.com"]},
    "Content": {
        "Simple": {
            "Subject": {"Data": "info: done", "Charset": "UTF-8"},
            "Body": {"Text": {"Data": "words", "Charset": "UTF-8"}},
        }
    },
}


def test_a_topic_is_asked_in_its_own_region(session: AwsSession) -> None:
    far = TOPIC.replace("eu-west-1", "us-west-2")
    with Stubber(session.client("sns", "us-west-2")) as sns:
        sns.add_response("publish", {"MessageId": "m"}, {**PUBLISHED, "TopicArn": far})

        AwsPoster(session).publish(far, "info: done", "words")

        sns.assert_no_pending_responses()


def test_one_mail_goes_to_all_recipients(session: AwsSession) -> None:
    with Stubber(session.client("sesv2")) as ses:
        ses.add_response("send_email", {"MessageId": "m"}, MAILED)

        AwsPoster(session).send_mail(
            "unleak@example.com", ("a@example.com", "b@example.com"), "info: done", "words"
        )

        ses.assert_no_pending_responses()


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("AuthorizationError", 403, MissingPermission),
        ("AccessDenied", 403, MissingPermission),
        ("NotFound", 404, AwsFailure),
        ("InvalidParameter", 400, AwsFailure),
        ("KMSAccessDenied", 400, AwsFailure),
    ],
)
def test_what_sns_refuses_is_a_situation(
    session: AwsSession, code: str, status: int, kind: type[UnleakError]
) -> None:
    with Stubber(session.client("sns", "eu-west-1")) as sns:
        sns.add_client_error("publish", code, "no", status, expected_params=PUBLISHED)

        with pytest.raises(kind):
            AwsPoster(session).publish(TOPIC, "info: done", "words")


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("MessageRejected", AwsFailure),
        ("AccountSuspendedException", AwsFailure),
        ("AccessDeniedException", MissingPermission),
        ("NotFoundException", UnleakError),
    ],
)
def test_what_ses_refuses_is_a_situation(
    session: AwsSession, code: str, kind: type[UnleakError]
) -> None:
    with Stubber(session.client("sesv2")) as ses:
        ses.add_client_error("send_email", code, "no", 400)

        with pytest.raises(kind):
            AwsPoster(session).send_mail("u@example.com", ("a@example.com",), "s", "t")


def test_being_throttled_is_waited_out(session: AwsSession) -> None:
    with Stubber(session.client("sns", "eu-west-1")) as sns:
        sns.add_client_error("publish", "Throttled", "slow down", 429)
        sns.add_response("publish", {"MessageId": "m"}, PUBLISHED)

        AwsPoster(session).publish(TOPIC, "info: done", "words")

        sns.assert_no_pending_responses()
