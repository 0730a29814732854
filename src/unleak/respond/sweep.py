"""What somebody began and came to no end with is finished: the claims whose worker has died."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from unleak.errors import UnleakError
from unleak.evidence.clean import printable
from unleak.respond.alert_text import alert_of
from unleak.respond.answer import Answer, Responded
from unleak.respond.policy import Verdict
from unleak.respond.recognise import Leaked, NotOurs, account_for
from unleak.respond.respond import WORDS, worked
from unleak.respond.station import LEASE_SECONDS

if TYPE_CHECKING:
    from unleak.model.claim import Claim
    from unleak.respond.station import Station


def sweep(station: Station) -> Responded:
    """Take over every claim that its worker has left, and go on with it.

    Args:
        station: what to work with.

    Returns:
        One answer for each that was taken over; `failed` names those that broke off again.
    """
    responded = Responded()
    for claim in station.claims.lapsed():
        try:
            answer = _taken_over(claim, station)
        except UnleakError as error:
            failure = printable(f"{claim.subject}: {error.message}", limit=WORDS)
            responded = replace(responded, failed=(*responded.failed, failure))
        else:
            if answer is not None:
                responded = replace(responded, answers=(*responded.answers, answer))
    return responded


def _taken_over(left: Claim, station: Station) -> Answer | None:
    """Go on with a claim; None where somebody else was quicker."""
    leaked = Leaked(alert=alert_of(left.alert))
    try:
        account = account_for(leaked, station.clouds, station.policy.accounts)
    except NotOurs as error:
        return Answer(subject=left.subject, verdict=Verdict.IGNORE, why=str(error))
    claim = station.claims.take(
        left.subject, owner=station.worker(), seconds=LEASE_SECONDS, alert=left.alert
    )
    return worked(leaked, account, claim, station) if claim.is_ours else None
