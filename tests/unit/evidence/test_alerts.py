"""Events of every documented sender: who, whose, how grave; and what is no alert at all."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from fakes import events
from fakes.events import ACCOUNT, KEY_ID, OTHER_ACCOUNT, ROLE_ID, SESSION_ID, Event
from unleak.errors import UnreadableEvent
from unleak.evidence.alerts.read import read_event
from unleak.model.alert import Alert, Sender
from unleak.model.principal import PrincipalType


def only(event: object) -> Alert:
    (alert,) = read_event(event).alerts
    return alert


def within(event: Event, *path: str) -> Event:
    """Return the object at a path, to be spoilt."""
    for name in path:
        inner = event[name]
        assert isinstance(inner, dict)
        event = inner
    return event


def whose(alert: Alert) -> str:
    return "" if alert.principal is None else alert.principal.label


@pytest.mark.parametrize("service", ["RISK", "IAM"])
def test_health_names_the_key_the_account_and_no_user(service: str) -> None:
    alert = only(events.health("AWS_RISK_CREDENTIALS_EXPOSED", service=service))

    assert alert.sender is Sender.AWS_HEALTH
    assert (alert.type, alert.severity) == ("AWS_RISK_CREDENTIALS_EXPOSED", "critical")
    assert (alert.access_key_id, alert.account, alert.principal) == (KEY_ID, ACCOUNT, None)
    assert alert.at == datetime(2026, 11, 25, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    "code",
    [
        "AWS_RISK_CREDENTIALS_EXPOSED",
        "AWS_RISK_CREDENTIALS_EXPOSURE_SUSPECTED",
        "AWS_RISK_CREDENTIALS_COMPROMISED",
        "AWS_RISK_CREDENTIALS_COMPROMISE_SUSPECTED",
        "AWS_RISK_ACCOUNT_CONSOLE_COMPROMISE",
        "AWS_RISK_IAM_QUARANTINE",
    ],
)
def test_every_credential_code_of_health_is_an_alert(code: str) -> None:
    assert only(events.health(code)).type == code


def test_other_codes_of_health_are_none() -> None:
    reading = read_event(events.health("AWS_EC2_INSTANCE_STORE_DRIVE_PERFORMANCE_DEGRADED"))

    assert reading.alerts == ()
    assert "not about a credential" in reading.ignored[0]


def test_health_of_an_organization_is_about_the_affected_account() -> None:
    event = events.health()
    within(event, "detail")["affectedAccount"] = OTHER_ACCOUNT

    assert only(event).account == OTHER_ACCOUNT


def test_each_entity_of_health_is_an_alert() -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:user/team/ci"

    reading = read_event(events.health("AWS_RISK_CREDENTIALS_EXPOSED", KEY_ID, arn))

    assert [each.subject for each in reading.alerts] == [
        f"key/{KEY_ID}",
        f"account/{ACCOUNT}/user/ci",
    ]


def test_an_entity_that_names_nothing_still_alarms_for_the_account() -> None:
    alert = only(events.health("AWS_RISK_CREDENTIALS_EXPOSED", "something else"))

    assert (alert.access_key_id, alert.principal, alert.account) == (None, None, ACCOUNT)


def test_a_bare_name_is_a_user_only_where_the_code_speaks_of_users() -> None:
    spoken = only(events.health("AWS_RISK_IAM_QUARANTINE", "ci"))
    other = only(events.health("AWS_RISK_CREDENTIALS_EXPOSED", "ci"))

    assert (whose(spoken), whose(other)) == ("user/ci", "")


@pytest.mark.parametrize(
    ("place", "value"), [("statusCode", "closed"), ("affectedEntities", [{"status": "RESOLVED"}])]
)
def test_what_health_calls_done_is_no_alert(place: str, value: object) -> None:
    event = events.health()
    within(event, "detail")[place] = value

    assert read_event(event).alerts == ()


def test_trusted_advisor_names_the_key_and_the_user() -> None:
    alert = only(events.trusted_advisor())

    assert (alert.access_key_id, whose(alert)) == (KEY_ID, "user/ci")
    assert (alert.severity, alert.account) == ("critical", ACCOUNT)
    assert "(Exposed)" in alert.summary


@pytest.mark.parametrize("name", ["root", "Root", "<root_account>"])
def test_trusted_advisor_may_name_root(name: str) -> None:
    principal = only(events.trusted_advisor(user=name)).principal

    assert principal is not None
    assert principal.type is PrincipalType.ROOT


def test_an_item_that_is_fine_is_no_alert() -> None:
    assert read_event(events.trusted_advisor(status="OK")).alerts == ()


def test_other_checks_are_no_alert() -> None:
    event = events.trusted_advisor()
    within(event, "detail")["check-name"] = "Amazon S3 Bucket Permissions"

    assert read_event(event).alerts == ()


def test_guardduty_names_session_role_and_unique_id() -> None:
    alert = only(events.guardduty())

    assert (alert.sender, alert.severity, alert.region) == (Sender.GUARDDUTY, "high", "eu-west-1")
    assert (alert.access_key_id, whose(alert)) == (SESSION_ID, "role/deploy")
    assert (alert.principal_id, alert.session_name) == (ROLE_ID, "i-0123456789abcdef0")
    assert alert.at == datetime(2026, 11, 25, 6, 30, tzinfo=UTC)


def test_a_finding_pasted_from_the_command_line_reads_the_same() -> None:
    finding = events.guardduty_finding()
    details = within(finding, "resource").pop("accessKeyDetails")
    assert isinstance(details, dict)
    pascal = {name[0].upper() + name[1:]: value for name, value in finding.items()}
    pascal["Resource"] = {
        "AccessKeyDetails": {name[0].upper() + name[1:]: each for name, each in details.items()}
    }

    assert only(pascal).subject == only(events.guardduty()).subject


@pytest.mark.parametrize(
    ("kind", "name", "label"),
    [
        ("IAMUser", "ci", "user/ci"),
        ("Role", "deploy", "role/deploy"),
        ("Root", "whatever", "root"),
        ("FederatedUser", "alice", "federated-user/alice"),
        ("AWSAccount", "ci", ""),
        ("IAMUser", "../ci", ""),
        ("IAMUser", "x" * 129, ""),
    ],
)
def test_kinds_of_identity_are_cloudtrails(kind: str, name: str, label: str) -> None:
    event = events.guardduty()
    details = within(event, "detail", "resource", "accessKeyDetails")
    details["userType"], details["userName"] = kind, name

    alert = only(event)

    assert whose(alert) == label
    assert (alert.session_name is None) == (not label.startswith("role/"))


@pytest.mark.parametrize("info", ["{damaged", "[" * 1_000, "[]", "x" * 3_000, 7])
def test_additional_info_that_cannot_be_read_makes_no_sample(info: object) -> None:
    event = events.guardduty()
    within(event, "detail", "service")["additionalInfo"] = {"value": info, "type": "default"}

    assert only(event).access_key_id == SESSION_ID


def test_an_attack_sequence_without_any_credential_is_no_alert() -> None:
    event = events.attack_sequence()
    within(event, "detail", "service", "detection")["sequence"] = {"actors": [{}]}

    assert "names no credential" in read_event(event).ignored[0]


@pytest.mark.parametrize(
    ("number", "word"), [(2, "low"), (4.0, "medium"), (6.9, "medium"), (7, "high"), (9, "critical")]
)
def test_the_grades_are_guarddutys_own(number: float, word: str) -> None:
    event = events.guardduty()
    within(event, "detail")["severity"] = number

    assert only(event).severity == word


@pytest.mark.parametrize("number", [True, "8", None, 0, -1, float("nan")])
def test_what_is_no_grade_is_none(number: object) -> None:
    event = events.guardduty()
    within(event, "detail")["severity"] = number

    assert only(event).severity == ""


@pytest.mark.parametrize(
    ("path", "name", "value"),
    [
        (("service",), "archived", True),
        (("service",), "additionalInfo", {"sample": True}),
        (("service",), "additionalInfo", {"value": '{"sample":true}', "type": "default"}),
        ((), "type", "Policy:S3/BucketBlockPublicAccessDisabled"),
        ((), "resource", {"resourceType": "Instance"}),
    ],
)
def test_findings_without_a_stolen_credential_are_no_alert(
    path: tuple[str, ...], name: str, value: object
) -> None:
    event = events.guardduty()
    within(event, "detail", *path)[name] = value

    reading = read_event(event)

    assert reading.alerts == ()
    assert len(reading.ignored) == 1


def test_an_attack_sequence_names_the_actor_and_not_what_he_touched() -> None:
    alert = only(events.attack_sequence())

    assert alert.sender is Sender.ATTACK_SEQUENCE
    assert (alert.access_key_id, whose(alert)) == (SESSION_ID, "role/deploy")
    assert (alert.principal_id, alert.session_name) == (ROLE_ID, "worker")
    assert alert.severity == "critical"


def test_a_key_that_is_only_a_resource_counts_where_no_actor_names_one() -> None:
    nameless = events.actor(key_id="")
    nameless["user"], nameless["session"] = {}, {}

    alert = only(events.attack_sequence(nameless))

    assert (alert.access_key_id, whose(alert)) == (KEY_ID, "user/ci")


def test_every_actor_of_a_sequence_is_an_alert_of_its_own() -> None:
    others = events.actor(key_id="", name="backup")

    reading = read_event(events.attack_sequence(events.actor(), events.actor(), others))

    assert [each.subject for each in reading.alerts] == [
        f"key/{SESSION_ID}",
        f"account/{ACCOUNT}/role/backup/session/worker",
    ]


def test_an_actor_of_another_account_is_told_as_such() -> None:
    stranger = events.actor()
    within(stranger, "user", "account")["uid"] = OTHER_ACCOUNT

    assert only(events.attack_sequence(stranger)).account == OTHER_ACCOUNT


@pytest.mark.parametrize(
    "policy",
    [
        "AWSCompromisedKeyQuarantine",
        "AWSCompromisedKeyQuarantineV2",
        "AWSCompromisedKeyQuarantineV3",
        "AWSExposedCredentialPolicy_DO_NOT_REMOVE",
    ],
)
def test_the_quarantine_names_the_victim_and_his_key(policy: str) -> None:
    alert = only(events.quarantine(policy))

    assert (alert.sender, alert.type) == (Sender.QUARANTINE, policy)
    assert (whose(alert), alert.access_key_id) == ("user/ci", KEY_ID)


def test_the_key_of_somebody_else_who_attaches_the_policy_is_not_the_victims() -> None:
    event = events.quarantine()
    within(event, "detail", "userIdentity")["userName"] = "admin"

    alert = only(event)

    assert (whose(alert), alert.access_key_id) == ("user/ci", None)


def test_the_quarantine_may_be_an_inline_policy() -> None:
    event = events.quarantine()
    within(event, "detail")["eventName"] = "PutUserPolicy"
    within(event, "detail")["requestParameters"] = {
        "userName": "ci",
        "policyName": "AWSCompromisedKeyQuarantineV2",
    }

    assert whose(only(event)) == "user/ci"


@pytest.mark.parametrize(
    ("path", "name", "value"),
    [
        (("requestParameters",), "policyArn", "arn:aws:iam::aws:policy/ReadOnlyAccess"),
        (
            ("requestParameters",),
            "policyArn",
            f"arn:aws:iam::{ACCOUNT}:policy/AWSCompromisedKeyQuarantineV3",
        ),
        (("requestParameters",), "userName", "../ci"),
        ((), "errorCode", "AccessDenied"),
        ((), "eventName", "DetachUserPolicy"),
        ((), "eventSource", "s3.amazonaws.com"),
    ],
)
def test_other_calls_put_nobody_into_quarantine(
    path: tuple[str, ...], name: str, value: object
) -> None:
    event = events.quarantine()
    within(event, "detail", *path)[name] = value

    assert read_event(event).alerts == ()


def test_a_plain_event_needs_no_more_than_a_key_id() -> None:
    alert = only({"access_key_id": KEY_ID})

    assert (alert.sender, alert.access_key_id, alert.account) == (Sender.PLAIN, KEY_ID, None)


@pytest.mark.parametrize(
    ("named", "subject"),
    [
        ("role/deploy", f"account/{ACCOUNT}/role/deploy"),
        ("session/deploy/worker", f"account/{ACCOUNT}/role/deploy/session/worker"),
        (f"arn:aws:iam::{ACCOUNT}:user/team/ci", f"account/{ACCOUNT}/user/ci"),
    ],
)
def test_a_plain_event_may_name_a_principal(named: str, subject: str) -> None:
    assert only({"principal": named, "account": ACCOUNT}).subject == subject


@pytest.mark.parametrize(
    "event",
    [
        {"access_key_id": "AKIAIOSFODNN7EXAMPLE"},
        {"access_key_id": "AKIA"},
        {"access_key_id": 7},
        {"access_key_id": KEY_ID, "account": "1234"},
        {"principal": "ci"},
        {"principal": KEY_ID},
    ],
)
def test_a_plain_event_that_makes_no_sense_is_refused(event: Event) -> None:
    with pytest.raises(UnreadableEvent, match="a plain event"):
        read_event(event)


def test_different_senders_that_name_one_key_give_one_subject() -> None:
    named = [
        events.health(),
        events.trusted_advisor(),
        events.quarantine(),
        events.security_hub(events.asff(KEY_ID)),
        events.security_hub_v2(),
        {"access_key_id": KEY_ID},
    ]

    assert {only(each).subject for each in named} == {f"key/{KEY_ID}"}


def test_a_finding_that_comes_again_has_the_same_id_and_subject() -> None:
    first, again = events.guardduty(), events.guardduty()
    again["id"], again["time"] = "another-delivery", "2026-11-25T13:00:00Z"
    within(again, "detail", "service")["eventLastSeen"] = "2026-11-25T13:00:00Z"

    assert (only(first).id, only(first).subject) == (only(again).id, only(again).subject)
