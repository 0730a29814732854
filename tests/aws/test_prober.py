"""The harmless calls: signed by the leaked credential alone, tried once, never an exception."""

from __future__ import annotations

import socket
from datetime import UTC, datetime

import pytest

from aws.loopback import Loopback, Reply, refused
from unleak.aws.prober import UNREACHABLE, AwsProber
from unleak.aws.session import AwsSession, AwsSettings
from unleak.errors import WrongUse
from unleak.model.credential import FoundCredential
from unleak.model.ports import ProbeAnswer
from unleak.model.secret import Secret

LEAKED = FoundCredential(
    access_key_id="ASIALEAKEDLEAKEDLEAK",
    secret=Secret("leaked-secret"),
    session_token=Secret("leaked-token"),
)
SEVEN = datetime(2026, 11, 24, 7, tzinfo=UTC)
XML = ("s3", "sns", "iam", "sts")
JSON = ("sqs", "dynamodb", "lambda", "secretsmanager", "ssm", "kms")


def denied(service: str) -> Reply:
    if service in JSON:
        return Reply(status=400, body='{"__type": "AccessDeniedException", "message": "no"}')
    if service == "ec2":
        error = "<Error><Code>UnauthorizedOperation</Code><Message>no</Message></Error>"
        return Reply(status=403, body=f"<Response><Errors>{error}</Errors></Response>")
    if service == "s3":
        return Reply(
            status=403, body="<Error><Code>AccessDenied</Code><Message>no</Message></Error>"
        )
    return refused("AccessDenied", status=403)


@pytest.mark.parametrize("service", [*XML, *JSON, "ec2"])
def test_a_denied_probe_brings_the_service_s_own_code_and_aws_s_time(
    cloud: Loopback, near: AwsSession, service: str
) -> None:
    cloud.replies = [denied(service)]

    answer = AwsProber(near).probe(LEAKED, service=service, region="ap-south-1")

    assert not answer.ok
    assert answer.error_code in {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}
    assert answer.message == "no"
    assert answer.status in {400, 403}
    assert answer.at == SEVEN
    assert (answer.service, answer.region) == (service, "ap-south-1")


@pytest.mark.parametrize("service", [*XML, *JSON, "ec2"])
def test_a_probe_is_signed_by_the_leaked_credential_and_tried_once(
    cloud: Loopback, near: AwsSession, service: str
) -> None:
    cloud.replies = [Reply(status=503)]

    AwsProber(near).probe(LEAKED, service=service, region="ap-south-1")

    assert len(cloud.requests) == 1
    headers = cloud.requests[0].headers
    assert "ASIALEAKEDLEAKEDLEAK" in headers["authorization"]
    assert headers["x-amz-security-token"] == "leaked-token"


def test_the_services_are_those_of_the_brief(session: AwsSession) -> None:
    assert set(AwsProber(session).services) == {*XML, *JSON, "ec2"}


def test_a_probe_that_is_let_through_is_ok(cloud: Loopback, near: AwsSession) -> None:
    cloud.replies = [Reply(body='{"TableNames": []}')]

    answer = AwsProber(near).probe(LEAKED, service="dynamodb", region="eu-west-1")

    assert answer == ProbeAnswer(
        service="dynamodb",
        operation="ListTables",
        region="eu-west-1",
        ok=True,
        status=200,
        at=SEVEN,
    )


def test_a_dry_run_that_would_have_succeeded_means_allowed(
    cloud: Loopback, near: AwsSession
) -> None:
    error = "<Error><Code>DryRunOperation</Code><Message>would have succeeded</Message></Error>"
    cloud.replies = [Reply(status=412, body=f"<Response><Errors>{error}</Errors></Response>")]

    answer = AwsProber(near).probe(LEAKED, service="ec2", region="eu-west-1")

    assert answer.ok
    assert answer.error_code == "DryRunOperation"
    assert cloud.requests[0].form["DryRun"] == "true"


def test_an_encoded_refusal_is_kept_for_decoding_and_never_shown(
    cloud: Loopback, near: AwsSession
) -> None:
    encoded = "x9_Yz-" * 60
    words = f"You are not authorized. Encoded authorization failure message: {encoded}"
    error = f"<Error><Code>UnauthorizedOperation</Code><Message>{words}</Message></Error>"
    cloud.replies = [Reply(status=403, body=f"<Response><Errors>{error}</Errors></Response>")]

    answer = AwsProber(near).probe(LEAKED, service="ec2", region="eu-west-1")

    assert answer.encoded == Secret(encoded)
    assert answer.message.endswith("message: [encoded]")
    assert "x9_Yz-" not in repr(answer)


def test_a_network_that_does_not_answer_is_unreachable_not_denied() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    prober = AwsProber(AwsSession(AwsSettings(endpoint_url=url, connect_seconds=1)))

    answer = prober.probe(LEAKED, service="sqs", region="eu-west-1")

    assert not answer.ok
    assert answer.error_code == UNREACHABLE
    assert answer.at is None


def test_an_answer_that_is_not_aws_s_is_unsupported(cloud: Loopback, near: AwsSession) -> None:
    cloud.replies = [Reply(status=405)]

    answer = AwsProber(near).probe(LEAKED, service="sns", region="eu-west-1")

    assert answer.error_code == "Unsupported"


def test_a_token_that_cannot_be_sent_is_told_without_repeating_it(near: AwsSession) -> None:
    broken = FoundCredential(
        access_key_id="ASIALEAKEDLEAKEDLEAK",
        secret=Secret("leaked-secret"),
        session_token=Secret("token-one\ntoken-two"),
    )

    answer = AwsProber(near).probe(broken, service="sqs", region="eu-west-1")

    assert not answer.ok
    assert "token-one" not in repr(answer)


def test_what_aws_says_back_never_holds_the_leaked_secrets(
    cloud: Loopback, near: AwsSession
) -> None:
    cloud.replies = [refused("AccessDenied", "leaked-secret leaked-token", status=403)]

    answer = AwsProber(near).probe(LEAKED, service="iam", region="eu-west-1")

    assert "leaked-" not in repr(answer)


def test_a_new_session_under_an_old_key_id_is_not_signed_with_the_old_token(
    cloud: Loopback, near: AwsSession
) -> None:
    cloud.replies = [Reply(body="{}")]
    prober = AwsProber(near)
    other = FoundCredential(
        access_key_id="ASIALEAKEDLEAKEDLEAK",
        secret=Secret("leaked-secret"),
        session_token=Secret("another-token"),
    )

    prober.probe(LEAKED, service="kms", region="eu-west-1")
    prober.probe(other, service="kms", region="eu-west-1")

    tokens = [request.headers["x-amz-security-token"] for request in cloud.requests]
    assert tokens == ["leaked-token", "another-token"]


def test_no_probe_for_a_service_or_nothing_to_sign_with_is_wrong_use(session: AwsSession) -> None:
    prober = AwsProber(session)

    with pytest.raises(WrongUse, match="no probe for braket"):
        prober.probe(LEAKED, service="braket", region="eu-west-1")
    with pytest.raises(WrongUse):
        prober.probe(FoundCredential(access_key_id="AKIA"), service="s3", region="eu-west-1")
