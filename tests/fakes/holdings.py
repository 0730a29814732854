"""Long-lived credentials for tests."""

from __future__ import annotations

from datetime import datetime, timedelta

from fakes.cloud import START
from unleak.model.holding import (
    AuditResult,
    Finding,
    Holding,
    HoldingKind,
    HoldingState,
    NotAudited,
    Used,
)
from unleak.model.reading import Absent, Known
from unleak.model.reference import KeyUsers, Use

KEY = "AKIAY34FZKBOKMUTVV7A"


def days_ago(days: int) -> datetime:
    return START - timedelta(days=days)


def used(days: int, service: str = "s3") -> Known[Used]:
    return Known(Used(at=days_ago(days), service=service, region="eu-west-1"))


def key(
    *,
    owner: str = "ci",
    age: int = 30,
    last: Known[Used] | Absent | None = None,
    state: HoldingState = HoldingState.ACTIVE,
    key_id: str = KEY,
) -> Holding:
    return Holding(
        kind=HoldingKind.ACCESS_KEY,
        owner=owner,
        owner_arn=f"arn:aws:iam::123456789012:user/{owner}",
        id=key_id,
        state=state,
        created_at=days_ago(age),
        last_used=used(1) if last is None else last,
    )


def called(agent: str, *, source: str = "198.51.100.7", events: int = 3) -> Use:
    return Use(source=source, user_agent=agent, services=("s3",), events=events, last=START)


def callers(*uses: Use, service: str | None = None) -> KeyUsers:
    return KeyUsers(last_used_at=START, last_service=service, uses=uses)


def result(*findings: Finding, gaps: tuple[NotAudited, ...] = ()) -> AuditResult:
    return AuditResult(
        account="123456789012",
        partition="aws",
        at=START,
        findings=findings,
        not_audited=gaps,
        users_seen=3,
        report_at=START - timedelta(hours=2),
    )
