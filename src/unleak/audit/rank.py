"""How risky is a long-lived credential, and why: each reason is a rule with its words.

The days are those of the CIS AWS Foundations Benchmark: 45 unused, 90 since the last rotation.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, assert_never

from unleak.model.frozen import dataclass
from unleak.model.holding import Finding, Holding, HoldingKind, HoldingState, Reason, Risk, Rule
from unleak.model.plan import Grip
from unleak.model.reading import Absent, Known

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from unleak.model.reference import KeyUsers

UNUSED_AFTER = timedelta(days=45)
OLD_AFTER = timedelta(days=90)
VERY_OLD_AFTER = timedelta(days=365)
NEVER_USED_AFTER = timedelta(days=7)
"""A key that was made yesterday may be waiting for its first use."""
MANY_SOURCES = 5
"""Network addresses of one key; a deployment has a few, a key that went round has many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What is known around a credential."""

    now: datetime
    power: Grip = Grip.NOT_LOOKED_AT
    """Whether its owner could take the account over."""
    active_keys: int = 1
    """The active access keys of its owner."""
    users: KeyUsers | None = None


def judge(holding: Holding, context: Context) -> Finding:
    """Return the credential with its risk and the reasons, the gravest first.

    Args:
        holding: the credential.
        context: what is known around it.
    """
    reasons = sorted(_reasons(holding, context), key=lambda each: -each.risk.rank)
    return Finding(
        holding=holding,
        risk=reasons[0].risk,
        reasons=tuple(reasons),
        power=context.power,
        users=context.users,
    )


def ranked(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings, the riskiest first; equals by name, so that two runs agree."""
    return tuple(sorted(findings, key=_order))


def _order(finding: Finding) -> tuple[int, int, str, str, str]:
    weight = sum(4 ** (each.risk.rank - 1) for each in finding.reasons)
    holding = finding.holding
    return -finding.risk.rank, -weight, holding.owner, str(holding.kind), holding.id or ""


def _reasons(holding: Holding, context: Context) -> Iterator[Reason]:
    if holding.state is not HoldingState.ACTIVE:
        words = f"it is {holding.state}, and can be deleted once nothing misses it"
        yield Reason(rule=Rule.SWITCHED_OFF, risk=Risk.LOW, words=words)
        return
    yield Reason(rule=Rule.LONG_LIVED, risk=Risk.LOW, words=_long_lived(holding))
    if holding.is_root:
        yield from _of_root(holding)
    else:
        yield from _of_power(holding, context.power)
        yield from _of_mfa(holding, context.power)
    yield from _of_use(holding, context)
    yield from _of_age(holding, context)


def _long_lived(holding: Holding) -> str:
    if holding.expires_at is not None:
        return f"it works until {holding.expires_at:%Y-%m-%d}, unless somebody takes it away"
    return "it works until somebody takes it away"


def _of_root(holding: Holding) -> Iterator[Reason]:
    match holding.kind:
        case HoldingKind.PASSWORD:
            yield from _of_root_password(holding)
        case HoldingKind.CERTIFICATE:
            words = "a signing certificate of root: nobody can limit what root does"
            yield Reason(rule=Rule.ROOT_CERTIFICATE, risk=Risk.HIGH, words=words)
        case HoldingKind.ACCESS_KEY | HoldingKind.SERVICE_KEY | HoldingKind.SSH_KEY:
            words = "an access key of root: no IAM policy limits it, and nothing needs one"
            yield Reason(rule=Rule.ROOT_KEY, risk=Risk.HIGH, words=words)
        case _:
            assert_never(holding.kind)


def _of_root_password(holding: Holding) -> Iterator[Reason]:
    if holding.has_mfa is True:
        words = "root has a password, with a second factor"
        yield Reason(rule=Rule.ROOT_PASSWORD, risk=Risk.LOW, words=words)
        return
    words = "root has a password without a second factor"
    if holding.has_mfa is None:
        words = "root has a password, and whether it has a second factor could not be read"
    yield Reason(rule=Rule.NO_MFA, risk=Risk.HIGH, words=words)


