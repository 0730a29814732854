"""One event in, one response out for each thing that has leaked, however often the event comes."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from unleak.errors import UnleakError
from unleak.model.claim import ClaimState
from unleak.report.message import failed_message
from unleak.respond.alert_text import alert_text, answered_ids
from unleak.respond.answer import Answer
from unleak.respond.fetched import fetched
from unleak.respond.news import is_news
from unleak.respond.one_by_one import one_by_one
from unleak.respond.policy import Verdict
from unleak.respond.recognise import Leaked, NotOurs, account_for, names_nothing
from unleak.respond.station import LEASE_SECONDS
from unleak.respond.work import broken_off, said, work

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unleak.model.alert import Alert, Reading
    from unleak.model.claim import Claim
    from unleak.respond.answer import Responded
    from unleak.respond.station import Station


def respond(reading: Reading, station: Station) -> Responded:
    """Answer every alert of one event, each on its own: one that fails stops no other.

    Args:
        reading: the event, read.
        station: what to work with.

    Returns:
        The answers; `failed` names what has to be delivered again.
    """
    alerts = {each.subject: each for each in distinct(reading.alerts)}
    responded = one_by_one(
        [(each.subject, partial(answers_to, each, station)) for each in alerts.values()],
        station,
        put_off=lambda subject: _left_to_the_sweep(alerts[subject], station),
    )
    return replace(responded, ignored=reading.ignored)


def distinct(alerts: tuple[Alert, ...]) -> tuple[Alert, ...]:
    """Return one alert a subject: one event may name a key in several findings.

    Args:
        alerts: in the order of the event, which is kept.
    """
    return tuple({alert.subject: alert for alert in reversed(alerts)}.values())[::-1]


def answers_to(alert: Alert, station: Station) -> tuple[Answer, ...]:
    """Answer one alert, and tell people once where nobody gets at what it points to.

    GitHub does not deliver again by itself, so there is no next time to wait for.
    Source: https://docs.github.com/en/webhooks/using-webhooks/handling-failed-webhook-deliveries

    Args:
        alert: as the event says it.
        station: what to work with.

    Raises:
        UnleakError: it broke off; the claim is free for the next delivery.
    """
    try:
        leaks = fetched(alert, station)
    except UnleakError as error:
        return (_told_once(alert, error, station),)
    return tuple(_answer(each, station) for each in leaks)


def _told_once(alert: Alert, error: UnleakError, station: Station) -> Answer:
    claim = _taken(alert, None, station)
    if not claim.is_ours:
        return _left(claim)
    with held(claim, station):
        message = failed_message(alert.subject, error, alert=alert.words)
        told = said(message, claim, station)
        station.claims.told(claim)
    return Answer(subject=alert.subject, verdict=Verdict.TELL, why=error.message, told=told)


def _answer(leaked: Leaked, station: Station) -> Answer:
    alert = leaked.alert
    if alert.access_key_id is None and alert.principal is None:
        return _told_once(alert, names_nothing(), station)
    try:
        account = account_for(leaked, station.clouds, station.policy.accounts)
    except NotOurs as error:
        return Answer(subject=alert.subject, verdict=Verdict.IGNORE, why=str(error))
    except UnleakError as error:
        claim = _taken(alert, None, station)
        if not claim.is_ours:
            return _left(claim)
        with held(claim, station):
            return broken_off(alert, error, claim, station)
    # a sender that names no account means the same role as one that does
    leaked = replace(leaked, alert=replace(alert, account=account))
    claim = _taken(leaked.alert, account, station)
    if not claim.is_ours:
        return _left(claim)
    return worked(leaked, account, claim, station)


def worked(leaked: Leaked, account: str, claim: Claim, station: Station) -> Answer:
    """Work on a claim that is ours.

    Args:
        leaked: the alert.
        account: one of ours.
        claim: ours.
        station: what to work with.

    Raises:
        UnleakError: it broke off.
    """
    with held(claim, station):
        return work(leaked, account, claim, station)


@contextmanager
def held(claim: Claim, station: Station) -> Iterator[None]:
    """Keep a claim alive for the length of a `with` block; an error frees it for the next worker.

    Args:
        claim: ours.
        station: what to work with.
    """
    try:
        with station.claims.keeping(claim, seconds=LEASE_SECONDS):
            yield
    except BaseException:
        station.claims.release(claim)
        raise


def _taken(alert: Alert, account: str | None, station: Station) -> Claim:
    """Take the claim; one that has ended is taken again where the alert says something new."""
    claim = station.claims.take(
        alert.subject, owner=station.worker(), seconds=LEASE_SECONDS, alert=alert_text(alert)
    )
    if claim.is_ours or not is_news(alert, claim, account, station):
        return claim
    text = alert_text(alert, answered=answered_ids(claim.alert))
    return station.claims.retake(claim, owner=station.worker(), seconds=LEASE_SECONDS, alert=text)


def _left_to_the_sweep(alert: Alert, station: Station) -> None:
    """Leave a claim that nobody works on, so that it is not lost if no delivery comes again."""
    claim = _taken(alert, None, station)
    if claim.is_ours:
        station.claims.release(claim)


def _left(claim: Claim) -> Answer:
    """Return the answer of a delivery that has nothing to do."""
    return Answer(
        subject=claim.subject,
        verdict=None,
        why=_whose(claim),
        incident=claim.incident,
        status=claim.status,
    )


def _whose(claim: Claim) -> str:
    match claim.state:
        case ClaimState.WORKING:
            return "another delivery is working on it"
        case ClaimState.WAITING:
            return "it waits for a person's approval"
        case ClaimState.TOLD:
            return "people were told already"
        case ClaimState.DONE:
            return "it was responded to already"
