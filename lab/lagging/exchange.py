"""One HTTP request in, one HTTP answer out: what the server and the in-process doors share."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING

from lab.lagging.access import Signature
from lab.lagging.gate import Wanted
from lab.lagging.refusal import Refusal
from lab.lagging.signature import is_signed_with
from lab.lagging.wire_read import read_call, scope_of
from lab.lagging.wire_write import Response, write_answer, write_refusal

if TYPE_CHECKING:
    from lab.lagging.cloud import LaggingCloud
    from lab.lagging.wire_read import Request


def answer(cloud: LaggingCloud, request: Request) -> Response:
    """Let the call's own time pass, decide it, and write the answer with the cloud's date."""
    if cloud.latency:
        cloud.clock.advance(cloud.latency)
    with cloud.clock.lock:
        response = _decided(cloud, request)
        date = format_datetime(_whole(cloud.clock.now()), usegmt=True)
    return replace(response, headers={**response.headers, "Date": date})


def _whole(instant: datetime) -> datetime:
    return instant.replace(microsecond=0)


def _decided(cloud: LaggingCloud, request: Request) -> Response:
    request_id = cloud.control.mint.uuid()
    service = "sts"
    try:
        scope = scope_of(request)
        service = scope.service
        operation, parameters = read_call(request, service)
        wanted = Wanted(
            service=service,
            operation=operation,
            region=scope.region,
            parameters=parameters,
            signature=Signature(
                key_id=scope.key_id,
                token=scope.token,
                proves=lambda secret: is_signed_with(request, secret),
            ),
            source="203.0.113.9",
            user_agent=request.headers.get("user-agent", ""),
        )
        found = cloud.serve_call(wanted)
    except Refusal as refusal:
        return write_refusal(service, refusal, request_id)
    return write_answer(service, operation, found, request_id)
