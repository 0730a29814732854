"""Events of one's own: a key id or a principal, and little else."""

from __future__ import annotations

import pytest

from fakes.events import ACCOUNT, KEY_ID, Event
from unleak.errors import UnreadableEvent
from unleak.evidence.alerts.read import read_event
from unleak.model.alert import Alert, Sender


def only(event: object) -> Alert:
    (alert,) = read_event(event).alerts
    return alert


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
