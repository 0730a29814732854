"""The policy file: read whole, or refused with the place that is wrong."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

from unleak.errors import BadPolicy
from unleak.model.alert import Sender
from unleak.model.credential import CredentialKind
from unleak.model.plan import Scope, Strategy
from unleak.respond.policy import Default, Policy, Rule, RuleOptions, Severity, Verdict
from unleak.respond.policy_file import read_policy

HEAD = 'version = 1\naccounts = ["111122223333"]\n'
WHOLE = """
version = 1
accounts = ["111122223333", "444455556666"]
default = "safe"
notify = [
  "sns:arn:aws:sns:us-east-1:111122223333:security",
  "ses:unleak@example.com:security@example.com",
  "ssm:/unleak/notify",
  "secretsmanager:unleak/notify",
]

[github]
webhook_secret = "ssm:/unleak/github-webhook"
token = "secretsmanager:unleak/github-token"
host = "github.example.com"

[approval]
secret = "ssm:/unleak/approval"
minutes = 30

[[rule]]
name = "the shop never stops"
senders = ["guardduty", "attack-sequence"]
types = ["UnauthorizedAccess:*"]
kinds = ["role-session"]
accounts = ["444455556666"]
principals = ["role/shop-*", "root"]
tags = { tier = "1", "cost center" = "" }
min_severity = "high"
then = "ask"
scope = "session"
strategy = "revoke-sessions"
cascade = false
hold_seconds = 90

