"""What every form of an audit says of a credential in the same words: ages, last uses, counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from unleak.model.holding import HoldingKind, HoldingState, Risk
from unleak.model.instant import render_instant
from unleak.model.reading import Absent, Known, Unknown

if TYPE_CHECKING:
    from datetime import datetime

    from unleak.model.holding import AuditResult, Finding, Holding, Used
    from unleak.model.reading import Reading

_KINDS = {
    HoldingKind.ACCESS_KEY: "access key",
    HoldingKind.PASSWORD: "console password",
    HoldingKind.SERVICE_KEY: "service key",
    HoldingKind.SSH_KEY: "SSH public key",
    HoldingKind.CERTIFICATE: "signing certificate",
}


def what(holding: Holding) -> str:
    """Return what a credential is, with its service where it is for one alone."""
    words = _KINDS[holding.kind]
    if holding.service:
        words = f"{words} for {holding.service}"
    if holding.state is not HoldingState.ACTIVE:
        words = f"{words} ({holding.state})"
    return words


def age_days(holding: Holding, now: datetime) -> int | None:
    """Return how many days ago it was made or last changed."""
    return None if holding.created_at is None else (now - holding.created_at).days


def last_use_state(last_used: Reading[Used]) -> str:
    """Return `used`, `never` or `unknown`: three values, never two."""
    match last_used:
        case Known():
            return "used"
        case Absent():
            return "never"
        case Unknown():
            return "unknown"
        case _:
            assert_never(last_used)


def last_use_words(last_used: Reading[Used]) -> str:
    """Return the last use in words."""
    match last_used:
        case Known(value=used):
            where = " ".join(filter(None, (used.service, used.region)))
            return f"last used {render_instant(used.at)} {where}".rstrip()
        case Absent():
            return "never used"
        case Unknown(detail=detail):
            return f"last use not known ({detail})" if detail else "last use not known"
        case _:
            assert_never(last_used)


def counts(result: AuditResult) -> dict[str, int]:
    """Return how many credentials there are of each risk."""
    found = [finding.risk for finding in result.findings]
    return {str(risk): found.count(risk) for risk in Risk}


def sources(finding: Finding) -> tuple[str, ...]:
    """Return where the calls came from, each with its user agent."""
    uses = () if finding.users is None else finding.users.uses
    return tuple(f"{use.source} with {use.user_agent}" for use in uses)


def report_age_seconds(result: AuditResult) -> int | None:
    """Return how old the credential report was that dates were taken from."""
    if result.report_at is None:
        return None
    return max(0, int((result.at - result.report_at).total_seconds()))
