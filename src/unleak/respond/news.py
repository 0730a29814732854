"""Whether an alert about something that was responded to already says anything new."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.errors import UnleakError
from unleak.flow.controls import look_over
from unleak.flow.history import incident
from unleak.model.claim import ClaimState
from unleak.report.advice import undone_steps
from unleak.respond.alert_text import answered_ids

if TYPE_CHECKING:
    from unleak.model.alert import Alert
    from unleak.model.claim import Claim
    from unleak.model.incident import Incident
    from unleak.respond.station import Station


def is_news(alert: Alert, claim: Claim, account: str | None, station: Station) -> bool:
    """Whether an alert wants a response of its own.

    A sender repeats a finding for as long as it stands, and later each time.  So a repeat is news
    only where the cut does not stand any more and no person has undone it: then somebody else has
    given the credential its power back.  What comes under another id is news where it happened
    after the response had ended.

    Args:
        alert: as it came.
        claim: of its subject.
        account: whose; None where nobody could tell.
        station: what to work with.

    Raises:
        UnleakError: whether the cut stands could not be read, so it has to be tried again.
    """
    has_ended = claim.state in {ClaimState.DONE, ClaimState.TOLD}
    if not has_ended or alert.at is None or claim.ended_at is None or alert.at <= claim.ended_at:
        return False
    if alert.id not in answered_ids(claim.alert):
        return True
    if claim.incident is None or account is None:
        return False
    before = incident(claim.incident, home=station.state)
    return not is_undone(before) and not _stands(before, account, station)


def is_undone(incident: Incident) -> bool:
    """Whether a person has put something of it back: then the response is over.

    Args:
        incident: as the journal tells it.
    """
    return bool(undone_steps(incident))


def _stands(incident: Incident, account: str, station: Station) -> bool:
    """Whether every control is still as we left it.

    Raises:
        UnleakError: one of them could not be read, and none is known to be gone.
    """
    seen = look_over(incident.plan, station.clouds.doors(account).reader())
    if seen.unread and not seen.gone:
        message = f"whether incident {incident.id} still stands cannot be read: {seen.unread[0]}"
        raise UnleakError(message, hint=f"unleak verify {incident.id}")
    return not seen.gone
