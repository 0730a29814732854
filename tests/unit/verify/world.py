"""A small cloud on a virtual clock that enforces issue-time denies, late and place by place."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from fakes.cloud import START, FakeClock, FakeCloud
from unleak.model.action import Holder, HolderType, SetInlinePolicy
from unleak.model.credential import Credential, CredentialKind, FoundCredential
from unleak.model.plan import Step, StepState
from unleak.model.ports import ProbeAnswer
from unleak.model.principal import Principal, PrincipalType
from unleak.model.secret import Secret
from unleak.verify.denies import read_denies
from unleak.verify.subject import Canary

Teller: TypeAlias = Callable[[FoundCredential, str, str], ProbeAnswer | None]

ROLE = Holder(type=HolderType.ROLE, name="app")
ACCOUNT = "123456789012"
POLICY = "AWSRevokeOlderSessions"
THIEF = "ASIATHIEFTHIEFTHIEFT"
CUTOFF = START + timedelta(seconds=2)

EXPLICIT = (
    "User: x is not authorized to perform: y with an explicit deny in an identity-based policy"
)
IMPLICIT = (
    "User: x is not authorized to perform: y because no identity-based policy allows the y action"
)


def deny_text(cutoff: datetime = CUTOFF, *, user_id: str | None = None) -> str:
    """Return the console's deny, or that of one session."""
    named = f'"StringEquals":{{"aws:userid":"{user_id}"}},' if user_id else ""
    date = cutoff.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":["*"],"Resource":["*"],'
        f'"Condition":{{{named}"DateLessThan":{{"aws:TokenIssueTime":"{date}"}}}}}}]}}'
    )


def step_of(action: object, *, state: StepState = StepState.DONE, number: int = 1) -> Step:
    """Wrap an action as a step that is in place."""
    return Step(
        id=f"s{number}",
        action=action,  # type: ignore[arg-type]  # any action of the union; keeps callers short
        account=ACCOUNT,
        reason="",
        impact="",
        reversible=True,
        safe_date=None,
        state=state,
    )


def deny_step(text: str | None = None, *, holder: Holder = ROLE) -> Step:
    """Return the step that put the deny in place."""
    after = deny_text() if text is None else text
    return step_of(SetInlinePolicy(holder=holder, policy_name=POLICY, before=None, after=after))


def principal_of(holder: Holder = ROLE) -> Principal:
    """Return the principal with its ARN."""
    return Principal(
        type=PrincipalType(holder.type),
        name=holder.name,
        arn=f"arn:aws:iam::{ACCOUNT}:{holder.label}",
        account=ACCOUNT,
    )


def session_of(key_id: str, *, arn: str | None = None) -> FoundCredential:
    """Return a session that can sign."""
    return FoundCredential(
        access_key_id=key_id, secret=Secret("s"), session_token=Secret("t"), arn=arn
    )


def role_session(key_id: str | None = THIEF, *, name: str | None = "thief") -> Credential:
    """Return the leaked role session, identified."""
    return Credential(
        access_key_id=key_id,
        kind=CredentialKind.ROLE_SESSION,
        principal=principal_of(),
        session_name=name,
    )


@dataclass(eq=False)
class World(FakeCloud):
    """The fake account, with enforcement and its own time.

    `lag` seconds after START a place begins to enforce; `allowed` are the services that the role
    may call; `words` False refuses as some servers do, without a reason.
    """

    services: tuple[str, ...] = ("s3", "sqs")
    allowed: frozenset[str] = frozenset({"s3"})
    lag: dict[tuple[str, str], float] = field(default_factory=dict)
    words: bool = True
    answers: Teller = lambda *_: None

    def __post_init__(self) -> None:
        super().__init__(account=ACCOUNT, clock=FakeClock())
        self.add_role("app")
        self.issued: dict[str, datetime] = {THIEF: START - timedelta(minutes=5)}
        self.pauses: list[float] = []
        self.probes: list[tuple[str, str, str]] = []
        self._guard = threading.Lock()

    def monotonic(self) -> float:
        """Return seconds since START."""
        at = self.fake_clock.at
        assert at is not None
        return (at - START).total_seconds()

    def pause(self, seconds: float) -> None:
        """Let the virtual time go by."""
        assert seconds > 0
        self.pauses.append(seconds)
        self.fake_clock.move(timedelta(seconds=seconds))

    def deny(self, text: str | None = None) -> None:
        """Put the deny in place."""
        self.at(ROLE).inline[POLICY] = deny_text() if text is None else text

    def assume_role(self, role_arn: str, *, session_name: str) -> FoundCredential:
        """Mint a session whose issue time is cut to the second."""
        super().assume_role(role_arn, session_name=session_name)
        key_id = f"ASIAMINTED{len(self.issued):010d}"
        at = self.fake_clock.at
        assert at is not None
        self.issued[key_id] = at.replace(microsecond=0)
        arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/app/{session_name}"
        return session_of(key_id, arn=arn)

    def canary(self) -> Canary:
        """Mint a canary now."""
        session = self.assume_role("arn", session_name="unleak-canary")
        return Canary(holder=ROLE, session=session, minted_at=self.fake_clock.at)

    def probe(self, credential: FoundCredential, *, service: str, region: str) -> ProbeAnswer:
        """Answer as a cloud that enforces would."""
        with self._guard:
            self.probes.append((credential.access_key_id or "", service, region))
        scripted = self.answers(credential, service, region)
        if scripted is not None:
            return scripted
        if service == "sts":
            return answer(service, region)
        if self._is_denied(credential.access_key_id or "", service, region):
            return answer(service, region, "AccessDenied", EXPLICIT if self.words else "")
        if service in self.allowed:
            return answer(service, region)
        return answer(service, region, "AccessDenied", IMPLICIT if self.words else "")

    def _is_denied(self, key_id: str, service: str, region: str) -> bool:
        if self.monotonic() < self.lag.get((service, region), 0.0):
            return False
        text = self.at(ROLE).inline.get(POLICY)
        if text is None:
            return False
        return any(
            deny.cutoff is None or self.issued[key_id] < deny.cutoff for deny in read_denies(text)
        )


def answer(
    service: str = "s3",
    region: str = "us-east-1",
    code: str = "",
    message: str = "",
    *,
    status: int = 403,
) -> ProbeAnswer:
    """Return one answer; without a code it is a success."""
    return ProbeAnswer(
        service=service,
        operation="Harmless",
        region=region,
        ok=not code,
        error_code=code,
        message=message,
        status=200 if not code else status,
    )


def always(code: str, message: str = "", *, status: int = 403) -> Teller:
    """Return a teller that gives everybody the same answer."""

    def tell(_: FoundCredential, service: str, region: str) -> ProbeAnswer:
        return answer(service, region, code, message, status=status)

    return tell
