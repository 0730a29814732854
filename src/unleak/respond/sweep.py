"""What somebody began and came to no end with is finished: the claims whose worker has died."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from unleak.errors import UnleakError
from unleak.respond.alert_text import alert_of
from unleak.respond.answer import Answer
from unleak.respond.one_by_one import one_by_one
from unleak.respond.policy import Verdict
from unleak.respond.recognise import Leaked, NotOurs, account_for
from unleak.respond.respond import answers_to, held
from unleak.respond.station import LEASE_SECONDS
from unleak.respond.work import broken_off, work

if TYPE_CHECKING:
    from unleak.model.claim import Claim
    from unleak.respond.answer import Responded
    from unleak.respond.station import Station


def sweep(station: Station) -> Responded:
    """Take over every claim that its worker has left, and go on with it.

    Args:
        station: what to work with.

    Returns:
        One answer for each that was taken over; `failed` names those that broke off again, and
        those that are damaged.
    """
    lapsed = station.claims.lapsed()
    responded = one_by_one(
        [(each.subject, partial(_taken_over, each, station)) for each in lapsed.claims], station
    )
    return replace(responded, failed=(*lapsed.unreadable, *responded.failed))


def _taken_over(left: Claim, station: Station) -> tuple[Answer, ...]:
    """Go on with a claim; nothing where somebody else was quicker."""
    leaked = Leaked(alert=alert_of(left.alert))
    answers: tuple[Answer, ...] = ()
    if leaked.alert.source is not None and leaked.alert.access_key_id is None:
        # what it points at has claims of its own; this one only says that it was looked at
        answers = answers_to(leaked.alert, station)
    claim = station.claims.take(
        left.subject, owner=station.worker(), seconds=LEASE_SECONDS, alert=left.alert
    )
    if not claim.is_ours:
        return answers
    with held(claim, station):
        if answers:
            station.claims.told(claim)
            return answers
        return (_gone_on(leaked, claim, station),)


def _gone_on(leaked: Leaked, claim: Claim, station: Station) -> Answer:
    try:
        account = account_for(leaked, station.clouds, station.policy.accounts)
    except NotOurs as error:
        station.claims.told(claim)
        return Answer(subject=claim.subject, verdict=Verdict.IGNORE, why=str(error))
    except UnleakError as error:
        return broken_off(leaked.alert, error, claim, station)
    return work(leaked, account, claim, station)
