"""The policy as data, and the decision that it makes of one alert and one plan."""

from __future__ import annotations

from dataclasses import field, replace
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final, assert_never

from unleak.model.credential import CredentialKind
from unleak.model.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from unleak.model.alert import Alert, Sender
    from unleak.model.plan import Scope, Strategy
    from unleak.model.principal import Principal
    from unleak.respond.traits import PlanTraits


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
class Decision:
    """What is done, by which rule, why, and how."""

    verdict: Verdict
    rule: str
    """The rule's name, or `default`."""
    why: str
    options: RuleOptions = field(default_factory=RuleOptions)


def decide(policy: Policy, subject: Subject, plan: PlanTraits) -> Decision:
    """Decide what is done about one alert: the first rule that matches, else the default.

    A rule that matches as far as is known and needs something that is not known asks a person:
    unknown is not no, and it is not yes either.

    Args:
        policy: the people's words.
        subject: whom it is about, as identified.
        plan: what containing it would mean.
    """
    for account in (subject.account, subject.alert.account):
        if account is not None and account not in policy.accounts:
            why = f"it is about account {account}, which is none of those in the policy"
            return Decision(verdict=Verdict.IGNORE, rule="accounts", why=why)
    if subject.account is None:
        why = "nothing tells whose account it is of, so nothing may be touched"
        return Decision(verdict=Verdict.TELL, rule="accounts", why=why)
    for rule in policy.rules:
        unknown = _unknown(rule, subject)
        if unknown is None:
            continue
        if unknown:
            return Decision(
                verdict=Verdict.ASK, rule=rule.name, why="; ".join(unknown), options=rule.options
            )
        return Decision(
            verdict=rule.then,
            rule=rule.name,
            why=f"the rule {rule.name} matches",
            options=rule.options,
        )
    return _by_default(policy.default, subject, plan)


def careful(decision: Decision, plan: PlanTraits, *, knows_itself: bool) -> Decision:
    """Ask a person where the responder would cut off itself, whatever the rules say.

    Nobody would be left to answer the next event, which is what a thief wants who names us.

    Args:
        decision: by the policy.
        plan: what is going to be done, in the way that the rule says.
        knows_itself: whether AWS has told who the responder is.
    """
    if decision.verdict is not Verdict.CONTAIN or (knows_itself and not plan.is_self):
        return decision
    why = "it would cut off the responder itself"
    if not plan.is_self:
        why = "AWS did not tell who the responder is, so it could cut off itself"
    return replace(decision, verdict=Verdict.ASK, why=f"{decision.why}, but {why}")


def _by_default(default: Default, subject: Subject, plan: PlanTraits) -> Decision:
    match default:
        case Default.SAFE:
            verdict, why = _safe(subject, plan)
        case Default.CONTAIN | Default.ASK | Default.TELL:
            verdict, why = Verdict(default.value), f"no rule matches, the default is {default}"
        case _:
            assert_never(default)
    return Decision(verdict=verdict, rule="default", why=why)


def _safe(subject: Subject, plan: PlanTraits) -> tuple[Verdict, str]:
    """Contain only what costs little where the alarm was false, and has a way back."""
    if not plan.is_reversible:
        return Verdict.ASK, "no rule matches, and not every step has a way back"
    if not plan.is_narrow:
        return Verdict.ASK, "no rule matches, and it would hit more than one key or session"
    if subject.alert.severity == Severity.LOW:
        return Verdict.ASK, "no rule matches, and the sender calls it low"
    return Verdict.CONTAIN, "no rule matches, and every step is reversible and narrow"


def _unknown(rule: Rule, subject: Subject) -> tuple[str, ...] | None:
    """Return what would have to be known for the rule to match; None where it does not match."""
    told = [test(rule, subject) for test in _TESTS]
    if _NO in told:
        return None
    return tuple(each for each in told if each)


def _sender(rule: Rule, subject: Subject) -> str:
    return _is_in(subject.alert.sender, rule.senders)


def _type(rule: Rule, subject: Subject) -> str:
    if not rule.types or any(fnmatchcase(subject.alert.type, each) for each in rule.types):
        return _YES
    return _NO


def _kind(rule: Rule, subject: Subject) -> str:
    is_open = subject.kind is CredentialKind.UNKNOWN_SESSION
    if is_open and subject.kind not in rule.kinds and any(each.is_session for each in rule.kinds):
        return f"the rule {rule.name} wants to know what kind of session it is"
    return _is_in(subject.kind, rule.kinds)


def _account(rule: Rule, subject: Subject) -> str:
    return _is_in(subject.account, rule.accounts)


def _principal(rule: Rule, subject: Subject) -> str:
    if not rule.principals:
        return _YES
    if subject.principal is None:
        return f"the rule {rule.name} wants to know whose it is"
    label = subject.principal.label
    return _YES if any(fnmatchcase(label, each) for each in rule.principals) else _NO


def _tags(rule: Rule, subject: Subject) -> str:
    if not rule.tags:
        return _YES
    if isinstance(subject.tags, UnknownTags):
        return f"the rule {rule.name} wants tags that could not be read ({subject.tags.why})"
    tags = subject.tags
    return _YES if all(tags.get(name) == value for name, value in rule.tags) else _NO


def _severity(rule: Rule, subject: Subject) -> str:
    if rule.min_severity is None:
        return _YES
    grades = list(Severity)
    if subject.alert.severity not in grades:
        return f"the rule {rule.name} wants a severity, and the sender gives none"
    given = grades.index(Severity(subject.alert.severity))
    return _YES if given >= grades.index(rule.min_severity) else _NO


def _is_in(value: object, wanted: tuple[object, ...]) -> str:
    return _YES if not wanted or value in wanted else _NO


_YES: Final = ""
_NO: Final = "no"
_TESTS: Final = (_sender, _type, _kind, _account, _principal, _tags, _severity)
"""Each answers yes, no, or with the sentence that says what is not known."""
