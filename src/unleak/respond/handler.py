"""The function: an event of a bus, a request over HTTPS, or the schedule that sweeps.

Whatever has to be tried again is raised, because that is how Lambda learns of it: an event that
came asynchronously is delivered twice more and then put into the dead-letter queue.
Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from unleak.aws.session import AwsSettings
from unleak.errors import UnleakError, UnreadableEvent
from unleak.evidence.alerts.read import read_event
from unleak.evidence.alerts.web import is_web
from unleak.flow.doors import AwsDoors
from unleak.respond.answer import document
from unleak.respond.put_off import PUT_OFF
from unleak.respond.respond import respond
from unleak.respond.settings import policy_at, settings_from, station_for
from unleak.respond.sweep import sweep
from unleak.respond.web import JSON_HEADERS, answer_request

if TYPE_CHECKING:
    from unleak.respond.answer import Responded
    from unleak.respond.station import Station

_SWEEP = "sweep"
_BROKE_OFF = frozenset({500, 503})


class LambdaContext(Protocol):
    """What the handler asks of Lambda's context object."""

    def get_remaining_time_in_millis(self) -> int:
        """Return how long the function may still run."""
        ...


class NotAnswered(UnleakError):
    """A part of an event could not be answered; what was begun is in the journal."""

    code = "not-answered"


def lambda_handler(event: object, context: LambdaContext) -> dict[str, object]:
    """Respond to one event; the entry point of the deployed function.

    Args:
        event: as Lambda gives it: parsed JSON from a bus, a Function URL, a schedule or a person.
        context: Lambda's own; only its clock is asked.

    Raises:
        UnleakError: something has to be delivered again.
    """
    station = _station(context)
    if is_web(event) and isinstance(event, Mapping):
        return answer_request(event, station)
    order = event.get("unleak") if isinstance(event, Mapping) else None
    if order == PUT_OFF and isinstance(event, Mapping):
        return worked_off(event.get("request"), station)
    return _logged(sweep(station) if order == _SWEEP else respond(read_event(event), station))


def worked_off(request: object, station: Station) -> dict[str, object]:
    """Answer a request that another run has put off, as if it came now, and to the end.

    Args:
        request: what the event claims to be a request; it is checked as if it had just come.
        station: what to work with.

    Raises:
        UnreadableEvent: it is no request from the web.
        NotAnswered: it broke off.
    """
    if not is_web(request) or not isinstance(request, Mapping):
        message = "what was put off is no request from the web"
        raise UnreadableEvent(message, hint="only the function itself sends this")
    answer = answer_request(request, replace(station, later=None, is_late=True))
    told: dict[str, object] = {"statusCode": answer["statusCode"]}
    if answer["headers"] == JSON_HEADERS:
        told["body"] = answer["body"]  # what was decided; a page is for a browser, and nobody's log
    sys.stdout.write(json.dumps(told) + "\n")
    if answer["statusCode"] in _BROKE_OFF:
        message = "a request from the web could not be answered"
        raise NotAnswered(message, hint="the sweep goes on with what was begun")
    return told


def _station(context: LambdaContext) -> Station:
    """Make everything anew for each event: a policy that was changed counts at once."""
    settings = settings_from(os.environ)
    doors = AwsDoors(AwsSettings(member_role=settings.member_role))
    name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME")
    station = station_for(
        doors,
        policy=policy_at(settings.policy, doors.secrets()),
        state=doors.state_table(settings.table),
        url=settings.url,
        seconds_left=lambda: context.get_remaining_time_in_millis() / 1000,
    )
    later = None if name is None else doors.own_function(name).hand_over
    return replace(station, later=later, home=f"dynamodb:{settings.table}")


def _logged(responded: Responded) -> dict[str, object]:
    told: dict[str, object] = {**document(responded)}
    sys.stdout.write(json.dumps(told, separators=(",", ":")) + "\n")
    if responded.failed:
        message = "; ".join(responded.failed)
        hint = "the next delivery or sweep goes on; `unleak incidents` shows what was begun"
        raise NotAnswered(message, hint=hint)
    return told
