"""An audit as CSV for spreadsheets, in which no cell is ever taken for a formula.

Source: https://owasp.org/www-community/attacks/CSV_Injection
"""

from __future__ import annotations

import csv
from io import StringIO
from typing import TYPE_CHECKING

from unleak.evidence.clean import redact
from unleak.model.instant import render_instant
from unleak.model.reading import Known
from unleak.report.audit_facts import age_days, last_use_state, sources
from unleak.report.wording import clean

if TYPE_CHECKING:
    from datetime import datetime

    from unleak.model.holding import AuditResult, Finding

COLUMNS = (
    "risk",
    "kind",
    "id",
    "owner",
    "account",
    "state",
    "service",
    "created_at",
    "age_days",
    "expires_at",
    "mfa",
    "last_used_state",
    "last_used_at",
    "last_used_service",
    "last_used_region",
    "can_take_over",
    "reasons",
    "used_by",
    "replacement",
    "replacement_title",
)
NOT_AUDITED = "not-audited"
"""What stands in the first column of a line that tells what could not be looked at."""
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_JOIN = "; "


def audit_csv(result: AuditResult) -> str:
    """Return one line a credential, and one for each thing that could not be looked at."""
    out = StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for finding in result.findings:
        writer.writerow([harmless_cell(each) for each in _cells(finding, result)])
    for gap in result.not_audited:
        cells = {"risk": NOT_AUDITED, "kind": gap.where, "reasons": redact(gap.why)}
        writer.writerow([harmless_cell(cells.get(name, "")) for name in COLUMNS])
    return out.getvalue()


def harmless_cell(text: str) -> str:
    """Return a cell that a spreadsheet takes for text: a formula gets a `'` before it.

    Args:
        text: anything; control characters are taken out, which may bring a formula to the front.
    """
    shown = clean(text)
    starts = (text, text.lstrip(), shown, shown.lstrip())
    return f"'{shown}" if any(each.startswith(_STARTS_A_FORMULA) for each in starts) else shown


def _cells(finding: Finding, result: AuditResult) -> tuple[str, ...]:
    holding = finding.holding
    used = holding.last_used.value if isinstance(holding.last_used, Known) else None
    best = finding.replacements[0] if finding.replacements else None
    age = age_days(holding, result.at)
    return (
        str(finding.risk),
        str(holding.kind),
        holding.id or "",
        holding.owner,
        result.account or "",
        str(holding.state),
        holding.service or "",
        _instant(holding.created_at),
        "" if age is None else str(age),
        _instant(holding.expires_at),
        {True: "yes", False: "no", None: ""}[holding.has_mfa],
        last_use_state(holding.last_used),
        "" if used is None else render_instant(used.at),
        "" if used is None else used.service or "",
        "" if used is None else used.region or "",
        str(finding.power),
        _JOIN.join(each.words for each in finding.reasons),
        _JOIN.join(sources(finding)),
        "" if best is None else str(best.kind),
        "" if best is None else best.title,
    )


def _instant(at: datetime | None) -> str:
    return "" if at is None else render_instant(at)
