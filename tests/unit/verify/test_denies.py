"""What a policy text denies, read strictly."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unit.verify.world import CUTOFF, ROLE, deny_step, deny_text, step_of
from unleak.model.action import (
    AttachPolicy,
    CreatePolicy,
    DetachPolicy,
    SetInlinePolicy,
)
from unleak.verify.denies import (
    Deny,
    denies_on,
    read_denies,
    same_policy,
    spares_new_sessions,
)

instants = st.integers(0, 10**9).map(lambda seconds: CUTOFF + timedelta(seconds=seconds))
denies = st.builds(
    Deny, cutoff=st.none() | instants, user_id=st.none() | st.sampled_from(["A:x", "A:y"])
)


def document(**changes: object) -> str:
    statement: dict[str, object] = {
        "Effect": "Deny",
        "Action": "*",
        "Resource": ["*"],
        "Condition": {"DateLessThan": {"aws:TokenIssueTime": "2026-11-24T07:00:02.000Z"}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": statement | changes})


def test_the_console_s_deny_is_read() -> None:
    assert read_denies(deny_text()) == (Deny(cutoff=CUTOFF),)


def test_the_deny_of_one_session_is_read() -> None:
    assert read_denies(deny_text(user_id="AROA:thief")) == (
        Deny(cutoff=CUTOFF, user_id="AROA:thief"),
    )


def test_a_statement_that_is_no_list_and_lower_case_keys_are_read_as_aws_reads_them() -> None:
    text = document(Condition={"DateLessThan": {"aws:tokenissuetime": ["2026-11-24T07:00:02Z"]}})

    assert read_denies(text) == (Deny(cutoff=CUTOFF),)


@pytest.mark.parametrize(
    "changes",
    [
        {"Effect": "Allow"},
        {"Action": ["s3:*"]},
        {"Resource": "arn:aws:s3:::x"},
        {"NotPrincipal": "*"},
        {"Condition": {"DateLessThanIfExists": {"aws:TokenIssueTime": "2026-11-24T07:00:02Z"}}},
        {"Condition": {"DateLessThan": {"aws:TokenIssueTime": "2026-11-24T07:00:02+00:00"}}},
        {"Condition": {"DateLessThan": {"aws:TokenIssueTime": "soon Z"}}},
        {"Condition": {"DateLessThan": {"aws:CurrentTime": "2026-11-24T07:00:02Z"}}},
        {"Condition": {"StringEquals": {"aws:username": "x"}}},
        {
            "Condition": {
                "DateLessThan": {"aws:TokenIssueTime": "2026-11-24T07:00:02Z"},
                "Bool": {"aws:MultiFactorAuthPresent": "false"},
            }
        },
    ],
)
def test_a_statement_that_denies_less_counts_for_nothing(changes: dict[str, object]) -> None:
    assert read_denies(document(**changes)) == ()


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"Statement":"x"}', "[" * 10_000])
def test_a_text_that_is_no_policy_denies_nothing(text: str) -> None:
    assert read_denies(text) == ()


def test_two_texts_are_the_same_policy_whatever_their_blanks() -> None:
    assert same_policy(deny_text(), json.dumps(json.loads(deny_text()), indent=2))
    assert not same_policy(deny_text(), deny_text(CUTOFF - timedelta(seconds=1)))
    assert not same_policy("{", "[")


@given(denies, denies, denies)
def test_covering_is_an_order(first: Deny, second: Deny, third: Deny) -> None:
    assert first.covers(first)
    if first.covers(second) and second.covers(third):
        assert first.covers(third)


@given(instants, instants)
def test_an_earlier_cut_off_never_covers_a_later_one(first: datetime, second: datetime) -> None:
    assert Deny(cutoff=first).covers(Deny(cutoff=second)) is (first >= second)


def test_a_deny_in_a_managed_policy_counts_once_it_is_attached() -> None:
    create = step_of(CreatePolicy(policy_arn="arn:p/x", policy_name="x", document=deny_text()))
    attach = step_of(AttachPolicy(holder=ROLE, policy_arn="arn:p/x"), number=2)

    assert denies_on([create], ROLE) == ()
    assert denies_on([create, attach], ROLE) == (Deny(cutoff=CUTOFF),)


def test_a_policy_that_a_later_step_deletes_denies_nothing() -> None:
    gone = step_of(
        SetInlinePolicy(
            holder=ROLE, policy_name="AWSRevokeOlderSessions", before=deny_text(), after=None
        )
    )

    assert denies_on([deny_step(), gone], ROLE) == ()


def test_new_sessions_are_spared_by_a_cut_off_and_not_by_stripping() -> None:
    strip = step_of(DetachPolicy(holder=ROLE, policy_arn="arn:x"))
    everything = deny_step('{"Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}')

    assert spares_new_sessions([deny_step()], ROLE)
    assert not spares_new_sessions([deny_step(), strip], ROLE)
    assert not spares_new_sessions([everything], ROLE)
    assert not spares_new_sessions([], ROLE)
