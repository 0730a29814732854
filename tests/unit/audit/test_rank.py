"""How risky a long-lived credential is, and why."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fakes.cloud import START
from fakes.holdings import called, callers, days_ago, key, result, used
from unleak.audit.gate import gate
from unleak.audit.rank import Context, judge, ranked
from unleak.errors import ExitCode
from unleak.model.holding import (
    Holding,
    HoldingKind,
    HoldingState,
    NotAudited,
    Risk,
    Rule,
)
from unleak.model.plan import Grip
from unleak.model.reading import NOT_LOOKED_AT, Absent

HARMLESS = Context(now=START, power=Grip.NO)


def password(*, mfa: bool | None, root: bool = False) -> Holding:
    return Holding(
        kind=HoldingKind.PASSWORD,
        owner="root" if root else "eve",
        owner_arn="",
        is_root=root,
        state=HoldingState.ACTIVE,
        created_at=days_ago(10),
        last_used=used(1),
        has_mfa=mfa,
    )


def rules(holding: Holding, context: Context = HARMLESS) -> list[Rule]:
    return [each.rule for each in judge(holding, context).reasons]


def test_a_young_key_in_use_without_power_is_a_low_risk() -> None:
    finding = judge(key(), HARMLESS)

    assert finding.risk is Risk.LOW
    assert [each.rule for each in finding.reasons] == [Rule.LONG_LIVED]


@pytest.mark.parametrize(
    ("power", "risk"),
    [
        (Grip.YES, Risk.HIGH),
        (Grip.MAYBE, Risk.MEDIUM),
        (Grip.UNKNOWN, Risk.MEDIUM),
        (Grip.NOT_LOOKED_AT, Risk.MEDIUM),
        (Grip.NO, Risk.LOW),
    ],
)
def test_power_over_the_account_decides_and_unknown_is_not_no(power: Grip, risk: Risk) -> None:
    finding = judge(key(), replace(HARMLESS, power=power))

    assert finding.risk is risk


def test_never_used_and_not_known_are_two_things() -> None:
    never = rules(key(age=30, last=Absent()))
    unknown = rules(replace(key(age=30), last_used=NOT_LOOKED_AT))

    assert Rule.NEVER_USED in never
    assert Rule.NEVER_USED not in unknown
    assert Rule.UNUSED not in unknown


def test_a_key_of_yesterday_may_still_wait_for_its_first_use() -> None:
    assert Rule.NEVER_USED not in rules(key(age=1, last=Absent()))


@pytest.mark.parametrize(("days", "is_unused"), [(45, False), (46, True)])
def test_a_key_is_unused_after_45_days(days: int, is_unused: bool) -> None:  # noqa: FBT001 - a case
    assert (Rule.UNUSED in rules(key(age=80, last=used(days)))) is is_unused


@pytest.mark.parametrize(("age", "risk"), [(89, None), (91, Risk.LOW), (366, Risk.MEDIUM)])
def test_age_weighs_more_after_a_year(age: int, risk: Risk | None) -> None:
    found = judge(key(age=age), HARMLESS)

    assert next((each.risk for each in found.reasons if each.rule is Rule.OLD), None) == risk


def test_a_key_that_is_used_from_many_sources_has_gone_round() -> None:
    many = callers(*(called("Boto3/1.40", source=f"198.51.100.{n}") for n in range(5)))
    few = callers(*(called("Boto3/1.40", source=f"198.51.100.{n}") for n in range(4)))

    assert Rule.MANY_SOURCES in rules(key(), replace(HARMLESS, users=many))
    assert Rule.MANY_SOURCES not in rules(key(), replace(HARMLESS, users=few))


def test_the_second_active_key_is_told() -> None:
    assert Rule.TWO_KEYS in rules(key(), replace(HARMLESS, active_keys=2))


@pytest.mark.parametrize(
    ("mfa", "power", "risk"),
    [
        (False, Grip.YES, Risk.HIGH),
        (False, Grip.MAYBE, Risk.HIGH),
        (False, Grip.NO, Risk.MEDIUM),
        (None, Grip.NO, Risk.MEDIUM),
        (True, Grip.NO, Risk.LOW),
    ],
)
def test_a_password_is_judged_by_its_second_factor(
    mfa: bool | None,  # noqa: FBT001 - a case
    power: Grip,
    risk: Risk,
) -> None:
    assert judge(password(mfa=mfa), replace(HARMLESS, power=power)).risk is risk


@pytest.mark.parametrize(("mfa", "risk"), [(True, Risk.LOW), (False, Risk.HIGH), (None, Risk.HIGH)])
def test_the_root_password_needs_a_second_factor(
    mfa: bool | None,  # noqa: FBT001 - a case
    risk: Risk,
) -> None:
    assert judge(password(mfa=mfa, root=True), HARMLESS).risk is risk


@pytest.mark.parametrize(
    ("kind", "rule"),
    [
        (HoldingKind.ACCESS_KEY, Rule.ROOT_KEY),
        (HoldingKind.CERTIFICATE, Rule.ROOT_CERTIFICATE),
    ],
)
def test_what_root_has_is_the_highest_risk(kind: HoldingKind, rule: Rule) -> None:
    finding = judge(replace(key(owner="root"), kind=kind, is_root=True), HARMLESS)

    assert finding.risk is Risk.HIGH
    assert finding.reasons[0].rule is rule


def test_a_service_key_without_an_end_is_told() -> None:
    bedrock = replace(
        key(), kind=HoldingKind.SERVICE_KEY, service="bedrock.amazonaws.com", expires_at=None
    )

    assert Rule.NO_EXPIRY in rules(bedrock)
    assert Rule.NO_EXPIRY not in rules(replace(bedrock, expires_at=days_ago(-10)))


def test_what_is_switched_off_is_low_whatever_else_it_is() -> None:
    inactive = key(age=900, last=Absent(), state=HoldingState.INACTIVE)

    assert rules(inactive, replace(HARMLESS, power=Grip.YES)) == [Rule.SWITCHED_OFF]


def test_the_riskiest_stand_first_and_equals_by_name() -> None:
    findings = [
        judge(key(owner="b"), HARMLESS),
        judge(key(owner="a"), HARMLESS),
        judge(key(owner="old", age=400), HARMLESS),
        judge(key(owner="admin"), replace(HARMLESS, power=Grip.YES)),
    ]

    assert [each.holding.owner for each in ranked(findings)] == ["admin", "old", "a", "b"]


GAP = (NotAudited(where="users", why="not allowed"),)


@pytest.mark.parametrize(
    ("fail_on", "gaps", "code"),
    [
        (None, GAP, ExitCode.DONE),
        (Risk.LOW, (), ExitCode.FAILED),
        (Risk.MEDIUM, GAP, ExitCode.FAILED),
        (Risk.HIGH, (), ExitCode.DONE),
        (Risk.HIGH, GAP, ExitCode.UNPROVEN),
    ],
)
def test_a_gate_fails_at_its_risk_and_never_passes_blindly(
    fail_on: Risk | None, gaps: tuple[NotAudited, ...], code: ExitCode
) -> None:
    seen = result(judge(key(age=400), HARMLESS), gaps=gaps)

    assert gate(seen, fail_on) is code
