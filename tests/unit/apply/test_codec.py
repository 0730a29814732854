"""What is written is what is read, and a secret is never written."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import get_args

import pytest
from hypothesis import given, settings

from fakes import drawn
from fakes.plans import CREDENTIAL, deny, plan, step
from unleak.apply.codec import Unfit, decode, dump, encode, load
from unleak.model.action import Action, DeleteKey, SetInlinePolicy
from unleak.model.credential import FoundCredential
from unleak.model.outcome import Outcome
from unleak.model.plan import Plan, Stage, Step, StepState
from unleak.model.proof import Level, Verification
from unleak.model.reading import Absent, Gap, Known, Reading, Unknown
from unleak.model.secret import Secret
from unleak.model.situation import Caller, ManagedPolicy

SECRET = "made-up-secret-access-key"


@given(drawn.plans)
def test_a_plan_comes_back_as_it_went(value: Plan) -> None:
    assert load(Plan, dump(value)) == value


@given(drawn.verifications)
def test_a_verification_comes_back_as_it_went(value: Verification) -> None:
    assert load(Verification, dump(value)) == value


@given(drawn.outcomes)
def test_an_outcome_comes_back_as_it_went(value: Outcome) -> None:
    assert load(Outcome, dump(value)) == value


@given(drawn.callers)
def test_a_caller_comes_back_as_it_went(value: Caller) -> None:
    assert load(Caller, dump(value)) == value


def test_the_laws_above_draw_every_kind_of_action() -> None:
    drawn_kinds: set[type] = set()

    @settings(max_examples=600, derandomize=True, database=None)
    @given(drawn.any_action)
    def draw(action: Action) -> None:
        drawn_kinds.add(type(action))

    draw()
    assert drawn_kinds == set(get_args(Action))


@pytest.mark.parametrize(
    "value",
    [Known("text"), Absent(), Unknown(Gap.DENIED, "no")],
    ids=["known", "absent", "unknown"],
)
def test_a_reading_says_which_of_the_three_it_is(value: object) -> None:
    encoded = encode(value)

    assert isinstance(encoded, dict)
    assert encoded["class"] == type(value).__name__


@pytest.mark.parametrize("document", [Known("{}"), Absent(), Unknown(Gap.THROTTLED, "slow")])
def test_a_reading_comes_back_as_the_one_that_it_was(document: Reading[str]) -> None:
    value = ManagedPolicy(arn="arn", name="name", document=document)

    assert load(ManagedPolicy, dump(value)) == value


@pytest.mark.parametrize(
    "document", [None, "{}", {"class": "Known"}, {"class": "Known", "value": 1}, {"class": "Maybe"}]
)
def test_a_reading_that_is_none_of_the_three_is_refused(document: object) -> None:
    data = {"arn": "arn", "name": "name", "document": document}

    with pytest.raises(Unfit, match="document"):
        load(ManagedPolicy, json.dumps(data))


@pytest.mark.parametrize(
    "value",
    [
        Secret(SECRET),
        FoundCredential(access_key_id="AKIABOBBOBBOBBOBBOBB", secret=Secret(SECRET)),
        FoundCredential(access_key_id=None),
        replace(CREDENTIAL, session_name=Secret(SECRET)),  # type: ignore[arg-type]  # the fault
        plan(replace(step("s1", deny()), reason=Secret(SECRET))),  # type: ignore[arg-type]  # same
        (Secret(SECRET),),
        Known(Secret(SECRET)),
    ],
    ids=["alone", "evidence", "empty-evidence", "in-a-field", "deep", "in-a-tuple", "in-a-reading"],
)
def test_a_secret_is_never_written(value: object) -> None:
    with pytest.raises(TypeError) as caught:
        dump(value)

    assert SECRET not in str(caught.value)


def test_a_class_that_nobody_named_is_not_written() -> None:
    @dataclass(frozen=True)
    class Stranger:
        name: str

    with pytest.raises(TypeError, match="Stranger"):
        encode(Stranger("x"))


def test_an_instant_is_written_in_utc_with_a_z() -> None:
    tokyo = datetime(2026, 11, 24, 16, 0, 0, 250_000, tzinfo=timezone(timedelta(hours=9)))

    assert encode(tokyo) == "2026-11-24T07:00:00.250000Z"


def test_an_instant_without_a_zone_is_not_written() -> None:
    naive = datetime(2026, 11, 24, tzinfo=UTC).replace(tzinfo=None)

    with pytest.raises(TypeError, match="time zone"):
        encode(naive)


def test_a_number_that_json_does_not_know_is_not_written() -> None:
    value = Verification(
        level=Level.LIVE, effective=True, seconds_to_effect=float("nan"), new_sessions_work=None
    )

    with pytest.raises(ValueError, match="JSON"):
        dump(value)


def test_a_field_that_a_newer_unleak_added_with_a_default_may_be_missing() -> None:
    data = json.loads(dump(step("s1", deny())))
    del data["revives_leak"]

    assert decode(Step, data) == step("s1", deny())


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("stage", 7),
        ("stage", "0"),
        ("stage", True),
        ("state", "half-done"),
        ("reversible", 1),
        ("safe_date", "yesterday"),
        ("safe_date", "2026-11-24T07:00:00+00:00"),
        ("action", {"class": "Sudo"}),
        ("action", {"user": "bob", "key_id": "k"}),
        ("action", None),
        ("id", ["s1"]),
        ("unheard_of", 1),
    ],
)
def test_what_does_not_fit_is_refused_by_name(field: str, value: object) -> None:
    data = json.loads(dump(step("s1", deny())))
    data[field] = value

    with pytest.raises(Unfit, match="Step"):
        decode(Step, data)


def test_a_missing_field_is_refused() -> None:
    data = json.loads(dump(step("s1", deny())))
    del data["action"]

    with pytest.raises(Unfit):
        decode(Step, data)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "[" * 100_000], ids=str.__len__)
def test_a_text_that_is_no_plan_is_refused(text: str) -> None:
    with pytest.raises(Unfit):
        load(Plan, text)


def test_an_action_is_read_back_as_the_class_it_was() -> None:
    key = step("s1", DeleteKey(user="bob", key_id="AKIABOBBOBBOBBOBBOBB"), stage=Stage.LAST)
    done = replace(key, state=StepState.DONE)

    found = load(Step, dump(done))

    assert isinstance(found.action, DeleteKey)
    assert not isinstance(found.action, SetInlinePolicy)
