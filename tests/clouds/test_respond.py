"""An event comes in, the leaked key is refused, one message goes out: as a Lambda would do it."""

from __future__ import annotations

import json
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lab.lambda_api import Raised, Returned
from lab.lambda_archive import fresh
from lab.lambda_runtime import Environment, make_writable, running, unpack
from lab.ministack import ACCOUNT
from lab.proxy import Proxy, Rule
from lab.scene import REVOKE_POLICY, Scene
from lab.trouble import THROTTLED, After, Before, Trouble
from lab.wire import REGION
from unleak.aws.session import AwsSettings
from unleak.evidence.alerts.read import read_event
from unleak.flow.doors import AwsDoors
from unleak.respond.policy import Policy, Verdict
from unleak.respond.policy_file import read_policy
from unleak.respond.respond import respond
from unleak.respond.settings import station_for

if TYPE_CHECKING:
    from lab.wire import Keys, Wire
    from unleak.respond.answer import Responded

pytestmark = [
    pytest.mark.clouds,
    pytest.mark.skipif(sys.platform != "linux", reason="mount namespaces are Linux's"),
]

HANDLER = "unleak.lambda_handler"
LOCK_SECONDS = 30
"""A dead worker's lock lapses within this."""


@dataclass
class Town:
    """A function, its table, its topic with a queue behind it, and an account that leaks."""

    aws: Scene
    proxy: Proxy
    function: Environment
    table: str
    queue: str
    policy: Policy

    @property
    def wire(self) -> Wire:
        """An independent client with the administrator's key."""
        return self.aws.cloud.admin

    def messages(self) -> list[str]:
        """Return the subjects that have come out of the topic, and forget them."""
        found: list[str] = []
        while True:
            heard = self.wire.call(
                "sqs", "receive_message", QueueUrl=self.queue, MaxNumberOfMessages=10
            )
            if "Messages" not in heard.fields:
                return found
            for each in heard.rows("Messages"):
                found.append(json.loads(each.text("Body"))["Subject"])
                receipt = each.text("ReceiptHandle")
                self.wire.call("sqs", "delete_message", QueueUrl=self.queue, ReceiptHandle=receipt)

    def incidents(self) -> list[str]:
        """Return the incidents in the table, by the command line of a person."""
        shell = replace(self.aws.shell, extra={"UNLEAK_HOME": f"dynamodb:{self.table}"})
        listed = shell.run("incidents", "--json")
        return [row.text("incident") for row in listed.document.rows("incidents")]

    def let_claims_lapse(self) -> None:
        """Let a minute pass for the claims: nobody has renewed them."""
        rows = self.wire.call(
            "dynamodb",
            "query",
            TableName=self.table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": "claim"}},
        ).rows("Items")
        for row in rows:
            key = {name: {"S": row.text(name, "S")} for name in ("pk", "sk")}
            self.wire.call(
                "dynamodb",
                "update_item",
                TableName=self.table,
                Key=key,
                UpdateExpression="SET #until = :past",
                ExpressionAttributeNames={"#until": "until"},
                ExpressionAttributeValues={":past": {"N": "1"}},
            )


