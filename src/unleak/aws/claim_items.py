"""A claim as an item of the table, and back."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from unleak.aws.items import Key
from unleak.aws.leases import instant_of
from unleak.errors import StateFolder
from unleak.model.claim import Claim, ClaimState
from unleak.model.outcome import Status

if TYPE_CHECKING:
    from unleak.aws.items import Item

CLAIMS: Final = "claim"
_PLAIN: Final = re.compile(r"[\x21-\x7e]{1,400}", re.ASCII)


def claim_key(subject: str) -> Key:
    """Return where the claim of a subject is: its own words if they are plain, else a digest.

    Args:
        subject: what the response is about.
    """
    if _PLAIN.fullmatch(subject) and not subject.startswith("sha256:"):
        return Key(pk=CLAIMS, sk=subject)
    digest = sha256(subject.encode("utf-8", "surrogatepass")).hexdigest()
    return Key(pk=CLAIMS, sk=f"sha256:{digest}")


def claim_of(item: Item) -> Claim:
    """Return the claim that an item holds; it is nobody's until somebody says so.

    Args:
        item: as it was read.

    Raises:
        StateFolder: a newer unleak wrote it, or somebody else.
    """
    try:
        state = ClaimState(_text(item, "state"))
        status = Status(_text(item, "status")) if "status" in item else None
    except ValueError as error:
        message = f"the claim {_text(item, 'subject')[:60]!a} cannot be understood: {error}"
        raise StateFolder(message, hint="if a newer unleak wrote it, install that") from error
    return Claim(
        subject=_text(item, "subject"),
        state=state,
        owner=_text(item, "owner"),
        until=instant_of(item, "until") if "until" in item else None,
        turn=_number(item, "turn"),
        deliveries=_number(item, "deliveries"),
        is_ours=False,
        alert=_text(item, "alert"),
        incident=_text(item, "incident") or None,
        status=status,
        plan_words=_text(item, "plan_words"),
        token_hash=_text(item, "token_hash"),
        ended_at=instant_of(item, "ended_at") if "ended_at" in item else None,
        tries=_number(item, "tries"),
    )


def _text(item: Item, name: str) -> str:
    value = item.get(name)
    return value if isinstance(value, str) else ""


def _number(item: Item, name: str) -> int:
    value = item.get(name)
    return value if isinstance(value, int) else 0
