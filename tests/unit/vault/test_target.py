"""What the words after `vault:` point at."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unleak.errors import WrongUse
from unleak.evidence.vault_target import is_vault, parse_vault
from unleak.model.vault import VaultPlace


@pytest.mark.parametrize(
    ("text", "mount", "place", "name", "lease"),
    [
        ("vault:aws/creds/deploy", "aws", VaultPlace.CREDS, "deploy", None),
        ("vault:aws/sts/deploy", "aws", VaultPlace.STS, "deploy", None),
        ("vault:aws/creds/deploy/AbC123", "aws", VaultPlace.CREDS, "deploy", "AbC123"),
        ("vault:aws/creds/deploy/AbC.ns1", "aws", VaultPlace.CREDS, "deploy", "AbC.ns1"),
        ("vault:cloud/aws/creds/a@b", "cloud/aws", VaultPlace.CREDS, "a@b", None),
        ("vault:aws/static-creds/ci", "aws", VaultPlace.STATIC, "ci", None),
        ("vault:aws/config/root", "aws", VaultPlace.ROOT, "", None),
        (" vault:/aws/config/root/ ", "aws", VaultPlace.ROOT, "", None),
    ],
)
def test_each_form_is_read(
    text: str, mount: str, place: VaultPlace, name: str, lease: str | None
) -> None:
    target = parse_vault(text)

    assert is_vault(text)
    assert (target.mount, target.place, target.name, target.lease) == (mount, place, name, lease)
    assert parse_vault(target.label) == target


@pytest.mark.parametrize(
    "text",
    [
        "vault:",
        "vault:aws",
        "vault:aws/creds",
        "vault:creds/deploy",
        "vault:aws/roles/deploy",
        "vault:../sys/creds/x",
        "vault:aws/creds/../../sys",
        "vault:aws/creds/a b",
        "vault:aws/creds/a?list=true",
        "vault:aws/creds/a%2f..",
        "vault:aws/static-creds/ci/lease",
        "vault:aws/creds/a/b/c/d",
        "vault:aws\x1b[31m/creds/deploy",
    ],
)
def test_anything_else_is_refused_without_escapes(text: str) -> None:
    with pytest.raises(WrongUse) as caught:
        parse_vault(text)

    assert "\x1b" not in caught.value.message


@given(st.text())
def test_no_text_makes_a_path_that_leaves_the_engine(text: str) -> None:
    try:
        target = parse_vault(f"vault:{text}")
    except WrongUse:
        return

    parts = target.path.split("/")
    assert ".." not in parts
    assert "" not in parts
    assert not set(target.path) & set("?#% \\")
