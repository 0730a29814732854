"""Evidence with nothing in it is refused in words that help."""

from __future__ import annotations

import pytest

from unleak.errors import ExitCode, UnreadableEvidence
from unleak.evidence.found import require
from unleak.evidence.paste import extract


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("aws_access_key_id = AKIAIOSFODNN7EXAMPLE", "only placeholders"),
        ("role id AROAY34FZKBOKMUTVV7AX", "only unique ids"),
        ("AKIAY34FZKBOKMUTVV7", "something close to one"),
        ("nothing of interest", "no AWS key id"),
        ("\x00\x01\x02\xff" * 50, "no AWS key id"),
    ],
)
def test_each_kind_of_nothing_has_its_own_message(text: str, words: str) -> None:
    with pytest.raises(UnreadableEvidence) as refusal:
        require(extract(text))

    assert words in refusal.value.message
    assert refusal.value.hint
    assert refusal.value.exit_code is ExitCode.REFUSED


@pytest.mark.parametrize("text", ["AKIAY34FZKBOKMUTVV7A", "arn:aws:iam::609629065308:role/Admin"])
def test_a_credential_or_a_name_is_enough(text: str) -> None:
    evidence = extract(text)

    assert require(evidence) is evidence


def test_many_near_misses_are_counted_not_listed() -> None:
    text = " ".join(f"AKIAY34FZKBOKMUTV{n}" for n in range(10, 30))

    with pytest.raises(UnreadableEvidence, match="and 17 more"):
        require(extract(text))
