"""Requests over HTTPS: GitHub's webhook, believed only if it is signed, and the approval page."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from unleak.errors import BadSignature, UnleakError, UnreadableEvent
from unleak.evidence.alerts.read import read_event
from unleak.evidence.alerts.web import request_of
from unleak.respond.answer import document
from unleak.respond.approve import approve
from unleak.respond.github import check_signature
from unleak.respond.put_off import put_off
from unleak.respond.respond import respond

if TYPE_CHECKING:
    from collections.abc import Mapping

    from unleak.evidence.alerts.web import WebRequest
    from unleak.respond.station import Station

WEBHOOK_PATH = "/github"
JSON_HEADERS = {"Content-Type": "application/json", "Cache-Control": "no-store"}
_SIGNATURE = "x-hub-signature-256"


def answer_request(event: Mapping[str, object], station: Station) -> dict[str, object]:
    """Answer one request.

    Args:
        event: of a Function URL or an HTTP API; every field of it may be hostile.
        station: what to work with.

    Returns:
        The answer in the shape that Lambda turns into HTTP.
    """
    if event.get("rawPath") != WEBHOOK_PATH:
        return approve(event, station).as_answer()
    try:
        _check(request_of(event), station)
        reading = read_event(event)
        if station.later is not None and reading.alerts:
            station.later(put_off(event))
            return _json(202, {"accepted": len(reading.alerts)})
        responded = respond(reading, station)
    except UnleakError as error:
        return _json(_status_of(error), {"error": {"code": error.code, "message": error.message}})
    return _json(500 if responded.failed else 200, document(responded))


def _status_of(error: UnleakError) -> int:
    match error:
        case BadSignature():
            return 401
        case UnreadableEvent():
            return 400
        case _:
            return 503


def _check(request: WebRequest | None, station: Station) -> None:
    """Make sure that GitHub sent these very bytes.

    Raises:
        BadSignature: it did not, or no secret was agreed on.
    """
    reference = station.policy.github.webhook_secret
    if reference is None:
        message = "the policy names no secret for webhooks, so none is believed"
        raise BadSignature(message, hint="set `webhook_secret` in the section [github]")
    if request is None:
        message = "this is no request from the web"
        raise UnreadableEvent(message, hint="only signed webhooks of GitHub come in this way")
    check_signature(request.body, request.header(_SIGNATURE), station.secrets.fetch(reference))


def _json(status: int, content: object) -> dict[str, object]:
    return {
        "statusCode": status,
        "headers": JSON_HEADERS,
        "body": json.dumps(content, separators=(",", ":")),
    }
