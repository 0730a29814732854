"""Hostile text is made harmless, and secrets are hidden wherever they stand."""

from __future__ import annotations

import pytest

from unleak.evidence.clean import printable, redact

KEY_ID = "AKIAY34FZKBOKMUTVV7A"
SECRET = "q7Xr1LmT0vZpA9sKc3Wf/u8HdE2NbJ6oGi4RtB5x"
TOKEN = "IQoJb3JpZ2luX2Vj" + "aB3dE6gH" * 30


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("two\nlines\tand a tab", "two lines and a tab"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]8;;https://evil.example\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x9b31mred", "red"),
        ("\x1b]0;never closed", "0;never closed"),
        ("abc\u202edcba", "abcdcba"),
        ("a\u200bb\ufeffc\u2066d", "abcd"),
        ("bell\x07 back\x08 del\x7f", "bell back del"),
        ("\ud800lone", "lone"),
        ("caf\u00e9 \u4e2d\u6587 \U0001f600", "caf\u00e9 \u4e2d\u6587 \U0001f600"),
        ("  around  ", "around"),
    ],
)
def test_only_what_can_be_drawn_is_left(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_long_text_is_cut_and_says_so() -> None:
    assert printable("x" * 300, limit=10) == "x" * 9 + "\u2026"


def test_a_flood_of_hidden_marks_is_cut() -> None:
    assert printable("\u200b" * 10_000_000 + "x", limit=10) == "\u2026"


@pytest.mark.parametrize(
    "text",
    [
        f"aws_secret_access_key = {SECRET}",
        f'{{"SecretAccessKey": "{SECRET}"}}',
        f'{{"SecretAccessKey":"{SECRET}"}}'.replace("/", "\\/"),
        f"a bare one: {SECRET}.",
        f"{KEY_ID}:{SECRET}",
        f"{KEY_ID}/{SECRET}",
        f"s3://{KEY_ID}:{SECRET}@bucket",
        f"secret%3D{SECRET}".replace("/", "%2F"),
        f"\x1b[1m{SECRET[:9]}\u200b{SECRET[9:]}",
        f"<SecretAccessKey>{SECRET}</SecretAccessKey>",
        f"aws configure set aws_secret_access_key {SECRET}",
        f"AWS Secret Access Key [None]: {SECRET}",
    ],
)
def test_a_secret_is_hidden(text: str) -> None:
    shown = redact(text)

    assert SECRET[:12] not in shown
    assert SECRET[-12:] not in shown
    assert "[secret]" in shown


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        (f"X-Amz-Security-Token={TOKEN}&x=y", TOKEN),
        (f"{TOKEN[:90]}", TOKEN[:90]),
        ("password=hunter2 next", "hunter2"),
        ('"Password": "hun ter2"', "hun ter2"),
        ("DB_PASSWD: s3cr3t", "s3cr3t"),
        ("X-Amz-Signature=8f14e45fceea167a5a36dedd4bea2543&a", "8f14e45fceea167a5a36dedd4bea2543"),
        ("AWS_SECRET_ACCESS_KEY=rootsecret", "rootsecret"),
        ("session_token: 0123456789abcdef0123", "0123456789abcdef0123"),
        ('{\\"SessionToken\\": \\"abcdef0123456789ABCD\\"}', "abcdef0123456789ABCD"),
    ],
)
def test_tokens_passwords_and_signatures_are_hidden(text: str, hidden: str) -> None:
    shown = redact(text)

    assert hidden not in shown
    assert "[secret]" in shown


@pytest.mark.parametrize(
    "text",
    [
        f"key {KEY_ID} of arn:aws:iam::609629065308:user/team/ann was deactivated",
        "arn:aws:sts::609629065308:assumed-role/AWSReservedSSO_AdministratorAccess_0123456789abcdef/a",
        "the session token is expired: sign in again and run the same command",
        "commit 5d41402abc4b2a76b9719d911017c592aaaaaaaa",
        "C:\\Users\\name\\token.txt and /home/name/new",
        "password policy, secret handshake, token: expired",
        "",
    ],
)
def test_what_is_no_secret_stays_readable(text: str) -> None:
    assert redact(text) == text


def test_hiding_twice_is_hiding_once() -> None:
    once = redact(f"id {KEY_ID} secret {SECRET} password=x token={TOKEN}")

    assert redact(once) == once
