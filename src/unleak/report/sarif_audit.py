"""An audit as SARIF 2.1.0, for code scanning: one result a credential, one rule a reason.

Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING
from urllib.parse import quote

from unleak import __version__
from unleak.evidence.clean import redact
from unleak.model.holding import Risk, Rule
from unleak.model.instant import render_instant
from unleak.report.audit_facts import last_use_words, what

if TYPE_CHECKING:
    from unleak.model.holding import AuditResult, Finding, NotAudited
    from unleak.report.json_v1 import Document, Json

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_LEVELS = {Risk.HIGH: "error", Risk.MEDIUM: "warning", Risk.LOW: "note"}
_SEVERITIES = {Risk.HIGH: "8.5", Risk.MEDIUM: "5.5", Risk.LOW: "2.5"}
_TITLES = {
    Rule.ROOT_KEY: "The root user has an access key",
    Rule.ROOT_CERTIFICATE: "The root user has a signing certificate",
    Rule.ROOT_PASSWORD: "The root user has a password",
    Rule.NO_MFA: "A password has no second factor",
    Rule.ADMIN: "A long-lived credential can take the account over",
    Rule.MANY_SOURCES: "A key is used from many sources",
    Rule.NEVER_USED: "A credential was never used",
    Rule.UNUSED: "A credential is not used any more",
    Rule.OLD: "A credential is old",
    Rule.NO_EXPIRY: "A service key never expires",
    Rule.TWO_KEYS: "A user has two active keys",
    Rule.SWITCHED_OFF: "A credential is switched off and kept",
    Rule.LONG_LIVED: "A credential works until somebody takes it away",
}


def audit_sarif(result: AuditResult) -> Document:
    """Return the log with one run; what could not be looked at is a warning of the run."""
    rules = list(Rule)
    run: Json = {
        "tool": {
            "driver": {
                "name": "unleak",
                "semanticVersion": __version__,
                "rules": [_rule(each) for each in rules],
            }
        },
        "invocations": [
            {
                "executionSuccessful": True,
                "endTimeUtc": render_instant(result.at),
                "toolExecutionNotifications": [_notice(each) for each in result.not_audited],
            }
        ],
        "automationDetails": {"id": f"unleak-audit/{result.account or 'unknown'}/"},
        "results": [_result(each, result.account, rules) for each in result.findings],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(rule: Rule) -> Json:
    return {
        "id": str(rule),
        "name": "".join(word.capitalize() for word in str(rule).split("-")),
        "shortDescription": {"text": f"{_TITLES[rule]}."},
    }


def _notice(gap: NotAudited) -> Json:
    return {
        "level": "warning",
        "message": {"text": f"Not looked at: {gap.where}: {redact(gap.why)}"},
    }


def _result(finding: Finding, account: str | None, rules: list[Rule]) -> Json:
    holding, first = finding.holding, finding.reasons[0]
    name = holding.owner if holding.is_root else f"user/{holding.owner}"
    path = f"{account or 'account'}/{name}/{holding.kind}"
    path = path if holding.id is None else f"{path}/{holding.id}"
    return {
        "ruleId": str(first.rule),
        "ruleIndex": rules.index(first.rule),
        "level": _LEVELS[finding.risk],
        "message": {"text": _message(finding)},
        "locations": [
            {
                "physicalLocation": {"artifactLocation": {"uri": f"iam/{quote(path)}"}},
                "logicalLocations": [{"fullyQualifiedName": path, "kind": "resource"}],
            }
        ],
        "partialFingerprints": {"credential/v1": _fingerprint(finding, path)},
        "properties": {
            "security-severity": _SEVERITIES[finding.risk],
            "reasons": [str(each.rule) for each in finding.reasons],
            "replacements": [str(each.kind) for each in finding.replacements],
        },
    }


def _message(finding: Finding) -> str:
    holding = finding.holding
    words = "; ".join(each.words for each in finding.reasons)
    text = f"{what(holding)} of {holding.owner}: {words}; {last_use_words(holding.last_used)}."
    if finding.replacements:
        text += f" Instead: {finding.replacements[0].title}."
    return text[0].upper() + text[1:]


def _fingerprint(finding: Finding, path: str) -> str:
    """Return what stays the same from run to run; two of root's keys differ by their date alone."""
    made = finding.holding.created_at
    parts = (path, "" if made is None or finding.holding.id else render_instant(made))
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:32]
