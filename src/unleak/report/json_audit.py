"""The JSON document of `unleak audit`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.evidence.clean import redact
from unleak.model.instant import render_instant
from unleak.model.reading import Known, Unknown
from unleak.report.audit_facts import age_days, counts, last_use_state, report_age_seconds
from unleak.report.json_v1 import VERSION

if TYPE_CHECKING:
    from datetime import datetime

    from unleak.model.holding import AuditResult, Finding, Holding, Replacement
    from unleak.model.reference import KeyUsers
    from unleak.report.json_v1 import Document, Json


def audit_document(result: AuditResult) -> Document:
    """Return the document: every credential with its risk, and what could not be looked at."""
    return {
        "version": VERSION,
        "account": result.account,
        "partition": result.partition,
        "at": render_instant(result.at),
        "users": result.users_seen,
        "credential_report": {
            "at": _instant(result.report_at),
            "age_seconds": report_age_seconds(result),
        },
        "counts": dict(counts(result)),
        "credentials": [_finding(each, result.at) for each in result.findings],
        "not_audited": [
            {"where": each.where, "why": redact(each.why)} for each in result.not_audited
        ],
    }


def _finding(finding: Finding, now: datetime) -> Json:
    holding = finding.holding
    return {
        "kind": str(holding.kind),
        "id": holding.id,
        "owner": holding.owner,
        "owner_arn": holding.owner_arn or None,
        "root": holding.is_root,
        "state": str(holding.state),
        "service": holding.service,
        "created_at": _instant(holding.created_at),
        "age_days": age_days(holding, now),
        "expires_at": _instant(holding.expires_at),
        "mfa": holding.has_mfa,
        "last_used": _last_used(holding),
        "risk": str(finding.risk),
        "reasons": [
            {"rule": str(each.rule), "risk": str(each.risk), "words": each.words}
            for each in finding.reasons
        ],
        "can_take_over": str(finding.power),
        "used_by": None if finding.users is None else _users(finding.users),
        "replacements": [_replacement(each) for each in finding.replacements],
    }


def _last_used(holding: Holding) -> Json:
    used = holding.last_used.value if isinstance(holding.last_used, Known) else None
    return {
        "state": last_use_state(holding.last_used),
        "at": None if used is None else render_instant(used.at),
        "service": None if used is None else used.service,
        "region": None if used is None else used.region,
        "why": redact(holding.last_used.detail) if isinstance(holding.last_used, Unknown) else None,
    }


def _users(users: KeyUsers) -> Json:
    return [
        {
            "source": use.source,
            "user_agent": use.user_agent,
            "services": list(use.services),
            "events": use.events,
            "last": _instant(use.last),
        }
        for use in users.uses
    ]


def _replacement(replacement: Replacement) -> Json:
    return {
        "kind": str(replacement.kind),
        "title": replacement.title,
        "why": replacement.why,
        "link": replacement.link or None,
        "snippets": [
            {"title": each.title, "lines": list(each.text.splitlines())}
            for each in replacement.snippets
        ],
    }


def _instant(at: datetime | None) -> str | None:
    return None if at is None else render_instant(at)