[[rule]]
then = "tell"
"""


def refused(text: str) -> str:
    with pytest.raises(BadPolicy) as caught:
        read_policy(text)
    return caught.value.message


def test_every_key_is_read() -> None:
    policy = read_policy(WHOLE)

    first, second = policy.rules
    assert first == Rule(
        name="the shop never stops",
        then=Verdict.ASK,
        senders=(Sender.GUARDDUTY, Sender.ATTACK_SEQUENCE),
        types=("UnauthorizedAccess:*",),
        kinds=(CredentialKind.ROLE_SESSION,),
        accounts=("444455556666",),
        principals=("role/shop-*", "root"),
        tags=(("tier", "1"), ("cost center", "")),
        min_severity=Severity.HIGH,
        options=RuleOptions(
            scope=Scope.SESSION,
            strategy=Strategy.REVOKE_SESSIONS,
            cascade=False,
            hold_seconds=90.0,
        ),
    )
    assert second == Rule(name="rule 2", then=Verdict.TELL)
    assert (policy.default, len(policy.notify)) == (Default.SAFE, 4)
    assert (policy.github.host, policy.approval.minutes) == ("github.example.com", 30)


def test_the_documented_policy_has_every_key_and_is_one() -> None:
    page = Path(__file__).resolve().parents[3] / "docs" / "alerts.md"
    (block,) = re.findall(r"^```toml\n(.*?)^```", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)

    assert len(read_policy(block).rules) == 3
    assert named(tomllib.loads(block)) == named(tomllib.loads(WHOLE))


def named(value: object) -> set[str]:
    """Return the names of all keys of a file."""
    if isinstance(value, list):
        return set().union(*map(named, value))
    if not isinstance(value, dict):
        return set()
    return set(value).union(*map(named, value.values()))


def test_json_of_the_same_shape_is_the_same_policy() -> None:
    assert read_policy(json.dumps(tomllib.loads(WHOLE))) == read_policy(WHOLE)


def test_a_person_may_be_asked_whether_to_delete() -> None:
    policy = read_policy(HEAD + '[[rule]]\nthen = "ask"\nstrategy = "delete"')

    assert policy.rules[0].options.strategy is Strategy.DELETE


def test_two_lines_are_a_policy_and_its_default_is_safe() -> None:
    assert read_policy(HEAD) == Policy(accounts=("111122223333",), default=Default.SAFE)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "policy: version: must be 1"),
        ("version = 2", "policy: version: must be 1"),
        ("version = true", "policy: version: must be 1"),
        ("version = 1", "policy: accounts: must name at least one account"),
        ("version = 1\naccounts = []", "policy: accounts: must not be empty"),
        ("version = 1\naccounts = [111122223333]", "policy: accounts: must be twelve digits"),
        ('version = 1\naccounts = "111122223333"', "policy: accounts: must be a list"),
        (HEAD + 'defaults = "ask"', "policy: defaults: a policy has no such key"),
        (HEAD + 'default = "ignore"', "policy: default: must be safe, contain, ask or tell"),
        (HEAD + 'notify = ["https://hooks.example.com/T0KEN"]', "policy: notify: must be sns:ARN"),
        (HEAD + "[github]\ntokn = 1", "policy: github: tokn: a github has no such key"),
        (HEAD + '[github]\nhost = "https://x"', "policy: github: host: must be the name of a host"),
        (HEAD + "[approval]\nminutes = 0", "policy: approval: minutes: must be from 1 to 10080"),
        (HEAD + "[approval]\nminutes = nan", "policy: approval: minutes: must be a number"),
        (HEAD + 'github = "x"', "policy: github: must be a table"),
        (HEAD + 'rule = ["x"]', "policy: rule 1: must be a table"),
        (HEAD + "[[rule]]", "policy: rule 1: then: is missing"),
        (
            HEAD + '[[rule]]\nthen = "ask"\n[[rule]]\nthen = "delete"',
            "policy: rule 2: then: must be contain, ask or tell",
        ),
        (HEAD + '[[rule]]\nthen = "ask"\ntype = ["x"]', "policy: rule 1: type: a rule has no such"),
        (HEAD + '[[rule]]\nthen = "ask"\ntypes = []', "policy: rule 1: types: must not be empty"),
        (HEAD + '[[rule]]\nthen = "ask"\ntypes = [""]', "policy: rule 1: types: must be text"),
        (HEAD + '[[rule]]\nthen = "ask"\nkinds = ["key"]', "policy: rule 1: kinds: must be user-"),
        (
            HEAD + '[[rule]]\nthen = "ask"\nprincipals = ["shop-*"]',
            "policy: rule 1: principals: must be role/NAME, user/NAME or root",
        ),
        (
            HEAD + '[[rule]]\nthen = "ask"\nprincipals = ["role/team/shop-*"]',
            "policy: rule 1: principals: must be role/NAME, user/NAME or root, without a path",
        ),
        (
            HEAD + '[[rule]]\nthen = "ask"\naccounts = ["444455556666"]',
            "policy: rule 1: accounts: 444455556666 is not among the policy's own accounts",
        ),
        (HEAD + '[[rule]]\nthen = "ask"\ntags = {}', "policy: rule 1: tags: must be a table of"),
        (HEAD + '[[rule]]\nthen = "ask"\ntags = {a = 1}', "policy: rule 1: tags.a: must be text"),
        (HEAD + '[[rule]]\nthen = "ask"\ncascade = "no"', "policy: rule 1: cascade: must be true"),
        (
            HEAD + '[[rule]]\nthen = "ask"\nhold_seconds = 1e9',
            "policy: rule 1: hold_seconds: must be from 0 to 600",
        ),
        (
            HEAD + '[[rule]]\nthen = "contain"\nstrategy = "delete"',
            "policy: rule 1: strategy: nothing is deleted without a person",
        ),
        (
            HEAD + '[[rule]]\nname = "a"\nthen = "ask"\n[[rule]]\nname = "a"\nthen = "ask"',
            "two rules are called 'a'",
        ),
        (
            json.dumps({"version": 1, "accounts": ["111122223333"] * 1001}),
            "policy: accounts: must not have more than 1000 entries",
        ),
        (
            HEAD + '[[rule]]\nname = "a\u202eb"\nthen = "ask"',
            "policy: rule 1: name: must be text",
        ),
        ("accounts = [", "the policy is no TOML"),
        ("{", "the policy is no JSON"),
        ("[" * 5000, "the policy is no TOML"),
        ("#" * 300_000, "the policy is larger than 256 KiB"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_place(text: str, words: str) -> None:
    assert words in refused(text)


@pytest.mark.parametrize("key", ["webhook_secret", "token"])
def test_a_secret_in_the_file_is_refused_and_not_repeated(key: str) -> None:
    secret = "github_pat_11ABCDEFG0abcdefghijkl"

    message = refused(f'{HEAD}[github]\n{key} = "{secret}"')

    assert "the secret itself must not stand here" in message
    assert secret not in message
