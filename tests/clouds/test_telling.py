"""Messages go out through SNS and SES of a cloud, and the URLs of chats come out of its stores."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from lab.stores.loopback import Asked, Given, ask, serve
from lab.wire import REGION, Wire
from unleak.aws.posting import AwsPoster
from unleak.aws.secret_fetch import AwsSecrets
from unleak.aws.session import AwsSession, AwsSettings
from unleak.model.message import Delivery, Message
from unleak.notify.teller import Tellers

if TYPE_CHECKING:
    from pathlib import Path

    from lab.ministack import MiniStack

SENDER = "unleak@example.com"
MESSAGE = Message(title="CONTAINED: AKIA", lines=("Deactivated.",), incident="2026-k3fz")


@pytest.fixture
def session(ministack: MiniStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AwsSession:
    for name, value in ministack.responder.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    return AwsSession(AwsSettings(region=REGION, endpoint_url=ministack.endpoint))


def policy(queue: str) -> str:
    """Let SNS deliver into a queue, as AWS asks for it too."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue,
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_one_message_reaches_a_topic_a_mailbox_and_the_webhooks_of_two_stores(
    ministack: MiniStack, session: AwsSession
) -> None:
    wire = Wire(endpoint=ministack.endpoint, keys=ministack.responder)
    topic = wire.call("sns", "create_topic", Name="security").text("TopicArn")
    queue = wire.call("sqs", "create_queue", QueueName="security").text("QueueUrl")
    queue_facts = wire.call(
        "sqs", "get_queue_attributes", QueueUrl=queue, AttributeNames=["QueueArn"]
    )
    arn = queue_facts.text("Attributes", "QueueArn")
    wire.call("sqs", "set_queue_attributes", QueueUrl=queue, Attributes={"Policy": policy(arn)})
    wire.call("sns", "subscribe", TopicArn=topic, Protocol="sqs", Endpoint=arn)
    wire.call("sesv2", "create_email_identity", EmailIdentity=SENDER)
    heard: list[Asked] = []

    def answer(told: Asked) -> Given:
        heard.append(told)
        return Given()

    with serve(answer) as url:
        hook = url.replace("http", "json")
        wire.call(
            "ssm",
            "put_parameter",
            Name="/unleak/chats",
            Value=f"{hook}/from-ssm",
            Type="SecureString",
        )
        wire.call(
            "secretsmanager", "create_secret", Name="chats", SecretString=f"{hook}/from-manager"
        )
        told = Tellers(
            (
                f"sns:{topic}",
                f"ses:{SENDER}:oncall@example.com",
                "ssm:/unleak/chats",
                "secretsmanager:chats",
                f"sns:{topic}-of-nobody",
                "ssm:/not/there",
            ),
            poster=AwsPoster(session),
            secrets=AwsSecrets(session),
            limit_seconds=60,
        ).tell(MESSAGE)

    assert [each.delivery for each in told] == [
        *(Delivery.SENT, Delivery.SENT, Delivery.SENT, Delivery.SENT),
        *(Delivery.REFUSED, Delivery.UNUSABLE),
    ]
    received = wire.call("sqs", "receive_message", QueueUrl=queue, WaitTimeSeconds=5)
    (message,) = received.rows("Messages")
    envelope = json.loads(message.text("Body"))
    assert envelope["Subject"] == "warning: CONTAINED: AKIA"
    assert envelope["Message"] == "\u2022 Deactivated.\nIncident: 2026-k3fz"
    mailed = json.dumps(ask(f"{ministack.endpoint}/_ministack/ses/messages", {}))
    assert "oncall@example.com" in mailed
    assert "warning: CONTAINED: AKIA" in mailed
    assert sorted(each.path for each in heard) == ["/from-manager", "/from-ssm"]
    assert {str(each.body["message"]) for each in heard} == {envelope["Message"]}
