"""Reads what AWS said when it refused a call, defensively and without ever repeating a secret."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from unleak.aws.answer import Answer, number, part, text
from unleak.aws.codes import UNSUPPORTED, UNSUPPORTED_CODES
from unleak.model.frozen import dataclass
from unleak.model.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterable

    from unleak.model.credential import FoundCredential

_LONGEST = 500
_XML_CODE = re.compile(r"<Code>([A-Za-z0-9.:_-]{1,100})</Code>")
_XML_MESSAGE = re.compile(r"<Message>([^<]*)</Message>")
_XML_REQUEST_ID = re.compile(r"<RequestId>([^<]{1,100})</RequestId>")
_ENCODED = re.compile(r"(?i)(encoded authorization failure message:?\s*)([A-Za-z0-9_+/=-]{16,})")
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
    encoded: Secret | None = None
    """The encoded authorization failure message that EC2 sends: privileged, so never shown."""


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
    code = text(error, "Code")
    message = text(error, "Message") or text(error, "message")
    if code in {"", str(status)} and _XML_CODE.search(message):
        code, message = _xml_field(_XML_CODE, message), _xml_field(_XML_MESSAGE, message)
    code = UNSUPPORTED if _is_unsupported(code, status) else clean(code, limit=100)
    return Refusal(
        code=code or str(status),
        message=clean(message, secrets=secrets),
        encoded=encoded_part(message),
        status=status,
        request_id=clean(text(metadata, "RequestId"), limit=100),
        date_header=date_header(response),
    )


def refusal_of(error: Exception, *, secrets: Iterable[Secret] = ()) -> Refusal | None:
    """Read what AWS said from an exception of botocore's; None where it holds no refusal.

    RADOS Gateway puts the error after a success document when a policy to delete is not there:
    botocore cannot parse that and repeats it in its message, where the code can still be read.
    """
    from botocore.exceptions import ClientError  # noqa: PLC0415 - loaded by now
    from botocore.parsers import ResponseParserError  # noqa: PLC0415 - loaded by now

    if isinstance(error, ClientError):
        return read_refusal(error.response, secrets=secrets)
    body = str(error)
    if not isinstance(error, ResponseParserError) or not _XML_CODE.search(body):
        return None
    code = _xml_field(_XML_CODE, body)
    return Refusal(
        code=UNSUPPORTED if code in UNSUPPORTED_CODES else code,
        message=clean(_xml_field(_XML_MESSAGE, body), secrets=secrets),
        status=0,
        request_id=clean(_xml_field(_XML_REQUEST_ID, body), limit=100),
        date_header="",
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
    words = _OPAQUE.sub(_veil, _ENCODED.sub(r"\1[encoded]", words))
    visible = "".join(" " if unicodedata.category(c)[0] in "CZ" else c for c in words)
    visible = " ".join(visible.split())
    return visible if len(visible) <= limit else visible[: limit - 1] + "…"


def encoded_part(words: str) -> Secret | None:
    """Return the encoded authorization failure message of a refusal, None where it holds none.

    Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html

    Args:
        words: the message as it came.
    """
    found = _ENCODED.search(words)
    return None if found is None else Secret(found.group(2))


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


def _xml_field(pattern: re.Pattern[str], body: str) -> str:
    found = pattern.search(body)
    return "" if found is None else found.group(1)


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
