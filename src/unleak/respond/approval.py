"""Signed one-time tokens by which a person approves what the responder only planned.

A token is `v1.PAYLOAD.SIGNATURE`.  The signature (HMAC-SHA256) is looked at before anything in the
payload is.  That a token is used once is the claim's to see to: it keeps the hash of the nonce.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from unleak.errors import Refused, WrongUse
from unleak.model.frozen import dataclass

if TYPE_CHECKING:
    from unleak.model.secret import Secret

LONGEST: Final = 2_000
"""Characters of a token; a Function URL takes URLs of more than that, mail programs break them.
That they do is untested."""

_PREFIX: Final = "v1"
_SHAPE: Final = re.compile(r"v1\.([A-Za-z0-9_-]{1,1900})\.([A-Za-z0-9_-]{43})", re.ASCII)
_MEANT_FOR: Final = b"unleak approval token\0"
"""Keeps the signature of something else that is made with the same key from passing for a token."""
_LONGEST_SUBJECT: Final = 1_000
_SHORTEST_KEY: Final = 32
_AGAIN: Final = "have the response planned again, or run `unleak revoke` yourself"


class BadApproval(Refused):
    """The link for an approval is forged, malformed or too old."""

    code = "bad-approval"


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """What a genuine token says; whether it was used already, only the claim knows."""

    subject: str
    nonce_hash: str
    """What the claim keeps, so that whoever reads the table cannot make the token."""
    until: datetime


def new_nonce() -> str:
    """Return what makes one token unlike every other: 192 random bits."""
    return secrets.token_urlsafe(24)


def nonce_hash(nonce: str) -> str:
    """Return what a claim keeps of a nonce: SHA-256 in hexadecimal."""
    return hashlib.sha256(nonce.encode()).hexdigest()


def issue(*, subject: str, until: datetime, nonce: str, key: Secret) -> str:
    """Return a token that approves the response to one subject, for use in a URL.

    Args:
        subject: what the response is about, as the alert names it.
        until: when it stops being good.
        nonce: from `new_nonce`.
        key: at least 32 characters.

    Raises:
        WrongUse: the key is too short, or the subject or the nonce too long for a token.
    """
    said = {"s": subject, "u": int(until.timestamp()), "n": nonce}
    payload = _encoded(json.dumps(said, separators=(",", ":")).encode())
    token = f"{_PREFIX}.{payload}.{_signature(payload, key)}"
    if len(subject) > _LONGEST_SUBJECT or _SHAPE.fullmatch(token) is None:
        message = "what should be approved has too long a name for a link"
        raise WrongUse(message)
    return token


def read(token: str, *, key: Secret, now: datetime) -> Approval:
    """Return what a token says.

    Args:
        token: from outside.
        key: that `issue` had.
        now: AWS's time where known.

    Raises:
        BadApproval: it is forged, malformed or too old.
        WrongUse: the key is too short to sign with.
    """
    found = _SHAPE.fullmatch(token)
    payload, signature = ("", "") if found is None else found.groups()
    if not hmac.compare_digest(_signature(payload, key), signature):
        raise _bad()
    said = _said(payload)
    subject, until, nonce = said.get("s"), said.get("u"), said.get("n")
    if not (isinstance(subject, str) and isinstance(until, int) and isinstance(nonce, str)):
        raise _bad()
    end = datetime.fromtimestamp(until, UTC)
    if now >= end:
        message = "the time for this approval is over"
        raise BadApproval(message, hint=_AGAIN)
    return Approval(subject=subject, nonce_hash=nonce_hash(nonce), until=end)


def _bad() -> BadApproval:
    message = "this is no approval that was asked for"
    return BadApproval(message, hint="open the link as it stands in the message, whole")


def _signature(payload: str, key: Secret) -> str:
    if len(key.reveal()) < _SHORTEST_KEY:
        message = f"the secret that signs approvals has fewer than {_SHORTEST_KEY} characters"
        raise WrongUse(message, hint="`openssl rand -base64 48` makes a good one")
    signed = _MEANT_FOR + f"{_PREFIX}.{payload}".encode()
    return _encoded(hmac.digest(key.reveal().encode(), signed, "sha256"))


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _said(payload: str) -> dict[str, object]:
    """Return the payload's fields; it was signed by us, so anything odd is another version's."""
    try:
        said: object = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
