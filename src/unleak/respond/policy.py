"""The policy as data, and the decision that it makes of one alert and one plan."""

from __future__ import annotations

from dataclasses import field
from enum import StrEnum
from typing import TYPE_CHECKING

from unleak.model.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from unleak.model.alert import Alert, Sender
    from unleak.model.credential import CredentialKind
    from unleak.model.plan import Plan, Scope, Strategy
    from unleak.model.principal import Principal


class Verdict(StrEnum):
    """What is done about an alert."""

    CONTAIN = "contain"
    ASK = "ask"
    TELL = "tell"
    IGNORE = "ignore"
    """Not ours: nothing is touched."""


class Default(StrEnum):
    """What happens where no rule matches."""

    SAFE = "safe"
    """Contain what is reversible and narrow, ask for the rest."""
    CONTAIN = "contain"
    ASK = "ask"
    TELL = "tell"


class Severity(StrEnum):
    """How grave a sender calls it, the least first."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleOptions:
    """How to contain, where a rule says so; None: unleak's own choice."""

    scope: Scope | None = None
    strategy: Strategy | None = None
    cascade: bool | None = None
    hold_seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule: every condition that it names has to hold; an empty one holds always."""

    name: str
    then: Verdict
    senders: tuple[Sender, ...] = ()
    types: tuple[str, ...] = ()
    kinds: tuple[CredentialKind, ...] = ()
    accounts: tuple[str, ...] = ()
    principals: tuple[str, ...] = ()
    tags: tuple[tuple[str, str], ...] = ()
    min_severity: Severity | None = None
    options: RuleOptions = field(default_factory=RuleOptions)


@dataclass(frozen=True, slots=True, kw_only=True)
class GithubSettings:
    """Where the webhook's secret and the token live, and the web host that is ours."""

    webhook_secret: str | None = None
    token: str | None = None
    host: str = "github.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalSettings:
    """Where the key that signs approval links lives, and how long a link is good."""

    secret: str | None = None
    minutes: int = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The policy file, checked."""

    accounts: tuple[str, ...]
    """Nothing outside of these is ever touched."""
    default: Default = Default.SAFE
    notify: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    github: GithubSettings = field(default_factory=GithubSettings)
    approval: ApprovalSettings = field(default_factory=ApprovalSettings)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownTags:
    """The tags of the principal could not be read: unknown is not "has none"."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Whom the decision is about: the alert, and what identifying has found."""

    alert: Alert
    kind: CredentialKind
    principal: Principal | None
    account: str | None
    tags: Mapping[str, str] | UnknownTags


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanTraits:
    """What the safe default wants to know of a plan."""

    is_reversible: bool
    """Whether AWS has a way back from every step."""
    is_narrow: bool
    """Whether it hits one key or one session and nobody else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What is done, by which rule, why, and how."""

    verdict: Verdict
    rule: str
    """The rule's name, or `default`."""
    why: str
    options: RuleOptions = field(default_factory=RuleOptions)


def traits_of(plan: Plan) -> PlanTraits:
    """Return what the safe default wants to know of a plan."""
    raise NotImplementedError


def decide(policy: Policy, subject: Subject, plan: PlanTraits) -> Decision:
    """Decide what is done about one alert: the first rule that matches, else the default.

    Args:
        policy: the people's words.
        subject: whom it is about, as identified.
        plan: what containing it would mean.
    """
    raise NotImplementedError
