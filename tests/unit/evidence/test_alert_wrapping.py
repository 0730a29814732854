"""Queues, topics, requests from the web: what is around an event, and who may come in that way."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest

from fakes import events
from fakes.events import KEY_ID, SESSION_ID, Event
from unleak.errors import UnreadableEvent
from unleak.evidence.alerts.read import read_event
from unleak.evidence.alerts.web import request_of
from unleak.model.alert import Alert, Sender


def only(event: object) -> Alert:
    (alert,) = read_event(event).alerts
    return alert


@pytest.mark.parametrize(
    "wrapped",
    [
        json.dumps(events.health()),
        json.dumps(events.health()).encode(),
        [events.health()],
        events.queued(events.health()),
        events.published(events.health()),
        events.queued(events.notified(events.health())),
        {"version": "1.0", "requestContext": {"condition": "x"}, "requestPayload": events.health()},
    ],
)
def test_an_event_reads_the_same_in_every_wrapping(wrapped: object) -> None:
    assert only(wrapped) == only(events.health())


@pytest.mark.parametrize(
    ("event", "sender"),
    [
        (events.health(), Sender.AWS_HEALTH),
        (events.trusted_advisor(), Sender.TRUSTED_ADVISOR),
        (events.guardduty(), Sender.GUARDDUTY),
        (events.attack_sequence(), Sender.ATTACK_SEQUENCE),
        (events.quarantine(), Sender.QUARANTINE),
    ],
)
def test_the_detail_of_an_event_reads_without_its_envelope(event: Event, sender: Sender) -> None:
    bare = only(event["detail"])

    assert bare.sender is sender
    assert bare.access_key_id == only(event).access_key_id


@pytest.mark.parametrize(
    "bare",
    [
        {"findings": [events.asff()]},
        {"Findings": [events.asff()]},
        events.asff(),
        {"Findings": [events.guardduty_finding()]},
    ],
)
def test_findings_read_without_an_envelope(bare: Event) -> None:
    assert only(bare).access_key_id == SESSION_ID


def test_messages_of_a_batch_are_all_read() -> None:
    reading = read_event(events.queued(events.health(), events.guardduty(), events.health()))

    assert [each.access_key_id for each in reading.alerts] == [KEY_ID, SESSION_ID]


def test_a_damaged_message_does_not_hide_the_others() -> None:
    reading = read_event(events.queued("{damaged", events.health()))

    assert [each.access_key_id for each in reading.alerts] == [KEY_ID]
    assert reading.ignored == ("event 1: the event has none of the known shapes",)


@pytest.mark.parametrize(
    "event",
    [
        b"\xff\xfe\x00",
        "no json",
        "[" * 100_000,
        "",
        None,
        [],
        7,
        {},
        {"detail-type": "x", "source": "aws.s3", "detail": {}},
        {"detail-type": "x", "source": "aws.securityhub", "detail": {"findings": [{}]}},
        events.bus("aws.events", "Scheduled Event", {}),
        events.queued("{damaged"),
        {"Records": [{"eventSource": "aws:s3", "s3": {}}]},
    ],
)
def test_what_has_no_known_shape_is_refused(event: object) -> None:
    with pytest.raises(UnreadableEvent):
        read_event(event)


@pytest.mark.parametrize("source", ["{}", "aws.guardduty"])
def test_a_secret_in_the_wrong_place_is_not_repeated(source: str) -> None:
    secret = f"aws_secret_access_key={events.SECRET}"
    event = events.bus(source.format(secret), secret, {})

    try:
        told = repr(read_event(event))
    except UnreadableEvent as error:
        told = error.message

    assert events.SECRET not in told


def test_an_event_that_is_too_large_is_not_even_parsed() -> None:
    with pytest.raises(UnreadableEvent, match="larger than 6 MiB"):
        read_event(" " * (6 * 1024 * 1024 + 1))


def test_wrapping_without_an_end_is_refused() -> None:
    event: object = events.health()
    for _ in range(7):
        event = [event]

    with pytest.raises(UnreadableEvent, match="wrapped more than"):
        read_event(event)


def test_more_events_than_can_be_handled_are_refused_and_not_cut() -> None:
    with pytest.raises(UnreadableEvent, match="more than 500"):
        read_event([events.health()] * 501)


def test_entities_beyond_the_bound_are_told() -> None:
    ids = [f"AKIA{number:04}QWERTYQWERTY" for number in range(501)]

    reading = read_event(events.health("AWS_RISK_CREDENTIALS_EXPOSED", *ids))

    assert len(reading.alerts) == 500
    assert reading.ignored == ("AWS Health: 1 more entities were not read",)


def test_alerts_beyond_the_bound_are_told() -> None:
    ids = [f"AKIA{number:04}QWERTYQWERTY" for number in range(502)]
    halves = [events.health("AWS_RISK_CREDENTIALS_EXPOSED", *ids[at : at + 251]) for at in (0, 251)]

    reading = read_event(halves)

    assert len(reading.alerts) == 500
    assert reading.ignored == ("2 more alerts were not read",)


@pytest.mark.parametrize("is_bytes", [False, True])
def test_a_webhook_from_the_web_names_the_alert_to_fetch(is_bytes: bool) -> None:  # noqa: FBT001 - a parameter of the test
    text = json.dumps(events.webhook())

    alert = only(events.from_web(text.encode() if is_bytes else text))

    assert alert.sender is Sender.GITHUB
    assert alert.source is not None
    assert (alert.source.host, alert.source.label) == ("github.com", "acme/shop#42")
    assert alert.subject == "github/github.com/acme/shop#42"
    assert alert.access_key_id is None


def test_a_webhook_may_come_as_a_form() -> None:
    form = urlencode({"payload": json.dumps(events.webhook())})

    alert = only(events.from_web(form, content_type="application/x-www-form-urlencoded"))

    assert alert.source is not None


def test_a_new_place_of_the_same_secret_is_the_same_subject() -> None:
    text = json.dumps(events.webhook())

    first = only(events.from_web(text))
    again = only(events.from_web(text, event="secret_scanning_alert_location"))

    assert first.subject == again.subject


def test_a_secret_that_is_public_is_graver() -> None:
    assert only(events.webhook("created")).severity == "high"
    assert only(events.webhook("publicly_leaked")).severity == "critical"


def test_a_secret_that_becomes_public_is_no_repeat() -> None:
    private, public = only(events.webhook("created")), only(events.webhook("publicly_leaked"))

    assert private.subject == public.subject
    assert private.id == only(events.webhook("validated")).id
    assert private.id != public.id


@pytest.mark.parametrize(
    "body",
    [
        events.webhook("resolved"),
        events.webhook("assigned"),
        events.webhook(secret_type="slack_api_token"),
        events.webhook() | {"alert": {"secret_type": "aws_session_token", "state": "resolved"}},
    ],
)
def test_alerts_of_others_or_settled_ones_are_none(body: Event) -> None:
    reading = read_event(events.from_web(json.dumps(body)))

    assert reading.alerts == ()
    assert len(reading.ignored) == 1


@pytest.mark.parametrize("name", ["ping", "push"])
def test_other_webhooks_are_no_alert(name: str) -> None:
    assert read_event(events.from_web("{}", event=name)).alerts == ()


@pytest.mark.parametrize(
    "repository",
    [
        {"full_name": "acme/..", "html_url": "https://github.com/acme/shop"},
        {"full_name": "acme/shop/../../x", "html_url": "https://github.com/acme/shop"},
        {"full_name": "acme/shop?x=", "html_url": "https://github.com/acme/shop"},
        {"full_name": "acme/shop", "html_url": "http://github.com/acme/shop"},
        {"full_name": "acme/shop", "html_url": "https://me@evil.test/acme/shop"},
        {"full_name": "acme/shop", "html_url": "https://[::1"},
        {},
    ],
)
def test_a_repository_that_github_would_not_name_so_is_refused(repository: Event) -> None:
    body = events.webhook() | {"repository": repository}
    body["alert"] = {"secret_type": "aws_access_key_id", "number": 42}

    with pytest.raises(UnreadableEvent, match="names no alert"):
        read_event(events.from_web(json.dumps(body)))


@pytest.mark.parametrize("number", [0, -1, True, "42", 10**12, None, 1.5])
def test_a_number_that_github_would_not_give_is_refused(number: object) -> None:
    body = events.webhook()
    body["alert"] = {"secret_type": "aws_access_key_id", "number": number}

    with pytest.raises(UnreadableEvent, match="names no alert"):
        read_event(body)


@pytest.mark.parametrize(
    "body", [{"access_key_id": KEY_ID}, events.health(), events.queued(events.health())]
)
@pytest.mark.parametrize("name", [None, "secret_scanning_alert"])
def test_nothing_but_a_webhook_comes_in_from_the_web(body: Event, name: str | None) -> None:
    with pytest.raises(UnreadableEvent):
        read_event(events.from_web(json.dumps(body), event=name))


@pytest.mark.parametrize("body", ["no base64", "a"])
def test_a_body_that_is_not_what_it_says_is_refused(body: str) -> None:
    event = events.from_web(b"") | {"body": body}

    with pytest.raises(UnreadableEvent, match="base64"):
        read_event(event)


@pytest.mark.parametrize("form", ["other=1", "payload=\u00e4", "&".join(["payload=1"] * 11)])
def test_a_form_without_a_payload_is_refused(form: str) -> None:
    event = events.from_web(form, content_type="application/x-www-form-urlencoded")

    with pytest.raises(UnreadableEvent, match="payload"):
        read_event(event)


def test_a_request_keeps_the_very_bytes_that_were_signed() -> None:
    body = b'{"a" :\r\n 1}\xc3\xa4'

    request = request_of(events.from_web(body, signature="sha256=1"))

    assert request is not None
    assert request.body == body
    assert request.header("X-Hub-Signature-256") == "sha256=1"
    assert (request.method, request.path) == ("POST", "/github")


def test_a_body_that_is_too_large_is_refused() -> None:
    with pytest.raises(UnreadableEvent, match="too large"):
        request_of(events.from_web("x" * (6 * 1024 * 1024 + 1)))


@pytest.mark.parametrize(
    "event",
    [
        events.bus("aws.guardduty", "GuardDuty Malware Protection Object Scan Result", {}),
        events.bus("aws.iam", "AWS Service Event via CloudTrail", {}),
        events.bus("aws.securityhub", "Security Hub Insight Results", {"insightName": "x"}),
    ],
)
def test_other_events_of_known_senders_are_no_alert(event: Event) -> None:
    assert read_event(event).ignored[0].endswith("is no alert")


def test_an_event_of_the_bus_is_no_request() -> None:
    assert request_of(events.health()) is None
