"""A request that came over the web: a Lambda Function URL's or API Gateway's, format 2.0.

Anybody can send one, so whoever handles it checks a signature over `body`, these very bytes,
before anything in it is believed.
Source: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs

from unleak.errors import UnreadableEvent
from unleak.evidence.alerts.fields import fields_of
from unleak.model.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

_LARGEST: Final = 6 * 1024 * 1024
"""Lambda takes no larger request."""
_LONGEST_HEADER: Final = 8_192
_HINT: Final = "set the webhook to send JSON"
_TOO_LARGE: Final = "a request from the web: its body is too large"
_NO_BASE64: Final = "a request from the web: its body is no base64"
_NO_FORM: Final = "a request from the web: its form has no payload that can be read"


@dataclass(frozen=True, slots=True, kw_only=True)
class WebRequest:
    """One request; everything in it is the sender's, whoever that is."""

    method: str
    path: str
    headers: Mapping[str, str]
    """By their names in small letters."""
    body: bytes
    """Exactly what was sent."""
    query: str = ""

    def header(self, name: str) -> str:
        """Return one header, empty where it is missing."""
        return self.headers.get(name.lower(), "")


def is_web(event: object) -> bool:
    """Whether AWS hands on a request from the web; the outermost fields are AWS's own.

    Only the record of an invocation that failed has a context too, beside the event itself.
    """
    request = fields_of(event)
    return isinstance(request.get("requestContext"), dict) and "requestPayload" not in request


def request_of(event: object) -> WebRequest | None:
    """Return the request that an event is; None for an event that is none.

    Raises:
        UnreadableEvent: it is one, and its body is too large or not what it says.
    """
    if not is_web(event):
        return None
    request = fields_of(event)
    context = request.part("requestContext", "http")
    headers = fields_of(request.get("headers")).raw
    return WebRequest(
        method=(context.text("method") or request.text("httpMethod")).upper()[:16],
        path=request.text("rawPath") or request.text("path"),
        headers={
            name.lower(): value[:_LONGEST_HEADER]
            for name, value in headers.items()
            if isinstance(value, str)
        },
        body=_body(request.text("body"), is_base64=request.get("isBase64Encoded") is True),
        query=request.text("rawQueryString"),
    )


def payload_of(request: WebRequest) -> bytes:
    """Return the JSON of a webhook: the body, or the field of a form that GitHub puts it into.

    Raises:
        UnreadableEvent: the form has no such field.
    """
    if not request.header("content-type").startswith("application/x-www-form-urlencoded"):
        return request.body
    try:
        fields = parse_qs(request.body.decode("ascii"), max_num_fields=10)
    except ValueError as error:
        raise UnreadableEvent(_NO_FORM, hint=_HINT) from error
    if "payload" not in fields:
        raise UnreadableEvent(_NO_FORM, hint=_HINT)
    return fields["payload"][0].encode()


def _body(text: str, *, is_base64: bool) -> bytes:
    if len(text) > _LARGEST:
        raise UnreadableEvent(_TOO_LARGE, hint=_HINT)
    if not is_base64:
        return text.encode("utf-8", "surrogatepass")
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error) as error:
        raise UnreadableEvent(_NO_BASE64, hint=_HINT) from error
