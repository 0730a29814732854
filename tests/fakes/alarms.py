"""Alerts of two senders about one account: a user's key is public, a role is abused."""

from __future__ import annotations

from dataclasses import replace

from fakes.cloud import START
from fakes.station import ACCOUNT
from unleak.model.action import Holder, HolderType
from unleak.model.alert import Alert, Reading, Sender
from unleak.model.principal import Principal, PrincipalType

KEY = "AKIALEAKEDUSERKEY001"
CI = Holder(type=HolderType.USER, name="ci")
DEPLOY = Holder(type=HolderType.ROLE, name="deploy")
DEPLOY_ROLE = Principal(type=PrincipalType.ROLE, name="deploy")


def key_alert(**changes: object) -> Alert:
    """Return the word of AWS Health that a user's key is public."""
    alert = Alert(
        sender=Sender.AWS_HEALTH,
        type="AWS_RISK_CREDENTIALS_EXPOSED",
        id="arn:aws:health:us-east-1::event/RISK/1",
        account=ACCOUNT,
        access_key_id=KEY,
        summary="a key is public",
    )
    return replace(alert, **changes)  # type: ignore[arg-type]  # each test names fields that exist


def role_alert(**changes: object) -> Alert:
    """Return GuardDuty's word that a role is abused; no key id, no session."""
    alert = Alert(
        sender=Sender.GUARDDUTY,
        type="UnauthorizedAccess:IAMUser/TorIPCaller",
        id="finding-1",
        account=ACCOUNT,
        principal=DEPLOY_ROLE,
        severity="high",
        at=START,
    )
    return replace(alert, **changes)  # type: ignore[arg-type]  # as above


def of(*alerts: Alert) -> Reading:
    """Return an event with these alerts."""
    return Reading(alerts=alerts)
