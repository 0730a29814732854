"""Traces of any size, the same every time, for tests of what reports draw."""

from __future__ import annotations

from datetime import timedelta
from itertools import cycle, islice

from fakes import examples
from unleak.model.credential import CredentialKind
from unleak.model.principal import Principal, PrincipalType
from unleak.model.trace import (
    Confidence,
    Coverage,
    Outcome,
    Persisting,
    Presence,
    Skipped,
    Tactic,
    TacticCount,
    Timeline,
    TimelineItem,
    Trace,
    TracedCredential,
    TracedPrincipal,
)

SEED = "AKIA2E0A8F3B244C9987"
"""The key that leaked, in `examples.doors_incident`."""
BEGAN = examples.CUTOFF - timedelta(hours=6)
CALLS = (
    ("ListBuckets", Tactic.RECON, Outcome.SUCCEEDED, ""),
    ("GetObject", Tactic.DATA_ACCESS, Outcome.SUCCEEDED, "arn:aws:s3:::payroll/2026.csv"),
    ("AssumeRole", Tactic.NEW_CREDENTIALS, Outcome.SUCCEEDED, "role/admin"),
    ("GetSecretValue", Tactic.DATA_ACCESS, Outcome.DENIED, "prod/database"),
    ("CreateUser", Tactic.PERSISTENCE, Outcome.SUCCEEDED, "user/aws-support"),
    ("AttachUserPolicy", Tactic.PRIVILEGE_ESCALATION, Outcome.DENIED, "user/aws-support"),
    ("StopLogging", Tactic.DEFENCE_EVASION, Outcome.DENIED, "trail/main"),
    ("RunInstances", Tactic.IMPACT, Outcome.FAILED, "p5.48xlarge"),
    ("DescribeRegions", Tactic.OTHER, Outcome.SUCCEEDED, ""),
)
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def key_id(number: int) -> str:
    """Return the id of a session, one for each number."""
    body = ""
    for _ in range(12):
        number, letter = divmod(number, len(_LETTERS))
        body = _LETTERS[letter] + body
    return f"ASIA2E0A{body}"


def thief_trace(*, sessions: int = 6, events: int = 30) -> Trace:
    """Return a trace in which one key led to so many sessions, three from each, and made calls."""
    items = tuple(item(number, sessions) for number in range(events))
    return Trace(
        seeds=(SEED,),
        credentials=tuple(session(number) for number in range(sessions)),
        principals=(
            TracedPrincipal(
                name="aws-support",
                type="user",
                arn=f"arn:aws:iam::{examples.ACCOUNT}:user/aws-support",
                via="CreateUser",
                event_id="event-user",
                at=BEGAN + timedelta(minutes=5),
            ),
        ),
        persistence=(
            Persisting(
                via="CreateUser",
                what="user/aws-support",
                region="us-east-1",
                event_id="event-user",
                at=BEGAN + timedelta(minutes=5),
                by=key_id(0) if sessions else SEED,
                fix="aws iam delete-user --user-name aws-support",
                was_used=True,
                now=Presence.THERE,
            ),
        ),
        timeline=timeline(items),
        coverage=Coverage(
            files=12,
            events=2 * events,
            duplicates=1,
            skipped=(Skipped(path="a.json.gz", why="it ends too early"),),
            first=BEGAN,
            last=examples.CUTOFF,
            regions=("eu-west-1", "us-east-1"),
            notes=("one account only",),
        ),
    )


def session(number: int) -> TracedCredential:
    """Return one session; every seventh is only inferred."""
    is_inferred = number % 7 == 6
    return TracedCredential(
        access_key_id=key_id(number),
        kind=CredentialKind.ROLE_SESSION,
        principal=Principal(type=PrincipalType.ROLE, name=f"role-{number % 4}"),
        minted_by=SEED if number < 3 else key_id(number // 3 - 1),
        via="AssumeRole",
        event_id=f"event-{number}",
        at=BEGAN + timedelta(minutes=number % 300),
        expires_at=examples.CUTOFF + timedelta(hours=1),
        confidence=Confidence.INFERRED if is_inferred else Confidence.PROVEN,
        reason="the same address, a minute later" if is_inferred else "",
        events=number,
    )


def item(number: int, sessions: int) -> TimelineItem:
    """Return one call."""
    name, tactic, outcome, target = CALLS[number % len(CALLS)]
    return TimelineItem(
        at=BEGAN + timedelta(seconds=(number * 7919) % 21000),
        event_id=f"00000000-0000-4000-8000-{number:012x}",
        name=name,
        source="s3.amazonaws.com",
        region="us-east-1",
        key_id=SEED if not sessions else key_id(number % sessions),
        tactic=tactic,
        outcome=outcome,
        error_code="AccessDenied" if outcome is Outcome.DENIED else None,
        source_ip=f"203.0.113.{number % 250}",
        user_agent="aws-cli/2.15",
        target=target,
    )


def timeline(items: tuple[TimelineItem, ...]) -> Timeline:
    """Return the calls with their counts."""
    by_tactic = {
        tactic: TacticCount(
            **{
                str(outcome): sum(
                    each.tactic is tactic and each.outcome is outcome for each in items
                )
                for outcome in Outcome
            }
        )
        for tactic in Tactic
    }
    moments = [each.at for each in items if each.at is not None]
    return Timeline(
        first=min(moments, default=None),
        last=max(moments, default=None),
        events=len(items),
        inferred_events=1,
        denied=sum(each.outcome is Outcome.DENIED for each in items),
        by_tactic=by_tactic,
        items=items,
        inferred_items=tuple(islice(cycle(items), 1)),
        items_left_out=2,
        regions={"us-east-1": len(items)},
        new_regions=("eu-west-1",),
        tampering=items[:1],
        costs={"RunInstances": 1},
        data={"GetObject arn:aws:s3:::payroll/2026.csv": 1},
        fixes={"RunInstances": "terminate it"},
        quarantine=items[1:2],
    )
