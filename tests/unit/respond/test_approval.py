"""A token approves one thing, for a while, and only if it is ours."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from unleak.errors import WrongUse
from unleak.model.secret import Secret
from unleak.respond.approval import LONGEST, BadApproval, issue, new_nonce, nonce_hash, read

KEY = Secret("k" * 40)
NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
UNTIL = NOW + timedelta(hours=1)
SUBJECT = "123456789012/AKIAY34FZKBOKMUTVV7A"
TOKEN = issue(subject=SUBJECT, until=UNTIL, nonce="n0nce", key=KEY)


def test_a_token_says_what_it_was_issued_for() -> None:
    approval = read(TOKEN, key=KEY, now=NOW)

    assert approval.subject == SUBJECT
    assert approval.until == UNTIL
    assert approval.nonce_hash == nonce_hash("n0nce")


def test_a_token_is_short_and_fits_into_a_url_as_it_is() -> None:
    token = issue(subject="s" * 900, until=UNTIL, nonce=new_nonce(), key=KEY)

    assert len(token) <= LONGEST
    assert set(token) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")


def test_the_nonce_itself_cannot_be_read_from_what_the_claim_keeps() -> None:
    first, second = new_nonce(), new_nonce()

    assert first != second
    assert first not in nonce_hash(first)


def test_a_token_is_good_until_its_time_is_over_and_not_a_second_longer() -> None:
    last = read(TOKEN, key=KEY, now=UNTIL - timedelta(seconds=1))

    assert last.subject == SUBJECT
    with pytest.raises(BadApproval, match="time"):
        read(TOKEN, key=KEY, now=UNTIL)


def test_a_token_signed_with_another_key_is_none() -> None:
    with pytest.raises(BadApproval, match="asked for"):
        read(TOKEN, key=Secret("K" * 40), now=NOW)


def test_a_forged_token_that_is_too_old_is_not_told_that_it_is_too_old() -> None:
    forged = f"{TOKEN[:-1]}{'A' if TOKEN[-1] != 'A' else 'B'}"

    with pytest.raises(BadApproval, match="asked for"):
        read(forged, key=KEY, now=UNTIL + timedelta(days=1))


@given(position=st.integers(0, len(TOKEN) - 1), character=st.characters())
def test_a_token_with_one_character_changed_is_none(position: int, character: str) -> None:
    assume(TOKEN[position] != character)
    changed = TOKEN[:position] + character + TOKEN[position + 1 :]

    with pytest.raises(BadApproval):
        read(changed, key=KEY, now=NOW)


@given(st.one_of(st.text(max_size=300), st.from_regex(r"v1\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{43}")))
def test_nothing_else_is_a_token(text: str) -> None:
    with pytest.raises(BadApproval):
        read(text, key=KEY, now=NOW)


@pytest.mark.parametrize("ending", ["\n", "=", " ", "A"])
def test_a_token_with_something_behind_it_is_none(ending: str) -> None:
    with pytest.raises(BadApproval):
        read(TOKEN + ending, key=KEY, now=NOW)


def test_the_signature_of_another_payload_does_not_fit() -> None:
    other = issue(subject="123456789012/AKIAOTHEROTHEROTHER0", until=UNTIL, nonce="n", key=KEY)
    version, payload, _ = other.split(".")

    with pytest.raises(BadApproval):
        read(f"{version}.{payload}.{TOKEN.split('.')[2]}", key=KEY, now=NOW)


def test_an_unsigned_payload_is_none() -> None:
    payload = base64.urlsafe_b64encode(b'{"s":"x","u":99999999999,"n":"n"}').rstrip(b"=").decode()

    with pytest.raises(BadApproval):
        read(f"v1.{payload}.", key=KEY, now=NOW)


def test_a_short_secret_signs_nothing_and_checks_nothing() -> None:
    short = Secret("only-thirty-one-characters-long")

    with pytest.raises(WrongUse):
        issue(subject=SUBJECT, until=UNTIL, nonce="n", key=short)
    with pytest.raises(WrongUse):
        read(TOKEN, key=short, now=NOW)


def test_a_subject_that_makes_too_long_a_link_is_refused() -> None:
    with pytest.raises(WrongUse):
        issue(subject="s" * 1_500, until=UNTIL, nonce="n", key=KEY)
