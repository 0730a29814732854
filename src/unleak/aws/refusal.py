"""Reads what AWS said when it refused a call, defensively and without ever repeating a secret."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from unleak.aws.answer import Answer, number, part, text
from unleak.aws.codes import UNSUPPORTED, UNSUPPORTED_CODES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from unleak.model.credential import FoundCredential
    from unleak.model.secret import Secret

_LONGEST = 500
_OPAQUE = re.compile(r"[A-Za-z0-9/+=%]{40,}")
_SIGNED_TEXT = re.compile(r"(?i)\bthe canonical string\b|\bthe string-to-sign\b")
_NOT_ALLOWED, _NOT_FOUND, _NOT_IMPLEMENTED = 405, 404, 501


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """One refused call: AWS's code, its words (cleaned), and where they came from."""

    code: str
    message: str
    status: int
    request_id: str
    date_header: str


def read_refusal(response: Answer, *, secrets: Iterable[Secret] = ()) -> Refusal:
    """Read the response of a `ClientError`.

    RADOS Gateway sends some errors without an `Error` element, or without a body at all: then the
    code stands at the top, or only the HTTP status tells.

    Args:
        response: `ClientError.response`.
        secrets: values that must not show in the message, whatever AWS put there.
    """
    metadata = part(response, "ResponseMetadata")
    status = number(metadata, "HTTPStatusCode", 0)
    error = part(response, "Error") or response
    code = clean(text(error, "Code"), limit=100)
    if _is_unsupported(code, status):
        code = UNSUPPORTED
    return Refusal(
        code=code or str(status),
        message=clean(text(error, "Message") or text(error, "message"), secrets=secrets),
        status=status,
        request_id=clean(text(metadata, "RequestId"), limit=100),
        date_header=date_header(response),
    )


def date_header(response: Answer) -> str:
    """Return the `Date` header of an answer, empty where there is none."""
    return text(part(part(response, "ResponseMetadata"), "HTTPHeaders"), "date")


def clean(words: str, *, secrets: Iterable[Secret] = (), limit: int = _LONGEST) -> str:
    """Make text from AWS safe to show: no control or invisible characters, no secret, not endless.

    AWS repeats the whole signed request, session token included, when a signature is wrong; so
    everything from there on is cut, and what looks like a secret or a token is replaced.

    Args:
        words: the text as it came.
        secrets: values that are replaced wherever they stand.
        limit: the most characters to keep.
    """
    for secret in secrets:
        if secret:
            words = words.replace(secret.reveal(), "[secret]")
    words = _SIGNED_TEXT.split(words)[0]
    words = _OPAQUE.sub(_veil, words)
    visible = "".join(" " if unicodedata.category(c)[0] in "CZ" else c for c in words)
    visible = " ".join(visible.split())
    return visible if len(visible) <= limit else visible[: limit - 1] + "…"


def holds_secret(words: str, secrets: Iterable[Secret] = ()) -> bool:
    """Whether a text may hold a secret, so that `clean` would take something out of it.

    Args:
        words: the text as it came.
        secrets: values to look for besides what looks like one.
    """
    if any(secret and secret.reveal() in words for secret in secrets):
        return True
    return _SIGNED_TEXT.search(words) is not None or _OPAQUE.sub(_veil, words) != words


def secrets_of(found: FoundCredential) -> tuple[Secret, ...]:
    """Return what must never show of a credential that signs a call."""
    return tuple(secret for secret in (found.secret, found.session_token) if secret is not None)


def _veil(found: re.Match[str]) -> str:
    run = found.group(0)
    is_random = (
        any(c.isdigit() for c in run)
        and any(c.islower() for c in run)
        and any(c.isupper() for c in run)
    )
    return "[redacted]" if is_random else run


def _is_unsupported(code: str, status: int) -> bool:
    if code in UNSUPPORTED_CODES or status in {_NOT_ALLOWED, _NOT_IMPLEMENTED}:
        return True
    return status == _NOT_FOUND and code in {"", "404", "Unknown"}
