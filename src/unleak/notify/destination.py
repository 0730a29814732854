"""Where a message goes, read once from the words of the policy file."""

from __future__ import annotations

import re
from typing import Final, TypeAlias

from unleak.errors import WrongUse
from unleak.model.frozen import dataclass

_TOPIC: Final = re.compile(
    r"arn:aws[a-z-]{0,20}:sns:[a-z]{2}[a-z0-9-]{3,30}:[0-9]{12}:[A-Za-z0-9_-]{1,256}", re.ASCII
)
_ADDRESS: Final = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,10}",
    re.ASCII,
)
_MOST_RECIPIENTS: Final = 50
"""Source: https://docs.aws.amazon.com/ses/latest/dg/quotas.html"""
_HINT: Final = "write sns:ARN, ses:FROM:TO[,TO...], ssm:NAME or secretsmanager:NAME"


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A topic of SNS."""

    arn: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """Mail by SES."""

    sender: str
    recipients: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A secret that holds the URLs of chats, pagers and webhooks, one a line."""

    reference: str


Destination: TypeAlias = Topic | Mail | Kept


def read_destination(words: str) -> Destination:
    """Return the destination that the words mean.

    Args:
        words: `sns:ARN`, `ses:FROM:TO`, `ssm:NAME` or `secretsmanager:NAME`.

    Raises:
        WrongUse: they mean none.  The message does not repeat them: who writes a chat's URL here
            by mistake has written a secret.
    """
    kind, _, rest = words.partition(":")
    match kind:
        case "sns" if _TOPIC.fullmatch(rest):
            return Topic(arn=rest)
        case "ses":
            sender, _, to = rest.partition(":")
            recipients = tuple(each.strip() for each in to.split(","))
            is_mail = all(_ADDRESS.fullmatch(each) for each in (sender, *recipients))
            if is_mail and len(recipients) <= _MOST_RECIPIENTS:
                return Mail(sender=sender, recipients=recipients)
        case "ssm" | "secretsmanager" if rest and not rest.startswith("//"):
            return Kept(reference=words)
        case _:
            pass
    message = "a destination for messages is none that unleak knows"
    raise WrongUse(message, hint=_HINT)


def label(destination: Destination) -> str:
    """Return how a destination is called where people read it; no secret is in it."""
    match destination:
        case Topic(arn=arn):
            return f"sns:{arn}"
        case Mail(recipients=recipients):
            return f"ses:{','.join(recipients)}"
        case Kept(reference=reference):
            return reference
