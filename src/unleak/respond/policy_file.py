"""Read the policy file: TOML, or JSON of the same shape, every part of it checked."""

from __future__ import annotations

import json
import re
import tomllib
from typing import TYPE_CHECKING, Final

from unleak.errors import BadPolicy
from unleak.model.alert import Sender
from unleak.model.credential import CredentialKind
from unleak.model.plan import Scope, Strategy
from unleak.respond.policy import (
    ApprovalSettings,
    Default,
    GithubSettings,
    Policy,
    Rule,
    RuleOptions,
    Severity,
    Verdict,
)
from unleak.respond.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterable

_VERSION: Final = 1
_LARGEST: Final = 256 * 1024
_LONGEST_APPROVAL: Final = 7 * 24 * 60
_LONGEST_HOLD: Final = 600.0
"""A Lambda function lives fifteen minutes, and proving takes some of them."""
_ACCOUNT: Final = re.compile(r"[0-9]{12}")
_HOST: Final = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?(?::[0-9]{1,5})?")
_REFERENCE: Final = re.compile(r"(?:ssm:/?|secretsmanager:)[A-Za-z0-9/_+=.@:-]{1,1000}")
_DESTINATION: Final = re.compile(
    r"(?:sns:arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_.-]{1,256}"
    r"|ses:[^\s:<>]{3,254}:[^\s:<>]{3,254}"
    r"|(?:ssm:/?|secretsmanager:)[A-Za-z0-9/_+=.@:-]{1,1000})"
)
_RULE_VERDICTS: Final = (Verdict.CONTAIN, Verdict.ASK, Verdict.TELL)
_PRINCIPALS: Final = re.compile(r"(?:role|user|federated-user|\*)/[^/]{1,128}|root|\*")
_PRINCIPAL_WORDS: Final = "role/NAME, user/NAME or root, without a path; * and ? stand for any text"


def read_policy(text: str) -> Policy:
    """Return the policy that a file describes.

    Args:
        text: the file's content; JSON where it begins with a brace.

    Raises:
        BadPolicy: the message names the place and what is wrong there.
    """
    table = Table(raw=_parsed(text), place="")
    table.only(
        "version", "accounts", "default", "notify", "github", "approval", "rule", name="policy"
    )
    if table.raw.get("version") != _VERSION or table.raw.get("version") is True:
        table.refuse("version", f"must be {_VERSION}")
    accounts = table.texts("accounts", _ACCOUNT, "twelve digits, as text")
    if not accounts:
        table.refuse("accounts", "must name at least one account: nothing else is touched")
    rules = tuple(_rule(each, accounts) for each in table.tables("rule"))
    _distinct(each.name for each in rules)
    return Policy(
        accounts=accounts,
        default=table.choice("default", tuple(Default)) or Default.SAFE,
        notify=table.texts("notify", _DESTINATION, _NOTIFY_WORDS),
        rules=rules,
        github=_github(table.table("github")),
        approval=_approval(table.table("approval")),
    )


_NOTIFY_WORDS: Final = (
    "sns:ARN, ses:FROM:TO, ssm:/NAME or secretsmanager:NAME; an address with a token in it is a"
    " secret and belongs into one of the last two"
)


def _parsed(text: str) -> dict[str, object]:
    if len(text) > _LARGEST:
        message = f"the policy is larger than {_LARGEST // 1024} KiB"
        raise BadPolicy(message, hint="rules take patterns: one rule can name many")
    try:
        is_json = text.lstrip("\ufeff \t\r\n").startswith("{")
        parsed: object = json.loads(text) if is_json else tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        # Neither parser repeats more than a character or a key of the text; no secret is in it.
        message = f"the policy is no {'JSON' if is_json else 'TOML'}: {str(error)[:200]}"
        raise BadPolicy(message, hint="docs/alerts.md shows one") from error
    return parsed if isinstance(parsed, dict) else {}


def _rule(table: Table, accounts: tuple[str, ...]) -> Rule:
    table.only(*_CONDITIONS, *_OPTIONS, "name", "then", name="rule")
    then = table.choice("then", _RULE_VERDICTS)
    if then is None:
        table.refuse("then", "is missing: contain, ask or tell")
    ours = table.texts("accounts", _ACCOUNT, "twelve digits, as text")
    for each in ours:
        if each not in accounts:
            table.refuse("accounts", f"{each} is not among the policy's own accounts")
    options = _options(table)
    if then is Verdict.CONTAIN and options.strategy is Strategy.DELETE:
        table.refuse("strategy", "nothing is deleted without a person: delete goes with ask only")
    return Rule(
        name=table.text("name") or table.place.rstrip(": "),
        then=then,
        senders=table.choices("senders", tuple(Sender)),
        types=table.texts("types"),
        kinds=table.choices("kinds", tuple(CredentialKind)),
        accounts=ours,
        principals=table.texts("principals", _PRINCIPALS, _PRINCIPAL_WORDS),
        tags=table.pairs("tags"),
        min_severity=table.choice("min_severity", tuple(Severity)),
        options=options,
    )


def _options(table: Table) -> RuleOptions:
    return RuleOptions(
        scope=table.choice("scope", tuple(Scope)),
        strategy=table.choice("strategy", tuple(Strategy)),
        cascade=table.flag("cascade"),
        hold_seconds=table.number("hold_seconds", least=0.0, most=_LONGEST_HOLD),
    )


_CONDITIONS: Final = (
    "senders",
    "types",
    "kinds",
    "accounts",
    "principals",
    "tags",
    "min_severity",
)
_OPTIONS: Final = ("scope", "strategy", "cascade", "hold_seconds")


def _github(table: Table) -> GithubSettings:
    table.only("webhook_secret", "token", "host", name="github")
    return GithubSettings(
        webhook_secret=table.text("webhook_secret", _REFERENCE, _REFERENCE_WORDS),
        token=table.text("token", _REFERENCE, _REFERENCE_WORDS),
        host=table.text("host", _HOST, "the name of a host, in small letters") or "github.com",
    )


def _approval(table: Table) -> ApprovalSettings:
    table.only("secret", "minutes", name="approval")
    minutes = table.number("minutes", least=1, most=_LONGEST_APPROVAL)
    return ApprovalSettings(
        secret=table.text("secret", _REFERENCE, _REFERENCE_WORDS),
        minutes=60 if minutes is None else int(minutes),
    )


_REFERENCE_WORDS: Final = "ssm:/NAME or secretsmanager:NAME: the secret itself must not stand here"


def _distinct(names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            message = f"two rules are called {name!r}: a decision names its rule"
            raise BadPolicy(message, hint="give each rule a name of its own")
        seen.add(name)
