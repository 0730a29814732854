"""The ways in for evidence: argument, file, stdin, environment, hidden paste."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from unleak.cli.evidence_input import read_evidence
from unleak.cli.hidden_paste import collect
from unleak.cli.identify import is_configured
from unleak.cli.request_input import consent_of
from unleak.errors import UnreadableEvidence, WrongUse
from unleak.identify.consent import Consent

ID = "AKIA2E0A8F3B244C9986"
SECRET = "k3Yq9s2LmZ8vX1cB7nD4fG6hJ0pR5tW/uE+iOaQz"
TEXT = f"export AWS_ACCESS_KEY_ID={ID}\nexport AWS_SECRET_ACCESS_KEY={SECRET}\n"


class Stdin(io.StringIO):
    """A standard input that is no terminal and has bytes behind it."""

    def __init__(self, raw: bytes) -> None:
        super().__init__()
        self._raw = io.BytesIO(raw)

    @property
    def buffer(self) -> io.BytesIO:
        """The bytes."""
        return self._raw


def test_a_file_gives_the_credential_with_its_secret(tmp_path: Path) -> None:
    path = tmp_path / "leak.txt"
    path.write_text(TEXT)

    evidence, named = read_evidence(None, path=str(path))

    assert named is None
    assert [each.access_key_id for each in evidence.found] == [ID]
    assert evidence.found[0].can_sign


def test_a_name_and_a_file_together_say_whose_it_is(tmp_path: Path) -> None:
    path = tmp_path / "leak.txt"
    path.write_text(TEXT)

    evidence, named = read_evidence("user/ci", path=str(path))

    assert named is not None
    assert named.principal.label == "user/ci"
    assert len(evidence.found) == 1


def test_stdin_is_read_for_a_dash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", Stdin(TEXT.encode("utf-16")))

    evidence, _ = read_evidence("-")

    assert [each.access_key_id for each in evidence.found] == [ID]


@pytest.mark.parametrize("raw", [b"", b"   \n", b"hello", bytes(range(256)) * 50])
def test_stdin_without_a_credential_is_unreadable_evidence(
    raw: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", Stdin(raw))

    with pytest.raises(UnreadableEvidence) as refused:
        read_evidence("-")

    assert refused.value.hint


def test_nothing_at_all_without_a_terminal_is_wrong_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", Stdin(b""))

    with pytest.raises(WrongUse, match="nothing to go on"):
        read_evidence(None)


def test_the_shells_own_variables_are_evidence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ID)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)

    evidence, _ = read_evidence(None, from_env=True)

    assert [each.access_key_id for each in evidence.found] == [ID]
    assert SECRET not in repr(evidence)


def test_an_empty_shell_has_nothing_to_give(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID", raising=False)

    with pytest.raises(UnreadableEvidence):
        read_evidence(None, from_env=True)


class Typist:
    """Types bursts of characters with a pause after each, then nothing more."""

    def __init__(self, *bursts: str) -> None:
        self._bursts = [list(burst) for burst in bursts]

    def read(self) -> str:
        while self._bursts and not self._bursts[0]:
            del self._bursts[0]
        return self._bursts[0].pop(0) if self._bursts else ""

    def has_more(self) -> bool:
        return bool(self._bursts and self._bursts[0])


@pytest.mark.parametrize(
    ("bursts", "taken"),
    [
        ((TEXT, "\n", "left over"), TEXT),
        ((TEXT + "\n" + TEXT, "\n"), TEXT + "\n" + TEXT),
        (("\n\n" + TEXT, "\n"), "\n\n" + TEXT),
        (("abc\x7fd\x04rest",), "abd"),
        (("x" * 5000 + "\r", "\r"), "x" * 5000 + "\n"),
        (("",), ""),
    ],
)
def test_a_paste_ends_at_an_empty_line_that_nothing_follows_or_at_ctrl_d(
    bursts: tuple[str, ...], taken: str
) -> None:
    assert collect(Typist(*bursts)) == taken


def test_ctrl_c_ends_the_paste_without_a_text() -> None:
    with pytest.raises(KeyboardInterrupt):
        collect(Typist("abc\x03"))


@pytest.mark.parametrize(
    ("asked", "assume_yes", "may_ask", "consent"),
    [
        (True, False, False, Consent.GRANTED),
        (False, True, True, Consent.FORBIDDEN),
        (None, True, False, Consent.IF_OWN_ACCOUNT),
        (None, False, True, Consent.ASK),
        (None, False, False, Consent.FORBIDDEN),
    ],
)
def test_consent_follows_the_options(
    asked: bool | None,  # noqa: FBT001 - the three states of one option
    assume_yes: bool,  # noqa: FBT001 - as above
    may_ask: bool,  # noqa: FBT001 - as above
    consent: Consent,
) -> None:
    assert consent_of(asked, assume_yes=assume_yes, may_ask=may_ask) is consent


def test_leaked_variables_do_not_count_as_the_responders_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    environment = {"AWS_ACCESS_KEY_ID": ID}

    assert is_configured(environment, from_env=False)
    assert not is_configured(environment, from_env=True)
    assert is_configured({"AWS_PROFILE": "me"}, from_env=True)
