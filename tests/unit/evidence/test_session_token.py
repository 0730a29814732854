"""What a session token shows in the clear; all tokens here are made up."""

from __future__ import annotations

import base64

import pytest

from unleak.evidence.session_token import TokenHints, hints_of


def made_up(region: str = "eu-central-1", account: str = "609629065308") -> str:
    name = region.encode()
    raw = (
        b"!\n\torigin_ec\x10\x2a\x1a"
        + bytes([len(name)])
        + name
        + b'"H0F\x02!\x00'
        + bytes(range(128, 194))
        + b"*\xe5\x03\x10\x01\x1a\x0c"
        + account.encode()
        + b'"\x0c'
        + bytes(range(60, 250))
    )
    return base64.b64encode(raw).decode()


@pytest.mark.parametrize(
    "region", ["us-east-1", "ap-southeast-2", "us-gov-west-1", "eusc-de-east-1"]
)
def test_the_region_and_the_account_are_read(region: str) -> None:
    token = made_up(region)

    assert token.startswith("IQoJb3JpZ2luX2Vj")
    assert hints_of(token) == TokenHints(account="609629065308", region=region)


def test_a_region_of_the_wrong_length_is_no_region() -> None:
    raw = base64.b64decode(made_up("us-east-1")).replace(b"\x09us-east-1", b"\x0bus-east-1")

    assert hints_of(base64.b64encode(raw).decode()).region is None


@pytest.mark.parametrize("cut", range(0, 240, 7))
def test_a_cut_token_gives_what_is_left(cut: int) -> None:
    hints = hints_of(made_up()[:cut])

    assert hints.region in {None, "eu-central-1"}
    assert hints.account in {None, "609629065308"}


def test_line_ends_inside_a_token_do_not_matter() -> None:
    token = made_up()

    assert hints_of(token[:50] + "\n  " + token[50:]) == hints_of(token)


@pytest.mark.parametrize(
    "token",
    [
        "",
        "FwoGZXIvYXdzEBYaDK" + "a1B2" * 60,
        "FQoDYXdzEJr" + "a1B2" * 60,
        "FwoGZX" + "0a" * 64,
        "not a token",
        "\u00e9" * 300,
        base64.b64encode(b"\x1a\x09us-east-1\x1a\x0c609629065308" * 5).decode(),
    ],
)
def test_other_tokens_give_no_hints(token: str) -> None:
    assert hints_of(token) == TokenHints()
