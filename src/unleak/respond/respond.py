"""One event in, one response out for each thing that has leaked, however often the event comes."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from unleak.errors import OwnerUnknown, UnleakError
from unleak.evidence.clean import printable
from unleak.model.claim import ClaimState
from unleak.report.message import failed_message
from unleak.respond.alert_text import alert_text
from unleak.respond.answer import Answer, Responded
from unleak.respond.fetched import fetched
from unleak.respond.policy import Verdict
from unleak.respond.recognise import Leaked, NotOurs, account_for
from unleak.respond.station import LEASE_SECONDS
from unleak.respond.work import work

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unleak.model.alert import Alert, Reading
    from unleak.model.claim import Claim
    from unleak.respond.station import Station

WORDS = 300
"""How long the reason of a failure may be in an answer."""


def respond(reading: Reading, station: Station) -> Responded:
    """Answer every alert of one event, each on its own: one that fails stops no other.

    Args:
        reading: the event, read.
        station: what to work with.

    Returns:
        The answers; `failed` names what has to be delivered again.
    """
    responded = Responded(ignored=reading.ignored)
    for alert in distinct(reading.alerts):
        try:
            answers = _answers(alert, station)
        except UnleakError as error:
            failure = printable(f"{alert.subject}: {error.message}", limit=WORDS)
            responded = replace(responded, failed=(*responded.failed, failure))
        else:
            responded = replace(responded, answers=(*responded.answers, *answers))
    return responded


def distinct(alerts: tuple[Alert, ...]) -> tuple[Alert, ...]:
    """Return one alert a subject: one event may name a key in several findings.

    Args:
        alerts: in the order of the event, which is kept.
    """
    return tuple({alert.subject: alert for alert in reversed(alerts)}.values())[::-1]


def _answers(alert: Alert, station: Station) -> tuple[Answer, ...]:
    """Answer one alert, and tell people once where nobody gets at what it points to.

    GitHub does not deliver again by itself, so there is no next time to wait for.
    Source: https://docs.github.com/en/webhooks/using-webhooks/handling-failed-webhook-deliveries

    Raises:
        UnleakError: it broke off; the claim is free for the next delivery.
    """
    try:
        leaks = fetched(alert, station)
    except UnleakError as error:
        return (_told_once(alert, error, station),)
    return tuple(_answer(each, station) for each in leaks)


def _told_once(alert: Alert, error: UnleakError, station: Station) -> Answer:
    claim = _taken(alert, station)
    if not claim.is_ours:
        return _left(claim)
    told = station.teller.tell(failed_message(alert.subject, error, alert=alert.words))
    station.claims.told(claim)
    return Answer(subject=alert.subject, verdict=Verdict.TELL, why=error.message, told=told)


def _answer(leaked: Leaked, station: Station) -> Answer:
    subject = leaked.alert.subject
    if leaked.alert.access_key_id is None and leaked.alert.principal is None:
        message = "the event names neither a key id nor a role or user"
        hint = "find out what leaked, and run `unleak revoke`"
        return _told_once(leaked.alert, OwnerUnknown(message, hint=hint), station)
    try:
        account = account_for(leaked, station.clouds, station.policy.accounts)
    except NotOurs as error:
        return Answer(subject=subject, verdict=Verdict.IGNORE, why=str(error))
    claim = _taken(leaked.alert, station)
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


def _taken(alert: Alert, station: Station) -> Claim:
    """Take the claim; one that has ended is taken again where the alert speaks of something new.

    A sender repeats a finding for as long as it stands.  New is what happened after the response
    had ended and comes under another id: then the credential has lived on, or a session of the same
    name was opened and stolen again.
    """
    text = alert_text(alert)
    claim = station.claims.take(
        alert.subject, owner=station.worker(), seconds=LEASE_SECONDS, alert=text
    )
    ended = claim.state in {ClaimState.DONE, ClaimState.TOLD} and claim.ended_at is not None
    if claim.is_ours or not ended or alert.at is None or claim.alert == text:
        return claim
    assert claim.ended_at is not None  # noqa: S101 - for mypy: `ended` says so
    if alert.at <= claim.ended_at:
        return claim
    return station.claims.retake(
        claim, owner=station.worker(), seconds=LEASE_SECONDS, incident=None
    )


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
