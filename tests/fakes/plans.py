"""Plans as the planners make them, for tests of what comes after planning."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from unleak.model.action import Action, Holder, HolderType, SetInlinePolicy
from unleak.model.credential import Credential, CredentialKind
from unleak.model.plan import Plan, Scope, Stage, Step, Strategy
from unleak.model.principal import Principal, PrincipalType
from unleak.model.situation import Caller

CUTOFF = datetime(2026, 11, 24, 7, 0, 0, tzinfo=UTC)
SAFE = CUTOFF + timedelta(hours=12)
ROLE = Holder(type=HolderType.ROLE, name="deploy")
USER = Holder(type=HolderType.USER, name="bob")
KEY_ID = "AKIABOBBOBBOBBOBBOBB"
DENY = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":["*"],"Resource":["*"],'
    '"Condition":{"DateLessThan":{"aws:TokenIssueTime":"2026-11-24T07:00:00Z"}}}]}'
)
CALLER = Caller(
    account="123456789012",
    arn="arn:aws:iam::123456789012:user/responder",
    unique_id="AIDARESPONDER",
    access_key_id="AKIARESPONDERRESPOND",
)
CREDENTIAL = Credential(
    access_key_id="ASIALEAKEDLEAKEDLEAK",
    kind=CredentialKind.ROLE_SESSION,
    account="123456789012",
    principal=Principal(type=PrincipalType.ROLE, name="deploy"),
)


def deny(holder: Holder = ROLE, *, before: str | None = None, after: str = DENY) -> SetInlinePolicy:
    """Return the action of the plain cut-off."""
    return SetInlinePolicy(
        holder=holder, policy_name="AWSRevokeOlderSessions", before=before, after=after
    )


def step(step_id: str, action: Action, *, stage: Stage = Stage.CONTAIN) -> Step:
    """Return a planned step, safe to undo twelve hours after the cut-off."""
    return Step(
        id=step_id,
        action=action,
        account="123456789012",
        reason="it leaked",
        impact="none",
        reversible=True,
        safe_date=SAFE,
        stage=stage,
    )


def plan(*steps: Step) -> Plan:
    """Return a plan of these steps."""
    return Plan(
        credentials=(CREDENTIAL,),
        steps=steps,
        cutoff=CUTOFF,
        strategy=Strategy.REVOKE_SESSIONS,
        scope=Scope.PRINCIPAL,
    )


def by_hand(planned: Step) -> Step:
    """Return the step as one whose inverse gives the leak its power back."""
    return replace(planned, safe_date=None, revives_leak=True)
