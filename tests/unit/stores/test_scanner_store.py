"""Reports of gitleaks and TruffleHog are read, and never trusted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fakes.local import KEY_ID, SECRET, Findings
from unleak.stores.scanner import Scanner, key_ids_in_report

GITLEAKS = {
    "RuleID": "aws-access-token",
    "Description": "AWS",
    "StartLine": 7,
    "Match": f"key = {KEY_ID}",
    "Secret": KEY_ID,
    "File": "deploy/prod.env",
    "Commit": "0123456789abcdef0123456789abcdef01234567",
}
TRUFFLEHOG = {
    "SourceMetadata": {
        "Data": {"Git": {"commit": "fedcba98765432100123", "file": "app.py", "line": 3}}
    },
    "DetectorName": "AWS",
    "Verified": True,
    "Raw": KEY_ID,
    "RawV2": f"{KEY_ID}:{SECRET}",
}
OTHER = {**GITLEAKS, "Secret": "AKIAQNZGKIQYOTHER234", "Match": "AKIAQNZGKIQYOTHER234"}


def report(tmp_path: Path, content: object) -> Path:
    path = tmp_path / "report.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def test_findings_of_gitleaks_for_the_key_become_places(tmp_path: Path) -> None:
    found = Findings(Scanner(), report(tmp_path, [GITLEAKS, OTHER]))

    (reference,) = found.references
    assert (reference.kind, reference.location) == ("gitleaks", "deploy/prod.env")
    assert reference.field == "line 7, commit 0123456789"
    assert found.searched[0].seen == 2


@pytest.mark.parametrize("form", ["lines", "array", "one"])
def test_findings_of_trufflehog_become_places_without_their_secrets(
    tmp_path: Path, form: str
) -> None:
    forms = {
        "lines": f"{json.dumps(TRUFFLEHOG)}\n\n{json.dumps(TRUFFLEHOG)}\n",
        "array": json.dumps([TRUFFLEHOG]),
        "one": json.dumps(TRUFFLEHOG, indent=1),
    }

    found = Findings(Scanner(), report(tmp_path, forms[form]))

    (reference,) = found.references
    assert (reference.kind, reference.location) == ("trufflehog", "app.py")
    assert reference.field == "line 3, commit fedcba9876"
    assert SECRET not in repr(found.all)


def test_a_redacted_report_is_not_taken_for_a_clean_one(tmp_path: Path) -> None:
    redacted = {**GITLEAKS, "Secret": "REDACTED", "Match": "key = REDACTED"}

    found = Findings(Scanner(), report(tmp_path, [redacted]))

    assert not found.references
    assert "1 findings in it are redacted" in found.gaps[0].why


@pytest.mark.parametrize(
    "content",
    [
        '[{"RuleID": "x", "File": ',
        '{"SourceMetadata": {}, "DetectorName": "AWS"}\n{broken',
        '["RuleID", "File"]',
        "[" * 100_000 + '"RuleID" "File"',
        '[{"RuleID": 1e999999, "File": ' + "9" * 10_000 + "}",
    ],
)
def test_a_malformed_report_is_said_to_be_one(tmp_path: Path, content: str) -> None:
    found = Findings(Scanner(), report(tmp_path, content))

    assert not found.references
    assert not found.searched
    assert len(found.gaps) == 1


def test_hostile_fields_are_shown_on_one_harmless_line(tmp_path: Path) -> None:
    hostile = {**GITLEAKS, "File": "a\x1b[2J\nb", "Commit": "\x1b]0;x\x07", "StartLine": "seven"}

    (reference,) = Findings(Scanner(), report(tmp_path, [hostile])).references

    assert f"{reference.location}{reference.field}{reference.note}".isprintable()


@pytest.mark.parametrize("content", ["plain text", '{"name": "x"}', "", "[1, 2]"])
def test_a_file_that_is_no_report_is_none_of_its_business(tmp_path: Path, content: str) -> None:
    path = report(tmp_path, content)

    assert Findings(Scanner(), path).all == ()
    assert key_ids_in_report(path) == ()
    assert Findings(Scanner(), tmp_path).all == ()


def test_the_ids_in_a_report_can_serve_as_evidence(tmp_path: Path) -> None:
    path = report(tmp_path, [GITLEAKS, TRUFFLEHOG, OTHER])

    assert key_ids_in_report(path) == (KEY_ID, "AKIAQNZGKIQYOTHER234")
