"""Small words that every page needs: cleaned names, instants, kinds and lists in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.evidence.clean import printable
from unleak.model.credential import CredentialKind, How
from unleak.model.instant import render_instant

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from unleak.model.credential import Credential
    from unleak.model.principal import Principal

LONGEST = 4000
"""Characters of one text on screen; more is a flood, not a message."""

_COMMAND = "unleak "

_KINDS = {
    CredentialKind.USER_KEY: "long-lived access key of an IAM user",
    CredentialKind.ROLE_SESSION: "temporary session of a role",
    CredentialKind.USER_SESSION: "temporary session of an IAM user",
    CredentialKind.FEDERATED_SESSION: "temporary session of a federated user",
    CredentialKind.ROOT_KEY: "access key of the root user, who may do everything",
    CredentialKind.ROOT_SESSION: "session of the root user, who may do everything",
    CredentialKind.SERVICE_KEY: "credential of one AWS service",
    CredentialKind.UNKNOWN_SESSION: "temporary session, not known whose",
    CredentialKind.PRINCIPAL: "named by you: everything it holds counts as leaked",
}

_HOW = {
    How.OFFLINE: "read from the key itself",
    How.STS: "told by AWS (STS)",
    How.IAM: "told by AWS (IAM)",
    How.CLOUDTRAIL: "seen in CloudTrail, the account's log of calls",
    How.ASKED_LEAKED: "asked with the leaked credential itself (this shows in CloudTrail)",
    How.NAMED: "you said so",
    How.VAULT: "told by Vault",
}


def clean(text: str) -> str:
    """Return hostile text without control characters, on one line."""
    return printable(text, limit=LONGEST)


def line_to_copy(text: str) -> str:
    """Return a line of a program or a policy, cleaned, with the spaces at its start."""
    return " " * (len(text) - len(text.lstrip(" "))) + clean(text)


def instant(moment: datetime | None) -> str:
    """Return the instant, or `not known`."""
    return "not known" if moment is None else render_instant(moment)


def kind_words(kind: CredentialKind) -> str:
    """Return what kind of credential it is, in words."""
    return _KINDS[kind]


def how_words(how: Sequence[How]) -> str:
    """Return how we know, in words."""
    return "; ".join(_HOW[each] for each in how) or "not known"


def owner_words(principal: Principal | None) -> str:
    """Return whose it is: label and ARN, or that nobody knows."""
    if principal is None:
        return "not known"
    return principal.label if principal.arn is None else f"{principal.label} ({principal.arn})"


def join_words(items: Sequence[str]) -> str:
    """Return `a`, `a and b` or `a, b and c`."""
    if len(items) <= 1:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


def count_words(number: int, noun: str) -> str:
    """Return `1 step` or `3 steps`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def sentence(text: str) -> str:
    """Return the text with a capital at its start and a full stop at its end.

    A first word that is a name or an id (it holds a digit, a slash or a capital) stays as it is,
    and so does a bare command: people copy it.
    """
    text = text.strip()
    if not text or text.startswith(_COMMAND):
        return text
    first = text.split(" ", 1)[0].rstrip(":,;")
    if first.isalpha() and first.islower():
        text = text[0].upper() + text[1:]
    return text if text.endswith((".", "!", "?", ":")) else f"{text}."


def whom_words(credentials: Sequence[Credential]) -> str:
    """Return what leaked, for a sentence: `AKIA... and ASIA...`."""
    return join_words(list(dict.fromkeys(each.label for each in credentials))) or "nothing"
