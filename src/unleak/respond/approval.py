"""Signed one-time tokens by which a person approves what the responder only planned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.errors import Refused
from unleak.model.frozen import dataclass

if TYPE_CHECKING:
    from datetime import datetime

    from unleak.model.secret import Secret


class BadApproval(Refused):
    """The link for an approval is forged, malformed or too old."""

    code = "bad-approval"


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """What a genuine token says; that it is used once only is the claim's to see to."""

    subject: str
    nonce_hash: str
    """What the claim keeps, so that the table alone approves nothing."""
    until: datetime


def new_nonce() -> str:
    """Return what makes one token unlike every other."""
    raise NotImplementedError


def nonce_hash(nonce: str) -> str:
    """Return what a claim keeps of a nonce: SHA-256 in hexadecimal."""
    raise NotImplementedError(nonce)


def issue(*, subject: str, until: datetime, nonce: str, key: Secret) -> str:
    """Return a token that approves the response to one subject.

    Args:
        subject: what the response is about, as the alert names it.
        until: when it stops being good.
        nonce: from `new_nonce`.
        key: at least 32 characters.
    """
    raise NotImplementedError((subject, until, nonce, key))


def read(token: str, *, key: Secret, now: datetime) -> Approval:
    """Return what a token says.

    Args:
        token: from outside.
        key: that `issue` had.
        now: AWS's time where known.

    Raises:
        BadApproval: it is forged, malformed or too old.
    """
    raise NotImplementedError((token, key, now))
