"""The texts of the denies: exactly the console's, and never weaker than what was there."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from fakes.cutoffs import policy_cutoff
from unleak.contain.deny_policy import (
    Unmergeable,
    append_statement,
    billed_size,
    cutoff_statement,
    merge_cutoff,
    merge_sessions,
    session_sid,
)
from unleak.model.policy_names import is_our_sid

CUTOFF = datetime(2026, 11, 24, 7, 0, 0, tzinfo=UTC)
CONSOLE = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":["*"],"Resource":["*"],'
    '"Condition":{"DateLessThan":{"aws:TokenIssueTime":"2026-11-24T07:00:00.000Z"}}}]}'
)


OURS = CONSOLE.replace('{"Effect"', '{"Sid":"UnleakOlderSessions","Effect"')


def test_the_document_is_the_one_that_the_console_writes_under_an_id_of_ours() -> None:
    merged = merge_cutoff(None, CUTOFF)

    assert merged.document == OURS
    assert len(merged.document) == 195


def test_the_consoles_statement_without_an_id_is_moved_forward_under_ours() -> None:
    merged = merge_cutoff(CONSOLE, CUTOFF + timedelta(hours=1))

    (statement,) = json.loads(merged.document)["Statement"]
    assert statement["Sid"] == "UnleakOlderSessions"
    assert not merged.is_already_there


def test_a_weakened_statement_under_our_id_stays_but_loses_the_id_that_must_be_unique() -> None:
    weakened = json.loads(OURS)["Statement"][0] | {"Action": ["s3:*"]}
    existing = json.dumps({"Version": "2012-10-17", "Statement": [weakened]})

    merged = merge_cutoff(existing, CUTOFF)

    kept, ours = json.loads(merged.document)["Statement"]
    assert "Sid" not in kept
    assert kept["Action"] == ["s3:*"]
    assert ours["Sid"] == "UnleakOlderSessions"


def test_a_second_cutoff_in_a_boundary_takes_the_id_over() -> None:
    statement = cutoff_statement(CUTOFF + timedelta(hours=1))

    appended = append_statement(OURS, statement)

    first, second = json.loads(appended)["Statement"]
    assert "Sid" not in first
    assert second == statement


@pytest.mark.parametrize("sid", ["UnleakOlderSessions", "UnleakDenyAll", session_sid("A:b")])
def test_our_ids_are_known_as_ours(sid: str) -> None:
    assert is_our_sid(sid)


@pytest.mark.parametrize("sid", ["", "VisualEditor0", "xUnleakDenyAll", "Unleak\u202e", "Unleak x"])
def test_other_ids_are_not_ours(sid: str) -> None:
    assert not is_our_sid(sid)


def test_an_older_cutoff_is_moved_forward() -> None:
    merged = merge_cutoff(CONSOLE, CUTOFF + timedelta(hours=1))

    assert policy_cutoff(merged.document) == CUTOFF + timedelta(hours=1)
    assert len(json.loads(merged.document)["Statement"]) == 1


def test_a_later_cutoff_is_never_moved_back() -> None:
    merged = merge_cutoff(CONSOLE, CUTOFF - timedelta(hours=1))

    assert merged.is_already_there
    assert merged.document == CONSOLE
    assert merged.cutoff == CUTOFF


def test_somebody_elses_statement_is_kept_as_it_is() -> None:
    theirs = {"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Sid": "Theirs"}
    existing = json.dumps({"Version": "2012-10-17", "Statement": [theirs]}, indent=2)

    merged = merge_cutoff(existing, CUTOFF)

    statements = json.loads(merged.document)["Statement"]
    assert statements[0] == theirs
    assert policy_cutoff(merged.document) == CUTOFF


def test_a_single_statement_that_is_no_list_is_understood() -> None:
    existing = json.dumps(
        {"Version": "2012-10-17", "Statement": json.loads(CONSOLE)["Statement"][0]}
    )

    merged = merge_cutoff(existing, CUTOFF)

    assert merged.is_already_there


@pytest.mark.parametrize(
    "narrower",
    [
        {"Action": ["s3:*"]},
        {"Resource": ["arn:aws:s3:::b"]},
        {"NotAction": ["iam:*"]},
        {
            "Condition": {
                "DateLessThan": {"aws:TokenIssueTime": "2026-11-24T09:00:00.000Z"},
                "StringEquals": {"aws:userid": "AROAX:y"},
            }
        },
        {"Condition": {"DateLessThanIfExists": {"aws:TokenIssueTime": "2026-11-24T09:00:00Z"}}},
        {"Effect": "Allow"},
    ],
)
def test_a_statement_that_denies_less_does_not_count_as_the_cutoff(
    narrower: dict[str, object],
) -> None:
    statement = {
        "Effect": "Deny",
        "Action": ["*"],
        "Resource": ["*"],
        "Condition": {"DateLessThan": {"aws:TokenIssueTime": "2026-11-24T09:00:00.000Z"}},
    } | narrower
    existing = json.dumps({"Version": "2012-10-17", "Statement": [statement]})

    merged = merge_cutoff(existing, CUTOFF)

    assert not merged.is_already_there
    assert statement in json.loads(merged.document)["Statement"]
    assert policy_cutoff(merged.document) == CUTOFF


def test_an_offset_instead_of_z_is_not_trusted_and_not_moved_back() -> None:
    later = CONSOLE.replace("07:00:00.000Z", "09:00:00+00:00")

    merged = merge_cutoff(later, CUTOFF)

    assert not merged.is_already_there
    assert "2026-11-24T09:00:00.000Z" in merged.document
    assert "+00:00" not in merged.document


@pytest.mark.parametrize("broken", ["", "{", "[]", '"x"', '{"Statement": 3}', '{"Statement":[1]}'])
def test_a_text_that_is_no_policy_is_not_merged_blindly(broken: str) -> None:
    with pytest.raises(Unmergeable):
        merge_cutoff(broken, CUTOFF)


def test_two_sessions_share_one_document_and_keep_their_own_cutoffs() -> None:
    first = merge_sessions(None, ("AROAEXAMPLEROLE000001:one",), CUTOFF)

    second = merge_sessions(
        first.document, ("AROAEXAMPLEROLE000001:two",), CUTOFF + timedelta(hours=1)
    )

    statements = json.loads(second.document)["Statement"]
    assert [each["Sid"] for each in statements] == [
        session_sid("AROAEXAMPLEROLE000001:one"),
        session_sid("AROAEXAMPLEROLE000001:two"),
    ]
    assert statements[0]["Condition"] == {
        "StringEquals": {"aws:userid": "AROAEXAMPLEROLE000001:one"},
        "DateLessThan": {"aws:TokenIssueTime": "2026-11-24T07:00:00.000Z"},
    }


def test_the_same_session_again_moves_only_forward() -> None:
    user_id = "AROAEXAMPLEROLE000001:one"
    later = merge_sessions(None, (user_id,), CUTOFF + timedelta(hours=1))

    again = merge_sessions(later.document, (user_id,), CUTOFF)

    assert again.is_already_there
    assert again.document == later.document


def test_white_space_is_not_counted_against_the_quota() -> None:
    assert billed_size(json.dumps(json.loads(CONSOLE), indent=8)) == billed_size(CONSOLE) == 167
