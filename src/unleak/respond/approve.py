"""A person presses the button behind an approval link: the claim that waited is worked on, once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from unleak.errors import UnleakError
from unleak.model.claim import ClaimState
from unleak.respond.alert_text import alert_of
from unleak.respond.approval import BadApproval, read
from unleak.respond.approval_page import ask_page, done_page, read_request, refused_page
from unleak.respond.put_off import put_off
from unleak.respond.recognise import Leaked, NotOurs, account_for
from unleak.respond.respond import held
from unleak.respond.station import GRACE, LEASE_SECONDS
from unleak.respond.work import approved

if TYPE_CHECKING:
    from collections.abc import Mapping

    from unleak.model.claim import Claim
    from unleak.respond.approval import Approval
    from unleak.respond.approval_page import Page
    from unleak.respond.station import Station


def approve(event: Mapping[str, object], station: Station) -> Page:
    """Show what waits for an approval, or, where the button was pressed, do it.

    Args:
        event: the request as a Function URL or an HTTP API gives it.
        station: what to work with.
    """
    secret = station.policy.approval.secret
    if secret is None:
        return refused_page("approvals by a link are not set up", status=404)
    try:
        request = read_request(event)
        now = station.clouds.now() - (GRACE if station.is_late else timedelta(0))
        approval = read(request.token, key=station.secrets.fetch(secret), now=now)
        if request.is_pressed:
            return _begun(event, approval, station)
    except UnleakError as error:
        status = 403 if isinstance(error, BadApproval) else 503
        return refused_page(error.message, error.hint, status=status)
    claim = station.claims.look(approval.subject)
    if claim is None or not _waits(claim, approval):
        return _gone(claim)
    title, *lines = claim.plan_words.split("\n")
    return ask_page(title, lines, token=request.token, until=approval.until)


def _begun(event: Mapping[str, object], approval: Approval, station: Station) -> Page:
    """Do it, or have it done where the browser would not wait that long.

    Raises:
        UnleakError: it broke off, or could not be begun.
    """
    if station.later is None:
        return _pressed(approval, station)
    claim = station.claims.look(approval.subject)
    if claim is None or not _waits(claim, approval):
        return _gone(claim)
    station.later(put_off(event))
    lines = ("It is being carried out now; what came of it is told where you were asked.",)
    return done_page("Your approval has arrived", lines)


def _pressed(approval: Approval, station: Station) -> Page:
    """Do it, if this is the first press of the button.

    Raises:
        UnleakError: it broke off; the sweep goes on with what was begun.
    """
    claim = station.claims.approve(
        approval.subject,
        token_hash=approval.nonce_hash,
        owner=station.worker(),
        seconds=LEASE_SECONDS,
    )
    if claim is None or not claim.is_ours:
        return _gone(claim)
    leaked = Leaked(alert=alert_of(claim.alert))
    with held(claim, station):
        try:
            account = account_for(leaked, station.clouds, station.policy.accounts)
        except NotOurs as error:
            station.claims.told(claim)
            return refused_page(str(error))
        answer = approved(leaked, account, claim, station)
    lines = [f"{answer.subject}: {answer.status}"]
    if answer.incident is not None:
        lines.append(f"incident {answer.incident}: `unleak report {answer.incident}` tells it all")
    return done_page("Your approval was carried out", lines)


def _waits(claim: Claim, approval: Approval) -> bool:
    return claim.state is ClaimState.WAITING and claim.token_hash == approval.nonce_hash


def _gone(claim: Claim | None) -> Page:
    """Say why this link approves nothing any more."""
    if claim is None:
        return refused_page("nothing of that name waits for an approval", status=404)
    why = {
        ClaimState.WORKING: "it is being worked on at this moment",
        ClaimState.WAITING: "a newer link has taken the place of this one",
        ClaimState.DONE: "it was done already",
        ClaimState.TOLD: "it was closed without a change",
    }[claim.state]
    return refused_page(why, status=409)
