"""What `deploy/` describes works: patterns match real events, the fan-out runs to its end."""

from __future__ import annotations

import io
import json
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from deploy.patterns import PATTERNS
from lab.ministack import ACCOUNT, MiniStack, trusting

if TYPE_CHECKING:
    from lab.wire import Answer, Wire

pytestmark = pytest.mark.clouds

MACHINE = Path(__file__).resolve().parents[2] / "deploy" / "fan-out" / "state-machine.asl.json"
KEY_ID = "AKIAQNZGKIQYWXYZ2345"


def guard_duty(**detail: object) -> tuple[str, str, dict[str, object]]:
    return "aws.guardduty", "GuardDuty Finding", dict(detail)


def trail(name: str, **parameters: str) -> tuple[str, str, dict[str, object]]:
    detail: dict[str, object] = {
        "eventSource": "iam.amazonaws.com",
        "eventName": name,
        "requestParameters": {"userName": "ci", **parameters},
    }
    return "aws.iam", "AWS API Call via CloudTrail", detail


def health(code: str) -> tuple[str, str, dict[str, object]]:
    entities = [{"entityValue": KEY_ID}]
    detail: dict[str, object] = {"eventTypeCode": code, "affectedEntities": entities}
    return "aws.health", "AWS Health Event", detail


def advisor(check: str) -> tuple[str, str, dict[str, object]]:
    detail: dict[str, object] = {"check-name": check, "status": "ERROR"}
    return "aws.trustedadvisor", "Trusted Advisor Check Item Refresh Notification", detail


def imported(kind: str, state: str) -> tuple[str, str, dict[str, object]]:
    finding = {"RecordState": state, "Resources": [{"Type": kind}, {"Type": "AwsAccount"}]}
    return "aws.securityhub", "Security Hub Findings - Imported", {"findings": [finding]}


def ocsf(class_uid: int) -> tuple[str, str, dict[str, object]]:
    finding = {"class_uid": class_uid, "finding_info": {"types": ["TTPs"]}}
    return "aws.securityhub", "Findings Imported V2", {"findings": [finding]}