@pytest.fixture(scope="module")
def code(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The archive of this source tree, unpacked where nothing can be written."""
    folder = unpack(fresh(), tmp_path_factory.mktemp("lambda") / "code")
    yield folder
    make_writable(folder)


@pytest.fixture
def town(ministack_scene: Scene, code: Path, tmp_path: Path) -> Iterator[Town]:
    with ExitStack() as stack:
        aws = ministack_scene
        proxy = stack.enter_context(Proxy(upstream=aws.cloud.endpoint))
        function = stack.enter_context(made(aws, proxy, code, tmp_path))
        yield function


@contextmanager
def made(aws: Scene, proxy: Proxy, code: Path, folder: Path) -> Iterator[Town]:
    """Make a table, a topic, a policy and a function over them."""
    wire, word = aws.cloud.admin, uuid.uuid4().hex[:8]
    keys = {"pk": "HASH", "sk": "RANGE"}
    wire.call(
        "dynamodb",
        "create_table",
        TableName=f"unleak-{word}",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": each, "AttributeType": "S"} for each in keys],
        KeySchema=[{"AttributeName": each, "KeyType": kind} for each, kind in keys.items()],
    )
    topic = wire.call("sns", "create_topic", Name=f"security-{word}").text("TopicArn")
    queue = wire.call("sqs", "create_queue", QueueName=f"security-{word}").text("QueueUrl")
    facts = wire.call("sqs", "get_queue_attributes", QueueUrl=queue, AttributeNames=["QueueArn"])
    arn = facts.text("Attributes", "QueueArn")
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    wire.call("sqs", "set_queue_attributes", QueueUrl=queue, Attributes={"Policy": policy})
    wire.call("sns", "subscribe", TopicArn=topic, Protocol="sqs", Endpoint=arn)
    rules = {
        "version": 1,
        "accounts": [ACCOUNT],
        "notify": [f"sns:{topic}"],
        # no thief fights back here, so nothing has to be held for a minute
        "rule": [{"name": "all", "then": "contain", "hold_seconds": 0}],
    }
    wire.call(
        "ssm",
        "put_parameter",
        Name=f"/unleak-{word}/policy",
        Value=json.dumps(rules),
        Type="SecureString",
    )
    environment = Environment(
        code=code,
        handler=HANDLER,
        folder=folder / "run",
        seconds=200,
        variables={
            **aws.cloud.responder.environment,
            "AWS_ENDPOINT_URL": proxy.endpoint,
            "UNLEAK_POLICY": f"ssm:/unleak-{word}/policy",
            "UNLEAK_TABLE": f"unleak-{word}",
        },
    )
    with running(environment):
        yield Town(
            aws=aws,
            proxy=proxy,
            function=environment,
            table=f"unleak-{word}",
            queue=queue,
            policy=read_policy(json.dumps(rules)),
        )


def health(keys: Keys) -> dict[str, object]:
    """Return the event by which AWS Health says that a key is public."""
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "source": "aws.health",
        "detail-type": "AWS Health Event",
        "account": ACCOUNT,
        "region": "us-east-1",
        "time": "2026-11-25T07:00:00Z",
        "detail": {
            "service": "RISK",
            "eventTypeCode": "AWS_RISK_CREDENTIALS_EXPOSED",
            "eventTypeCategory": "issue",
            "statusCode": "open",
            "eventArn": "arn:aws:health:us-east-1::event/RISK/AWS_RISK_CREDENTIALS_EXPOSED/1",
            "affectedEntities": [{"entityValue": keys.access_key_id}],
        },
    }


def test_an_event_comes_in_the_key_is_refused_and_one_message_goes_out(town: Town) -> None:
    user, key = town.aws.user()
    child = town.aws.cloud.session_token(key)
    town.aws.assert_served(key)
    town.aws.assert_served(child)

    first = town.function.invoke(health(key))
    second = town.function.invoke(health(key))

    assert isinstance(first, Returned), (first, town.function.log)
    town.aws.assert_dead(key)
    town.aws.assert_refused(child)
    assert town.aws.status_of_key(user, key) == "Inactive"
    assert town.aws.policies(f"user/{user}") == {"work", REVOKE_POLICY}
    assert isinstance(second, Returned), (second, town.function.log)
    assert len(town.incidents()) == 1
    (subject,) = town.messages()
    assert key.access_key_id[:10] in subject
    assert key.secret not in town.function.log


def test_a_hundred_deliveries_at_once_over_one_table_are_one_response(
    town: Town, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    user, key = town.aws.user()
    for name, value in town.aws.cloud.responder.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    doors = AwsDoors(AwsSettings(region=REGION, endpoint_url=town.aws.cloud.endpoint))
    station = station_for(doors, policy=town.policy, state=doors.state_table(town.table))
    start = threading.Barrier(100)

    def deliver(_: int) -> Responded:
        start.wait()
        return respond(read_event(health(key)), station)

    with ThreadPoolExecutor(100) as pool:
        given = list(pool.map(deliver, range(100)))

    verdicts = [answer.verdict for each in given for answer in each.answers]
    assert [each.failed for each in given if each.failed] == []
    assert (verdicts.count(Verdict.CONTAIN), verdicts.count(None)) == (1, 99)
    assert town.aws.status_of_key(user, key) == "Inactive"
    assert len(town.incidents()) == 1
    assert len(town.messages()) == 1


def killed(hook: Callable[[], None]) -> Trouble:
    """The function dies when AWS has done it, before it hears so."""
    return After(hook=hook)


def dies_before(hook: Callable[[], None]) -> Trouble:
    """The function dies while its request is on the way."""
    return Before(hook=hook)


@pytest.mark.parametrize(
    ("action", "trouble"),
    [
        ("UpdateAccessKey", dies_before),
        ("PutUserPolicy", killed),
        ("Publish", killed),
    ],
)
def test_a_function_that_dies_is_finished_by_the_sweep_under_the_same_incident(
    town: Town, action: str, trouble: Callable[[Callable[[], None]], Trouble]
) -> None:
    user, key = town.aws.user()
    town.aws.assert_served(key)
    rule = Rule(action=action, trouble=trouble(town.function.kill), times=1)
    town.proxy.rules.append(rule)

    died = town.function.invoke(health(key))
    begun = town.incidents()
    meanwhile = town.function.invoke(health(key))
    town.let_claims_lapse()
    finished = swept(town)

    assert not isinstance(died, Returned), died
    assert isinstance(meanwhile, Returned), (meanwhile, town.function.log)
    assert isinstance(finished, Returned), (finished, town.function.log)
    town.aws.assert_dead(key)
    assert town.aws.status_of_key(user, key) == "Inactive"
    assert town.incidents() == begun
    assert len(begun) == 1
    assert REVOKE_POLICY in town.aws.policies(f"user/{user}")
    assert len(town.messages()) == (2 if action == "Publish" else 1)


def swept(town: Town) -> object:
    """Start the sweep until the dead worker's lock has lapsed, as the schedule would."""
    end = time.monotonic() + LOCK_SECONDS
    while True:
        outcome = town.function.invoke({"unleak": "sweep"})
        if not isinstance(outcome, Raised) or time.monotonic() > end:
            return outcome
        time.sleep(1)


def test_a_throttled_cloud_is_tried_again_by_the_next_delivery(town: Town) -> None:
    user, key = town.aws.user()
    rule = Rule(action="TransactWriteItems", trouble=THROTTLED, times=40)
    town.proxy.rules.append(rule)

    first = town.function.invoke(health(key))
    town.proxy.rules.clear()
    second = town.function.invoke(health(key))

    assert isinstance(first, Raised), (first, town.function.log)
    assert isinstance(second, Returned), (second, town.function.log)
    assert town.aws.status_of_key(user, key) == "Inactive"
    assert len(town.incidents()) == 1


def test_garbage_is_refused_and_touches_nothing(town: Town) -> None:
    outcome = town.function.invoke({"source": "aws.health", "detail": ["no"]})

    assert isinstance(outcome, Raised), outcome
    assert "UnreadableEvent" in str(outcome)
    assert not [seen for seen in town.proxy.actions if seen.startswith(("Put", "Update"))]
