"""Laws of reading events: never a traceback, and nothing hostile comes through."""

from __future__ import annotations

import json
import re
from dataclasses import fields, replace
from random import Random
from typing import TYPE_CHECKING, Final

from hypothesis import given, settings
from hypothesis import strategies as st

from fakes import events
from unleak.errors import UnreadableEvent
from unleak.evidence.alerts.read import read_event
from unleak.model.alert import Alert, Reading
from unleak.model.principal import NAME

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fakes.events import Event

SAMPLES: Final = (
    events.health(),
    events.health("AWS_RISK_IAM_QUARANTINE", "ci"),
    events.trusted_advisor(),
    events.guardduty(),
    events.attack_sequence(),
    events.quarantine(),
    events.security_hub(),
    events.security_hub_v2(),
    events.webhook(),
    {"access_key_id": events.KEY_ID, "account": events.ACCOUNT, "summary": "it leaked"},
    {"principal": "role/deploy", "account": events.ACCOUNT},
)
HOSTILE: Final = (
    "\x1b[31mred\x1b[0m",
    "a\u202eb",
    "line\nline\r\n",
    '"}],"Effect":"Allow","Action":"*"',
    "../../etc/passwd",
    "*",
    "<script>alert(1)</script>",
    "${aws:username}",
    "x" * 100_000,
    f"aws_secret_access_key={events.SECRET}",
    "\ud800",
    "\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668\u0669\u0660\u0661\u0662",
    "AKIA\u212aWERTYQWERTYQWER",
    "arn:aws:iam::111122223333:role/x\n",
)
SCALARS: Final = (
    *HOSTILE,
    *(None, True, False, 0, -1, 7, 10**30, 0.5, float("nan"), float("inf"), ""),
    *(events.KEY_ID, events.ACCOUNT, "Resolved", "AssumedRole", "Root", "AWS::IAM::AccessKey"),
)
_IDS: Final = re.compile(r"[\w:/.@+=,#-]{1,400}", re.ASCII)
_WORDS: Final = re.compile(r"[\w:/.!&()+,@ -]{0,128}", re.ASCII)


class Spoiler:
    """Draws values and spoils samples from one seed: a hundred times as fast as strategies."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)  # noqa: S311 - a seed that can be told again is the point

    def anything(self, depth: int = 0) -> object:
        """Return a value of any type, with names as they stand in the samples."""
        turn = self._random.randrange(10)
        if turn < 2 and depth < 4:
            return [self.anything(depth + 1) for _ in range(self._random.randrange(4))]
        if turn < 5 and depth < 4:
            names = self._random.sample(NAMES, self._random.randrange(6))
            return {name: self.anything(depth + 1) for name in names}
        return self._random.choice(SCALARS)

    def spoilt(self) -> object:
        """Return a sample with a few of its values replaced by anything."""
        event: object = json.loads(json.dumps(self._random.choice(SAMPLES)))
        for _ in range(self._random.randint(1, 4)):
            self._spoil(event)
        return event

    def _spoil(self, parent: object) -> None:
        keys = list(_keys(parent))
        if not keys:
            return
        key = self._random.choice(keys)
        inner = parent[key]  # type: ignore[index]  # the key is of this very container
        if list(_keys(inner)) and self._random.randrange(6):
            self._spoil(inner)
        else:
            parent[key] = self.anything()  # type: ignore[index]  # see above


def _keys(value: object) -> Iterable[str | int]:
    if isinstance(value, dict):
        return list(value)
    return range(len(value)) if isinstance(value, list) else ()


def names_in(event: object) -> set[str]:
    """Return the names of all fields, so that random objects look a little like events."""
    own = set(event) if isinstance(event, dict) else set()
    inner = [event[key] for key in _keys(event)]  # type: ignore[index]  # see above
    return own.union(*map(names_in, inner))


NAMES: Final = sorted(names_in(list(SAMPLES)))
SEEDS: Final = st.integers(0, 2**64)


def read(event: object) -> Reading:
    try:
        return read_event(event)
    except UnreadableEvent as error:
        return Reading(ignored=(error.message,))


def is_clean(alert: Alert) -> bool:
    """Whether every text of an alert is of the alphabet of what it claims to be."""
    named = [
        text
        for text in (
            alert.session_name,
            alert.principal_id,
            None if alert.principal is None else alert.principal.name,
        )
        if text is not None
    ]
    return (
        all(NAME.fullmatch(each) for each in named)
        and (alert.account is None or re.fullmatch("[0-9]{12}", alert.account) is not None)
        and (alert.access_key_id is None or re.fullmatch("[A-Z0-9]{20,21}", alert.access_key_id))
        is not None
        and _IDS.fullmatch(alert.id) is not None
        and _WORDS.fullmatch(alert.type) is not None
        and alert.summary.isprintable()
        and len(alert.summary) <= 300
        and alert.severity in {"", "low", "medium", "high", "critical"}
        and alert.subject.isprintable()
        and len(alert.subject) < 800
    )


@settings(max_examples=300, deadline=None)
@given(SEEDS)
def test_anything_is_read_or_refused(seed: int) -> None:
    reading = read(Spoiler(seed).anything())

    assert all(is_clean(each) for each in reading.alerts)


@settings(max_examples=60, deadline=None)
@given(st.text() | st.binary())
def test_any_text_is_read_or_refused(event: str | bytes) -> None:
    assert read(event).alerts == ()


@settings(max_examples=500, deadline=None)
@given(SEEDS)
def test_nothing_hostile_survives_in_an_event_that_looks_real(seed: int) -> None:
    reading = read(Spoiler(seed).spoilt())

    assert all(is_clean(each) for each in reading.alerts)
    assert all(each.isprintable() for each in reading.ignored)
    assert events.SECRET not in repr(reading)


@settings(max_examples=50, deadline=None)
@given(st.sampled_from(SAMPLES), st.integers(0, 3))
def test_wrapping_changes_nothing(event: Event, depth: int) -> None:
    wrapped: object = event
    for _ in range(depth):
        wrapped = events.queued(wrapped)

    assert read(wrapped).alerts == read(event).alerts


@given(st.sampled_from(SAMPLES))
def test_a_subject_does_not_depend_on_when_and_how_an_alert_came(event: Event) -> None:
    for alert in read(event).alerts:
        named = {each.name for each in fields(alert)}

        other = replace(alert, at=None, severity="", summary="", id="other", region=None)

        assert {"at", "severity", "summary", "id", "region"} <= named
        assert other.subject == alert.subject
