"""Requests over HTTPS: GitHub's webhook, and the approval page; the shape is a Function URL's.

Source: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html (payload format 2.0)
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from unleak.errors import BadSignature, UnleakError, UnreadableEvent
from unleak.evidence.alerts.read import read_event
from unleak.respond.answer import document
from unleak.respond.approve import approve
from unleak.respond.github import check_signature
from unleak.respond.respond import respond

if TYPE_CHECKING:
    from unleak.respond.station import Station

WEBHOOK_PATH = "/github"
_SIGNATURE = "x-hub-signature-256"
_MARKS = frozenset({"requestContext", "rawPath", "httpMethod", "headers"})
"""What requests of every HTTP front have: none of them may pass for an event of a bus, because what
comes over HTTPS is believed only if it is signed."""
_LARGEST_BODY = 6_000_000
"""Lambda's own limit of a request. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""


def is_request(event: object) -> bool:
    """Whether an event is a request that came over HTTPS, and not one of a bus.

    Args:
        event: as Lambda gives it.
    """
    if not isinstance(event, Mapping):
        return False
    return not _MARKS.isdisjoint(event)


def answer_request(event: Mapping[str, object], station: Station) -> dict[str, object]:
    """Answer one request.

    Args:
        event: every field of it may be hostile.
        station: what to work with.

    Returns:
        The answer in the shape that Lambda turns into HTTP.
    """
    if event.get("rawPath") != WEBHOOK_PATH:
        return approve(event, station).as_answer()
    try:
        body = _body(event)
        _check(body, event, station)
        responded = respond(read_event(body), station)
    except UnleakError as error:
        status = 401 if isinstance(error, BadSignature) else 400
        status = status if isinstance(error, (BadSignature, UnreadableEvent)) else 503
        return _json(status, {"error": {"code": error.code, "message": error.message}})
    return _json(500 if responded.failed else 200, document(responded))


def _check(body: bytes, event: Mapping[str, object], station: Station) -> None:
    """Make sure that GitHub sent these bytes.

    Raises:
        BadSignature: it did not, or no secret was agreed on.
    """
    reference = station.policy.github.webhook_secret
    if reference is None:
        message = "the policy names no secret for webhooks, so none is believed"
        raise BadSignature(message, hint="set `webhook_secret` in the section [github]")
    headers = event.get("headers")
    found: object = headers.get(_SIGNATURE) if isinstance(headers, Mapping) else None
    signature = found if isinstance(found, str) else ""
    check_signature(body, signature, station.secrets.fetch(reference))


def _body(event: Mapping[str, object]) -> bytes:
    """Return the exact bytes that were sent: the signature is over them.

    Raises:
        UnreadableEvent: there is no body, or it is too large.
    """
    body = event.get("body")
    if not isinstance(body, str) or len(body) > _LARGEST_BODY:
        message = "the request has no body, or one that is too large"
        raise UnreadableEvent(message)
    if event.get("isBase64Encoded") is not True:
        return body.encode("utf-8", "surrogatepass")
    try:
        return base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError) as error:
        message = "the request's body is not the base64 that it says it is"
        raise UnreadableEvent(message) from error


def _json(status: int, content: object) -> dict[str, object]:
    return {
        "statusCode": status,
        "headers": {"Content-Type": "application/json", "Cache-Control": "no-store"},
        "body": json.dumps(content, separators=(",", ":")),
    }
