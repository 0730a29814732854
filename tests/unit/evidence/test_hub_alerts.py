"""Findings that come by Security Hub, the old and the new: a credential or a mere setting."""

from __future__ import annotations

import pytest

from fakes import events
from fakes.events import ACCOUNT, KEY_ID, ROLE_ID, SESSION_ID
from unleak.evidence.alerts.read import read_event
from unleak.model.alert import Alert, Sender


def only(event: object) -> Alert:
    (alert,) = read_event(event).alerts
    return alert


def whose(alert: Alert) -> str:
    return "" if alert.principal is None else alert.principal.label


def test_security_hub_passes_on_whose_key_it_is() -> None:
    alert = only(events.security_hub())

    assert (alert.sender, alert.severity) == (Sender.SECURITY_HUB, "medium")
    assert (alert.access_key_id, whose(alert)) == (SESSION_ID, "role/deploy")
    assert (alert.principal_id, alert.session_name) == (ROLE_ID, "worker")
    assert alert.summary == "GuardDuty: Kali Linux was used by deploy."


def test_the_issuer_of_a_session_is_whose_it_is() -> None:
    finding = events.asff()
    finding["Resources"] = [
        {
            "Type": "AwsIamAccessKey",
            "Id": f"AWS::IAM::AccessKey:{SESSION_ID}",
            "Details": {
                "AwsIamAccessKey": {
                    "PrincipalType": "AssumedRole",
                    "PrincipalId": f"{ROLE_ID}:worker",
                    "SessionContext": {
                        "SessionIssuer": {
                            "Type": "Role",
                            "Arn": f"arn:aws:iam::{ACCOUNT}:role/team/deploy",
                        }
                    },
                }
            },
        }
    ]

    alert = only(finding)

    assert (alert.access_key_id, whose(alert)) == (SESSION_ID, "role/deploy")
    assert alert.session_name == "worker"


def test_several_findings_in_one_event_are_several_alerts() -> None:
    reading = read_event(events.security_hub(events.asff(), events.asff(KEY_ID)))

    assert [each.access_key_id for each in reading.alerts] == [SESSION_ID, KEY_ID]


def test_security_hub_passes_on_attack_sequences() -> None:
    finding = events.asff()
    finding["Resources"] = []
    finding["Detection"] = {"Sequence": {"Actors": [{"User": {"CredentialUid": KEY_ID}}]}}

    assert only(events.security_hub(finding)).access_key_id == KEY_ID


def test_a_role_counts_where_a_finding_names_no_key() -> None:
    finding = events.asff()
    finding["Resources"] = [{"Type": "AwsIamRole", "Id": f"arn:aws:iam::{ACCOUNT}:role/x/deploy"}]

    assert only(finding).subject == f"account/{ACCOUNT}/role/deploy"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RecordState", "ARCHIVED"),
        ("Workflow", {"Status": "RESOLVED"}),
        ("Workflow", {"Status": "SUPPRESSED"}),
        ("VerificationState", "FALSE_POSITIVE"),
        ("Sample", True),
        ("Compliance", {"Status": "FAILED"}),
        ("Types", ["Software and Configuration Checks/AWS Security Best Practices"]),
        ("Types", ["TTPs/Policy:IAMUser-RootCredentialUsage"]),
        ("Resources", [{"Type": "AwsS3Bucket", "Id": "arn:aws:s3:::b"}]),
    ],
)
def test_findings_that_are_settled_or_about_settings_are_no_alert(name: str, value: object) -> None:
    finding = events.asff()
    finding[name] = value

    reading = read_event(events.security_hub(finding))

    assert reading.alerts == ()
    assert len(reading.ignored) == 1


def test_the_new_security_hub_names_the_actors_key() -> None:
    alert = only(events.security_hub_v2())

    assert (alert.access_key_id, whose(alert), alert.account) == (KEY_ID, "user/ci", ACCOUNT)
    assert alert.type == "CredentialAccess:IAMUser/AnomalousBehavior"
    assert alert.severity == "medium"


@pytest.mark.parametrize(
    "uid", [KEY_ID, f"AWS::IAM::AccessKey:{KEY_ID}", f"arn:aws:iam::{ACCOUNT}:access-key/{KEY_ID}"]
)
def test_the_new_security_hub_may_name_the_key_as_a_resource(uid: str) -> None:
    finding = events.ocsf()
    finding["evidences"] = []
    finding["resources"] = [{"uid": uid, "type": "AWS::IAM::AccessKey"}]

    assert only(events.security_hub_v2(finding)).access_key_id == KEY_ID


def test_a_session_of_the_new_security_hub_is_its_issuers() -> None:
    finding = events.ocsf()
    finding["actor"] = {
        "session": {"issuer": f"arn:aws:iam::{ACCOUNT}:role/deploy", "credential_uid": SESSION_ID}
    }
    finding["evidences"] = []

    alert = only(events.security_hub_v2(finding))

    assert (alert.access_key_id, whose(alert)) == (SESSION_ID, "role/deploy")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("class_uid", 2003),
        ("finding_info", {"uid": "1", "types": ["TTPs/Policy:IAMUser/RootCredentialUsage"]}),
        ("status", "Suppressed"),
        ("status", "Resolved"),
        ("activity_name", "Close"),
        ("evidences", []),
    ],
)
def test_other_findings_of_the_new_security_hub_are_no_alert(name: str, value: object) -> None:
    finding = events.ocsf()
    finding[name] = value

    assert read_event(events.security_hub_v2(finding)).alerts == ()
