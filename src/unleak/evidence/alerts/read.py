"""One event of any known sender, in any known wrapping, to the alerts in it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from unleak.errors import UnreadableEvent
from unleak.evidence.alerts import checked
from unleak.evidence.alerts.envelope import Envelope, envelope_of
from unleak.evidence.alerts.fields import MOST, Fields, fields_of
from unleak.evidence.alerts.github import EVENTS, is_github, read_github
from unleak.evidence.alerts.guardduty import is_guardduty, read_guardduty
from unleak.evidence.alerts.health import is_health, read_health
from unleak.evidence.alerts.ocsf import is_ocsf, read_ocsf
from unleak.evidence.alerts.plain import is_plain, read_plain
from unleak.evidence.alerts.quarantine import is_trail_record, read_quarantine
from unleak.evidence.alerts.security_hub import is_security_hub, read_security_hub
from unleak.evidence.alerts.trusted_advisor import is_trusted_advisor, read_trusted_advisor
from unleak.evidence.alerts.unwrap import unwrapped
from unleak.evidence.alerts.web import is_web, payload_of, request_of
from unleak.model.alert import Reading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from unleak.model.alert import Alert

_LARGEST: Final = 6 * 1024 * 1024
"""Lambda takes no larger event."""
_HINT: Final = "docs/alerts.md shows the events that are understood"
_MOST_ALERTS: Final = MOST


def read_event(event: object) -> Reading:
    """Return the alerts of one event.

    A request from the web is read as a webhook of GitHub and as nothing else; its signature has to
    be checked before (`web.request_of`).  Of several events in one wrapping, those that cannot be
    read are named in `ignored`, as long as any other can.

    Args:
        event: parsed JSON, or the bytes or the text of it.

    Raises:
        UnreadableEvent: it has none of the known shapes, or is too large.
    """
    parsed = _parsed(event) if isinstance(event, (bytes, str)) else event
    if is_web(parsed):
        return _read_web(parsed)
    return _together([_reader(each) for each in unwrapped(parsed, parse=_parsed)])


def _parsed(text: bytes | str) -> object:
    if len(text) > _LARGEST:
        message = f"the event is larger than {_LARGEST // 2**20} MiB"
        raise UnreadableEvent(message, hint=_HINT)
    try:
        parsed: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        message = "the event is no JSON"
        raise UnreadableEvent(message, hint=_HINT) from error
    return parsed


def _read_web(event: object) -> Reading:
    request = request_of(event)
    name = "" if request is None else request.header("x-github-event")
    if name == "ping":
        return Reading(ignored=("GitHub: the webhook works",))
    if request is None or not name:
        message = "a request from the web that is no webhook of GitHub"
        raise UnreadableEvent(message, hint="only signed webhooks of GitHub come in this way")
    if name not in EVENTS:
        return Reading(ignored=(f"GitHub: {checked.word(name)!a} is no alert",))
    return read_github(fields_of(_parsed(payload_of(request))))


def _reader(event: object) -> Callable[[], Reading]:
    return lambda: _read_one(fields_of(event))


def _together(readers: Iterable[Callable[[], Reading]]) -> Reading:
    """Read all events of a wrapping; one that is damaged must not hide the others."""
    alerts: list[Alert] = []
    ignored: list[str] = []
    failures: list[tuple[int, UnreadableEvent]] = []
    is_any_read = False
    for number, reader in enumerate(readers, start=1):
        try:
            reading = reader()
        except UnreadableEvent as error:
            failures.append((number, error))
            continue
        is_any_read = True
        alerts += reading.alerts
        ignored += reading.ignored
    if not is_any_read:
        raise failures[0][1] if failures else UnreadableEvent("the event is empty", hint=_HINT)
    ignored += [f"event {number}: {error.message}" for number, error in failures]
    distinct: dict[str, Alert] = {}
    for each in alerts:
        distinct.setdefault(each.subject, each)
    kept = tuple(distinct.values())
    if len(kept) > _MOST_ALERTS:
        ignored.insert(0, f"{len(kept) - _MOST_ALERTS} more alerts were not read")
    return Reading(alerts=kept[:_MOST_ALERTS], ignored=tuple(ignored[:_MOST_ALERTS]))


def _read_one(event: Fields) -> Reading:
    """Read one event, with EventBridge's envelope or without."""
    if event.text("detail-type") and "detail" in event:
        return _read_bus(event)
    nothing = Envelope()
    if "findings" in event:
        return _read_findings(event, nothing)
    for is_it, read in _BARE:
        if is_it(event):
            return read(event, nothing)
    if is_github(event):
        return read_github(event)
    if is_plain(event):
        return read_plain(event)
    message = "the event has none of the known shapes"
    raise UnreadableEvent(message, hint=_HINT)


def _read_bus(event: Fields) -> Reading:
    """Read an event of EventBridge by its source; only AWS can send one that begins with `aws.`.

    Source: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html
    """
    envelope, detail = envelope_of(event), event.part("detail")
    about = checked.word(event.text("detail-type"))
    match event.text("source"):
        case "aws.health":
            return read_health(detail, envelope)
        case "aws.trustedadvisor":
            return read_trusted_advisor(detail, envelope)
        case "aws.guardduty" if about == "GuardDuty Finding":
            return read_guardduty(detail, envelope)
        case "aws.iam" if is_trail_record(detail):
            return read_quarantine(detail, envelope)
        case "aws.securityhub" if "findings" in detail:
            return _read_findings(detail, envelope)
        case "aws.guardduty" | "aws.iam" | "aws.securityhub" as source:
            return Reading(ignored=(f"{source}: {about!a} is no alert",))
        case _:
            sender = checked.word(event.text("source"))
            message = f"an event of {sender!a} on the bus is none of those that are known"
            raise UnreadableEvent(message, hint=_HINT)


def _read_findings(detail: Fields, envelope: Envelope) -> Reading:
    reading = _together([_finding(each, envelope) for each in detail.parts("findings")])
    left = detail.left_out("findings")
    ignored = (f"{left} more findings were not read",) if left else ()
    return Reading(alerts=reading.alerts, ignored=reading.ignored + ignored)


def _finding(finding: Fields, envelope: Envelope) -> Callable[[], Reading]:
    def read() -> Reading:
        if is_ocsf(finding):
            return read_ocsf(finding, envelope)
        if is_security_hub(finding):
            return read_security_hub(finding, envelope)
        if is_guardduty(finding):
            return read_guardduty(finding, envelope)
        message = "a finding has none of the known shapes"
        raise UnreadableEvent(message, hint=_HINT)

    return read


_BARE: Final[tuple[tuple[Callable[[Fields], bool], Callable[[Fields, Envelope], Reading]], ...]] = (
    (is_ocsf, read_ocsf),
    (is_security_hub, read_security_hub),
    (is_health, read_health),
    (is_trusted_advisor, read_trusted_advisor),
    (is_trail_record, read_quarantine),
    (is_guardduty, read_guardduty),
)
