"""What a key id tells by itself."""

from __future__ import annotations

import pytest

from unleak.evidence.key_id import account_of, is_base32, is_key_id, is_placeholder, kind_of
from unleak.model.credential import CredentialKind


@pytest.mark.parametrize(
    ("key_id", "account"),
    [
        ("ASIAQNZGKIQY56JQ7WML", "029608264753"),
        ("ASIAY34FZKBOKMUTVV7A", "609629065308"),
        ("AKIAIOSFODNN7EXAMPLE", None),
        ("AKIAB880285270FA49F6", None),
        ("AKIAY34FZKBOKMUTVV7", None),
        ("AROAY34FZKBOKMUTVV7A", None),
        ("ASIA7777777777777777", None),
    ],
    ids=["published", "published too", "old", "hexadecimal", "short", "role", "beyond 12 digits"],
)
def test_the_account_is_read_off_the_id(key_id: str, account: str | None) -> None:
    assert account_of(key_id) == account


@pytest.mark.parametrize(
    ("key_id", "kind"),
    [
        ("AKIAY34FZKBOKMUTVV7A", CredentialKind.USER_KEY),
        ("ASIAY34FZKBOKMUTVV7A", CredentialKind.UNKNOWN_SESSION),
        ("ABIAY34FZKBOKMUTVV7A", CredentialKind.SERVICE_KEY),
        ("ACCAY34FZKBOKMUTVV7A", CredentialKind.SERVICE_KEY),
        ("AROAY34FZKBOKMUTVV7A", None),
        ("AKIAY34FZKBOKMUTVV7AX", None),
        ("akiay34fzkbokmutvv7a", None),
        ("", None),
    ],
)
def test_the_first_letters_tell_the_kind(key_id: str, kind: CredentialKind | None) -> None:
    assert kind_of(key_id) is kind
    assert is_key_id(key_id) is (kind is not None)


@pytest.mark.parametrize(
    "text", ["AKIAY34FZKBOKMUTVV7A\n", " AKIAY34FZKBOKMUTVV7A", "AKIA" + "\u0660" * 16]
)
def test_nothing_may_stand_around_an_id(text: str) -> None:
    assert not is_key_id(text)


@pytest.mark.parametrize(
    ("key_id", "is_one"),
    [
        ("AKIAIOSFODNN7EXAMPLE", True),
        ("AKIAI44QH8DHBEXAMPLE", True),
        ("ASIAQWERTYUIOEXAMPLE", True),
        ("AKIAXXXXXXXXXXXXXXXX", True),
        ("AKIA1234567890ABCDEF", True),
        ("AKIAABCDEFGHIJKLMNOP", True),
        ("AKIA0000000000000000", True),
        ("AKIAROOTROOTROOTROOT", False),
        ("AKIAY34FZKBOKMUTVV7A", False),
        ("AKIAB880285270FA49F6", False),
        ("AKIA12345Q7890ABXDEF", False),
    ],
)
def test_placeholders_are_told_from_ids(key_id: str, is_one: bool) -> None:  # noqa: FBT001 - a table
    assert is_placeholder(key_id) is is_one


def test_base32_has_no_0_1_8_9() -> None:
    assert is_base32("AKIAY34FZKBOKMUTVV7A")
    assert not is_base32("AKIAY34FZKBOKMUTVV7O".replace("O", "0"))