MATCHED = [
    ("Health", health("AWS_RISK_CREDENTIALS_EXPOSED")),
    ("Health", health("AWS_RISK_IAM_QUARANTINE")),
    ("TrustedAdvisor", advisor("Exposed Access Keys")),
    ("GuardDuty", guard_duty(resource={"resourceType": "AccessKey"}, type="Recon:IAMUser/X")),
    (
        "GuardDuty",
        guard_duty(
            resource={"resourceType": "AttackSequence"},
            type="AttackSequence:IAM/CompromisedCredentials",
        ),
    ),
    ("SecurityHub", imported("AwsIamAccessKey", "ACTIVE")),
    ("SecurityHub", imported("AwsIamRole", "ACTIVE")),
    ("SecurityHub", imported("AwsIamUser", "ACTIVE")),
    ("SecurityHubOcsf", ocsf(2004)),
    (
        "Quarantine",
        trail(
            "AttachUserPolicy",
            policyArn="arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3",
        ),
    ),
    ("Quarantine", trail("PutUserPolicy", policyName="AWSExposedCredentialPolicy_DO_NOT_REMOVE")),
]
LEFT_ALONE = [
    ("Health", health("AWS_EC2_OPERATIONAL_ISSUE")),
    ("TrustedAdvisor", advisor("Low Utilization Amazon EC2 Instances")),
    ("GuardDuty", guard_duty(resource={"resourceType": "S3Bucket"}, type="Policy:S3/X")),
    ("SecurityHub", imported("AwsS3Bucket", "ACTIVE")),
    ("SecurityHub", imported("AwsIamAccessKey", "ARCHIVED")),
    ("SecurityHubOcsf", ocsf(2003)),
    ("Quarantine", trail("AttachUserPolicy", policyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")),
    ("Quarantine", trail("PutUserPolicy", policyName="work")),
]


def matches(wire: Wire, name: str, event: tuple[str, str, dict[str, object]]) -> bool:
    source, detail_type, detail = event
    whole = {
        "id": "1",
        "version": "0",
        "account": ACCOUNT,
        "region": "us-east-1",
        "time": "2026-11-25T00:00:00Z",
        "resources": [],
        "source": source,
        "detail-type": detail_type,
        "detail": detail,
    }
    asked = {"EventPattern": json.dumps(PATTERNS[name]), "Event": json.dumps(whole)}
    return wire.call("events", "test_event_pattern", **asked).value("Result") is True


def test_rules_take_the_events_of_their_sender_and_leave_the_rest_alone(
    ministack: MiniStack,
) -> None:
    taken = [matches(ministack.admin, name, event) for name, event in MATCHED]
    left = [matches(ministack.admin, name, event) for name, event in LEFT_ALONE]

    assert taken == [True] * len(MATCHED)
    assert left == [False] * len(LEFT_ALONE)


HANDLER = """
import os

def handler(event, context):
    # fails for `hopeless`, and the first time for `shaky`
    tried = os.path.join(os.environ["TRIED"], event["access_key_id"])
    again = os.path.exists(tried)
    with open(tried, "a") as file:
        file.write("x")
    if event["access_key_id"] == "hopeless" or (event["access_key_id"] == "shaky" and not again):
        raise RuntimeError("not answered")
    return {"answered": event["access_key_id"]}
"""


def run(wire: Wire, folder: Path, key_ids: list[str]) -> Answer:
    """Deploy the state machine with a handler that counts, and hand it a list."""
    role = wire.call(
        "iam", "create_role", RoleName="fan-out", AssumeRolePolicyDocument=trusting()
    ).text("Role", "Arn")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("index.py", HANDLER)
    function = wire.call(
        "lambda",
        "create_function",
        FunctionName="responder",
        Runtime="python3.13",
        Role=role,
        Handler="index.handler",
        Code={"ZipFile": packed.getvalue()},
        Environment={"Variables": {"TRIED": str(folder)}},
    ).text("FunctionArn")
    definition = MACHINE.read_text(encoding="utf-8").replace("${FunctionArn}", function)
    machine = wire.call(
        "stepfunctions",
        "create_state_machine",
        name="unleak-fan-out",
        definition=definition.replace("${Partition}", "aws"),
        roleArn=role,
    ).text("stateMachineArn")
    given = json.dumps({"items": [{"access_key_id": each} for each in key_ids]})
    started = wire.call("stepfunctions", "start_execution", stateMachineArn=machine, input=given)
    return _ended(wire, started.text("executionArn"))


def _ended(wire: Wire, execution: str) -> Answer:
    deadline = time.monotonic() + 60
    while True:
        answer = wire.call("stepfunctions", "describe_execution", executionArn=execution)
        if answer.text("status") != "RUNNING" or time.monotonic() > deadline:
            return answer
        time.sleep(0.1)


def test_a_list_is_answered_for_item_by_item_and_what_failed_once_is_tried_again(
    ministack: MiniStack, tmp_path: Path
) -> None:
    done = run(ministack.admin, tmp_path, ["first", "shaky", "last"])

    assert done.text("status") == "SUCCEEDED"
    tries = {path.name: len(path.read_text()) for path in tmp_path.iterdir()}
    assert tries == {"first": 1, "shaky": 2, "last": 1}
    assert json.loads(done.text("output"))["outcomes"] == [{"failed": False}] * 3


def test_an_item_that_keeps_failing_stops_no_other_and_fails_the_whole_loudly(
    ministack: MiniStack, tmp_path: Path
) -> None:
    done = run(ministack.admin, tmp_path, ["hopeless", "first", "last"])

    assert (done.text("status"), done.text("error")) == ("FAILED", "SomeFailed")
    tries = {path.name: len(path.read_text()) for path in tmp_path.iterdir()}
    assert tries == {"hopeless": 4, "first": 1, "last": 1}
