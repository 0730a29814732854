"""What may stand on the command line as a target."""

from __future__ import annotations

import pytest

from unleak.errors import WrongUse
from unleak.evidence.target import NamedTarget, parse_target
from unleak.model.credential import FoundCredential
from unleak.model.principal import PrincipalType

SECRET = "q7Xr1LmT0vZpA9sKc3Wf/u8HdE2NbJ6oGi4RtB5x"


def test_a_key_id_is_a_credential_with_its_account() -> None:
    target = parse_target(" ASIAY34FZKBOKMUTVV7A\n")

    assert target == FoundCredential(
        access_key_id="ASIAY34FZKBOKMUTVV7A", account_hint="609629065308"
    )


@pytest.mark.parametrize(
    ("text", "label", "session_name"),
    [
        ("user/ann", "user/ann", None),
        ("role/Admin", "role/Admin", None),
        ("role/team/path/Admin", "role/Admin", None),
        ("session/Admin/ann@example.com", "role/Admin", "ann@example.com"),
        ("arn:aws:iam::609629065308:role/team/Admin", "role/Admin", None),
        ("arn:aws-cn:iam::609629065308:user/ann", "user/ann", None),
        ("arn:aws:sts::609629065308:assumed-role/Admin/ann", "role/Admin", "ann"),
        ("arn:aws:sts::609629065308:federated-user/ann", "federated-user/ann", None),
        ("arn:aws-us-gov:iam::609629065308:root", "root", None),
    ],
)
def test_a_name_or_an_arn_is_a_principal(text: str, label: str, session_name: str | None) -> None:
    target = parse_target(text)

    assert isinstance(target, NamedTarget)
    assert target.principal.label == label
    assert target.session_name == session_name


def test_a_role_by_name_has_no_account_yet() -> None:
    target = parse_target("role/Admin")

    assert isinstance(target, NamedTarget)
    assert target.principal.type is PrincipalType.ROLE
    assert target.principal.account is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("AKIAIOSFODNN7EXAMPLE", "placeholder"),
        ("AKIAY34FZKBOKMUTVV7", "19 characters"),
        ("akiay34fzkbokmutvv7a", "capitals"),
        ("AROAY34FZKBOKMUTVV7AX", "unique id of a role"),
        ("role/", "not the name of a role"),
        ("user/an n", "not the name of a user"),
        ("session/Admin", "not the name of a role"),
        ("session/Admin/", "not the name of a session"),
        ("group/ann", "not a target"),
        ("arn:aws:s3:::bucket", "not the ARN"),
        ("arn:aws:iam::609629065308:policy/x", "not the ARN"),
        ("what\x1b[31m", "not a target: 'what'"),
    ],
)
def test_anything_else_is_refused_with_a_reason_and_a_hint(text: str, words: str) -> None:
    with pytest.raises(WrongUse) as refusal:
        parse_target(text)

    assert words in refusal.value.message
    assert refusal.value.hint


@pytest.mark.parametrize("text", [SECRET, f"arn:aws:iam::x:{SECRET}", f"AKIA {SECRET}"])
def test_a_secret_given_by_mistake_is_not_repeated(text: str) -> None:
    with pytest.raises(WrongUse) as refusal:
        parse_target(text)

    assert SECRET[-15:] not in refusal.value.message + refusal.value.hint


def test_a_word_that_may_be_a_secret_is_not_repeated() -> None:
    word = "52b4af3661c14633a17a3e7fff0c9d1e2b3a4f5d"

    with pytest.raises(WrongUse) as refused:
        parse_target(word)

    assert word[:12] not in str(refused.value)
    assert "40 characters" in str(refused.value)