def _of_power(holding: Holding, power: Grip) -> Iterator[Reason]:
    if holding.kind is HoldingKind.SSH_KEY:
        return  # good for CodeCommit's git alone, whatever the policies of the user say
    if holding.kind is HoldingKind.SERVICE_KEY:
        return
    match power:
        case Grip.YES:
            words = "its owner can change rights and make identities: whoever has it has it all"
            yield Reason(rule=Rule.ADMIN, risk=Risk.HIGH, words=words)
        case Grip.MAYBE:
            words = "its owner may be able to take the account over, under conditions"
            yield Reason(rule=Rule.ADMIN, risk=Risk.MEDIUM, words=words)
        case Grip.UNKNOWN | Grip.NOT_LOOKED_AT:
            words = "what its owner may do could not be read"
            yield Reason(rule=Rule.ADMIN, risk=Risk.MEDIUM, words=words)
        case Grip.NO:
            return
        case _:
            assert_never(power)


def _of_mfa(holding: Holding, power: Grip) -> Iterator[Reason]:
    if holding.kind is not HoldingKind.PASSWORD or holding.has_mfa is True:
        return
    risk = Risk.HIGH if power in (Grip.YES, Grip.MAYBE) else Risk.MEDIUM
    words = "a password for the console without a second factor"
    if holding.has_mfa is None:
        risk = Risk.MEDIUM
        words = "a password for the console; whether it has a second factor could not be read"
    yield Reason(rule=Rule.NO_MFA, risk=risk, words=words)


def _of_use(holding: Holding, context: Context) -> Iterator[Reason]:
    match holding.last_used:
        case Absent() if _older(holding.created_at, context.now, NEVER_USED_AFTER):
            words = f"never used, and {_days(holding.created_at, context.now)} days old"
            yield Reason(rule=Rule.NEVER_USED, risk=Risk.MEDIUM, words=words)
        case Known(value=used) if context.now - used.at > UNUSED_AFTER:
            words = f"not used for {_days(used.at, context.now)} days"
            yield Reason(rule=Rule.UNUSED, risk=Risk.MEDIUM, words=words)
        case _:
            pass
    sources = {use.source for use in context.users.uses} if context.users else set[str]()
    if len(sources) >= MANY_SOURCES:
        words = f"used from {len(sources)} sources: more people or machines than one hold it"
        yield Reason(rule=Rule.MANY_SOURCES, risk=Risk.MEDIUM, words=words)


def _of_age(holding: Holding, context: Context) -> Iterator[Reason]:
    if holding.kind is HoldingKind.ACCESS_KEY and context.active_keys > 1 and not holding.is_root:
        words = f"one of {context.active_keys} active keys of the same user"
        yield Reason(rule=Rule.TWO_KEYS, risk=Risk.LOW, words=words)
    if holding.kind is HoldingKind.SERVICE_KEY and holding.expires_at is None:
        words = f"a key for {holding.service or 'a service'} that never expires"
        yield Reason(rule=Rule.NO_EXPIRY, risk=Risk.MEDIUM, words=words)
    if holding.is_root and holding.kind is HoldingKind.PASSWORD:
        return
    days = _days(holding.created_at, context.now)
    if _older(holding.created_at, context.now, VERY_OLD_AFTER):
        yield Reason(rule=Rule.OLD, risk=Risk.MEDIUM, words=f"{days} days old")
    elif _older(holding.created_at, context.now, OLD_AFTER):
        yield Reason(rule=Rule.OLD, risk=Risk.LOW, words=f"{days} days old")


def _older(at: datetime | None, now: datetime, limit: timedelta) -> bool:
    return at is not None and now - at > limit


def _days(at: datetime | None, now: datetime) -> int:
    return 0 if at is None else (now - at).days
