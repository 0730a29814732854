"""Who decides: the first rule that matches; what is not known is neither yes nor no."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fakes.events import ACCOUNT, KEY_ID, OTHER_ACCOUNT
from unleak.model.alert import Alert, Sender
from unleak.model.credential import CredentialKind
from unleak.model.plan import Scope
from unleak.model.principal import Principal, PrincipalType
from unleak.respond.policy import (
    Decision,
    Default,
    Policy,
    Rule,
    RuleOptions,
    Severity,
    Subject,
    UnknownTags,
    Verdict,
    decide,
)
from unleak.respond.traits import PlanTraits

CI = Principal(type=PrincipalType.USER, name="ci", account=ACCOUNT)
ALERT = Alert(
    sender=Sender.GUARDDUTY,
    type="UnauthorizedAccess:IAMUser/TorIPCaller",
    id="1",
    account=ACCOUNT,
    access_key_id=KEY_ID,
    severity="medium",
)
SUBJECT = Subject(
    alert=ALERT,
    kind=CredentialKind.USER_KEY,
    principal=CI,
    account=ACCOUNT,
    tags={"team": "shop"},
)
EASY = PlanTraits(is_reversible=True, is_narrow=True)


def decided(*rules: Rule, subject: Subject = SUBJECT, default: Default = Default.TELL) -> Decision:
    return decide(Policy(accounts=(ACCOUNT,), rules=rules, default=default), subject, EASY)


def rule(name: str = "first", then: Verdict = Verdict.CONTAIN) -> Rule:
    return Rule(name=name, then=then)


FIRST = rule()


def test_the_first_rule_that_matches_decides() -> None:
    decision = decided(rule("first", Verdict.ASK), rule("second"))

    assert (decision.verdict, decision.rule) == (Verdict.ASK, "first")


def test_the_default_decides_where_no_rule_matches() -> None:
    decision = decided(replace(rule(), senders=(Sender.GITHUB,)))

    assert (decision.verdict, decision.rule) == (Verdict.TELL, "default")


def test_a_decision_carries_the_options_of_its_rule() -> None:
    options = RuleOptions(scope=Scope.SESSION)

    assert decided(replace(rule(), options=options)).options == options


@pytest.mark.parametrize(
    "matching",
    [
        replace(FIRST, senders=(Sender.GITHUB, Sender.GUARDDUTY)),
        replace(FIRST, types=("Backdoor:*", "UnauthorizedAccess:*/Tor*")),
        replace(FIRST, kinds=(CredentialKind.USER_KEY,)),
        replace(FIRST, accounts=(ACCOUNT,)),
        replace(FIRST, principals=("role/*", "user/c?")),
        replace(FIRST, tags=(("team", "shop"),)),
        replace(FIRST, min_severity=Severity.MEDIUM),
    ],
)
def test_a_condition_that_holds_lets_the_rule_match(matching: Rule) -> None:
    assert decided(matching).verdict is Verdict.CONTAIN


@pytest.mark.parametrize(
    "matching",
    [
        replace(FIRST, senders=(Sender.GITHUB,)),
        replace(FIRST, types=("unauthorizedaccess:*", "*Tor")),
        replace(FIRST, kinds=(CredentialKind.ROLE_SESSION,)),
        replace(FIRST, accounts=(OTHER_ACCOUNT,)),
        replace(FIRST, principals=("ci", "role/ci", "user/c")),
        replace(FIRST, tags=(("team", "shop"), ("tier", "1"))),
        replace(FIRST, tags=(("team", "Shop"),)),
        replace(FIRST, min_severity=Severity.HIGH),
    ],
)
def test_a_condition_that_fails_leaves_the_rule_out(matching: Rule) -> None:
    assert decided(matching).rule == "default"


UNKNOWN = (
    (
        replace(FIRST, tags=(("team", "shop"),)),
        replace(SUBJECT, tags=UnknownTags(why="AccessDenied")),
    ),
    (replace(FIRST, principals=("user/*",)), replace(SUBJECT, principal=None)),
    (
        replace(FIRST, min_severity=Severity.LOW),
        replace(SUBJECT, alert=replace(ALERT, severity="")),
    ),
    (
        replace(FIRST, kinds=(CredentialKind.ROLE_SESSION,)),
        replace(SUBJECT, kind=CredentialKind.UNKNOWN_SESSION),
    ),
)


@pytest.mark.parametrize(("matching", "subject"), UNKNOWN)
@pytest.mark.parametrize("then", [Verdict.CONTAIN, Verdict.TELL])
def test_a_rule_that_needs_what_is_not_known_asks_a_person(
    matching: Rule, subject: Subject, then: Verdict
) -> None:
    decision = decided(replace(matching, then=then), subject=subject)

    assert (decision.verdict, decision.rule) == (Verdict.ASK, "first")
    assert decision.why.startswith("the rule first wants")


def test_a_rule_that_fails_otherwise_does_not_ask_for_tags() -> None:
    subject = replace(SUBJECT, tags=UnknownTags(why="AccessDenied"))
    other = replace(rule(), tags=(("team", "shop"),), senders=(Sender.GITHUB,))

    assert decided(other, subject=subject).rule == "default"


def test_unreadable_tags_are_nothing_to_a_rule_without_tags() -> None:
    subject = replace(SUBJECT, tags=UnknownTags(why="AccessDenied"))

    assert decided(rule(), subject=subject).verdict is Verdict.CONTAIN


@pytest.mark.parametrize(
    ("plan", "severity", "verdict"),
    [
        (EASY, "medium", Verdict.CONTAIN),
        (EASY, "", Verdict.CONTAIN),
        (EASY, "low", Verdict.ASK),
        (replace(EASY, is_narrow=False), "critical", Verdict.ASK),
        (replace(EASY, is_reversible=False), "critical", Verdict.ASK),
    ],
)
def test_the_safe_default_contains_what_is_reversible_and_narrow(
    plan: PlanTraits, severity: str, verdict: Verdict
) -> None:
    subject = replace(SUBJECT, alert=replace(ALERT, severity=severity))

    assert decide(Policy(accounts=(ACCOUNT,)), subject, plan).verdict is verdict


@pytest.mark.parametrize("default", [Default.CONTAIN, Default.ASK, Default.TELL])
def test_another_default_is_taken_by_its_word(default: Default) -> None:
    assert decided(default=default).verdict.value == default.value


@pytest.mark.parametrize(
    "subject",
    [
        replace(SUBJECT, account=OTHER_ACCOUNT),
        replace(SUBJECT, alert=replace(ALERT, account=OTHER_ACCOUNT)),
    ],
)
def test_what_is_not_in_our_accounts_is_left_alone_whatever_the_rules_say(
    subject: Subject,
) -> None:
    decision = decided(rule(), subject=subject, default=Default.CONTAIN)

    assert (decision.verdict, decision.rule) == (Verdict.IGNORE, "accounts")
    assert "none of those in the policy" in decision.why


def test_an_account_that_nothing_tells_is_never_touched() -> None:
    subject = replace(SUBJECT, account=None, alert=replace(ALERT, account=None))

    assert decided(rule(), subject=subject).verdict is Verdict.TELL


def test_patterns_of_the_event_mean_nothing() -> None:
    subject = replace(SUBJECT, alert=replace(ALERT, type="*"))

    assert decided(replace(rule(), types=("Backdoor:*",)), subject=subject).rule == "default"
