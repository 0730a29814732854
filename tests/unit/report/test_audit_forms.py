"""An audit in its four forms: words, JSON, CSV and SARIF; each tells what was not looked at."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from io import StringIO

import pytest

from fakes.cloud import START
from fakes.holdings import called, callers, key, result
from unleak.audit.rank import Context, judge
from unleak.model.holding import Finding, NotAudited, Replacement, ReplacementKind, Snippet
from unleak.model.plan import Grip
from unleak.model.reading import Absent
from unleak.report.audit_words import audit_page
from unleak.report.csv_audit import COLUMNS, audit_csv, harmless_cell
from unleak.report.json_audit import audit_document
from unleak.report.json_v1 import to_text
from unleak.report.plain import lay_out
from unleak.report.sarif_audit import audit_sarif

GAP = NotAudited(where="signing certificates", why="not allowed to call ListSigningCertificates")
HOSTILE = "=cmd|'/c calc'!A1\x1b[31m\nX"


def finding(*, owner: str = "ci", agent: str = "Boto3/1.40") -> Finding:
    users = callers(called(agent))
    judged = judge(
        key(owner=owner, age=400, last=Absent()),
        Context(now=START, power=Grip.YES, users=users),
    )
    policy = Snippet(title="trust.json", text='{\n  "Version": "2012-10-17"\n}')
    instead = Replacement(
        kind=ReplacementKind.GITHUB, title="OIDC", why="it says so", snippets=(policy,), link="x"
    )
    return replace(judged, replacements=(instead,))


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text, newline="")))


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\n", " =", "\x00=", "\uff1d"])
def test_no_cell_is_a_formula(first: str) -> None:
    assert harmless_cell(f"{first}1+1").startswith("'")


@pytest.mark.parametrize("text", ["ci", "", "400", "2026-11-24T07:00:00Z", "a=b", "a-b"])
def test_a_plain_cell_stays_as_it_is(text: str) -> None:
    assert harmless_cell(text) == text


def test_hostile_names_and_agents_are_text_in_csv() -> None:
    text = audit_csv(result(finding(owner="=ci", agent=HOSTILE)))

    (row,) = rows(text)
    assert row["owner"] == "'=ci"
    assert "\x1b" not in text
    assert not any(value.startswith(("=", "+", "-", "@")) for value in row.values())


def test_csv_tells_what_was_not_looked_at() -> None:
    found = rows(audit_csv(result(finding(), gaps=(GAP,))))

    assert [row["risk"] for row in found] == ["high", "not-audited"]
    assert found[1]["kind"] == GAP.where


def test_csv_has_every_column_in_every_line() -> None:
    text = audit_csv(result(finding(), gaps=(GAP,)))

    assert {len(row) for row in csv.reader(StringIO(text, newline=""))} == {len(COLUMNS)}
    assert text.endswith("\r\n")


def test_json_has_all_promised_keys() -> None:
    document = json.loads(to_text(audit_document(result(finding(), gaps=(GAP,)))))

    assert document["counts"] == {"high": 1, "medium": 0, "low": 0}
    assert document["credential_report"] == {"at": "2026-11-24T05:00:00Z", "age_seconds": 7200}
    assert document["not_audited"] == [{"where": GAP.where, "why": GAP.why}]
    (credential,) = document["credentials"]
    assert set(credential) == {
        "kind",
        "id",
        "owner",
        "owner_arn",
        "root",
        "state",
        "service",
        "created_at",
        "age_days",
        "expires_at",
        "mfa",
        "last_used",
        "risk",
        "reasons",
        "can_take_over",
        "used_by",
        "replacements",
    }
    assert credential["last_used"]["state"] == "never"
    assert credential["age_days"] == 400


def test_lines_to_copy_are_whole_in_json() -> None:
    document = json.loads(to_text(audit_document(result(finding()))))

    (snippet,) = document["credentials"][0]["replacements"][0]["snippets"]
    assert snippet["lines"] == ["{", '  "Version": "2012-10-17"', "}"]


def test_a_sarif_log_has_one_result_a_credential_and_rules_for_all() -> None:
    log = json.loads(to_text(audit_sarif(result(finding(), gaps=(GAP,)))))

    (run,) = log["runs"]
    (found,) = run["results"]
    rules = run["tool"]["driver"]["rules"]
    assert log["version"] == "2.1.0"
    assert found["level"] == "error"
    assert rules[found["ruleIndex"]]["id"] == found["ruleId"]
    assert found["message"]["text"].endswith(".")
    uri = found["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == "iam/123456789012/user/ci/access-key/AKIAY34FZKBOKMUTVV7A"


def test_what_was_not_looked_at_is_a_warning_of_the_sarif_run() -> None:
    log = json.loads(to_text(audit_sarif(result(gaps=(GAP,)))))

    (notice,) = log["runs"][0]["invocations"][0]["toolExecutionNotifications"]
    assert notice["level"] == "warning"
    assert GAP.where in notice["message"]["text"]


def test_a_fingerprint_stays_from_run_to_run_and_differs_by_credential() -> None:
    def prints(*findings: Finding) -> list[str]:
        log = json.loads(to_text(audit_sarif(result(*findings))))
        return [each["partialFingerprints"]["credential/v1"] for each in log["runs"][0]["results"]]

    one, other = prints(finding(), finding(owner="other"))

    assert prints(finding(agent="another")) == [one]
    assert one != other


def test_words_tell_the_count_the_reason_and_the_lines_to_copy() -> None:
    text = lay_out(audit_page(result(finding(), gaps=(GAP,))), width=100)

    assert text.startswith("1 long-lived credential in 123456789012: 1 high risk")
    assert "never used" in text
    assert '      "Version": "2012-10-17"\n' in text
    assert "2 h old" in text
    assert "Not looked at: there may be more" in text


def test_an_empty_list_with_gaps_is_not_called_clean() -> None:
    text = lay_out(audit_page(result(gaps=(GAP,))), width=100)

    assert "no long-lived credential was seen, but not all could be looked at" in text


def test_no_escape_reaches_the_screen() -> None:
    text = lay_out(audit_page(result(finding(agent=HOSTILE))), width=100)

    assert "\x1b" not in text
