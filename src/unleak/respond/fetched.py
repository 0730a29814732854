"""What a webhook only points at is fetched: GitHub's alerts never carry the secret itself."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from unleak.errors import BadPolicy, UnreadableEvidence
from unleak.evidence.paste import extract
from unleak.respond.github import fetch_secret
from unleak.respond.recognise import Leaked

if TYPE_CHECKING:
    from unleak.model.alert import Alert, GithubAlert
    from unleak.model.secret import Secret
    from unleak.respond.station import Station


def fetched(alert: Alert, station: Station) -> tuple[Leaked, ...]:
    """Return what an alert is about, one for each credential in the secret that it points at.

    Args:
        alert: from any sender; only GitHub's point somewhere else.
        station: knows the token.

    Raises:
        UnleakError: it cannot be fetched now, or never; the delivery counts as failed.
    """
    if alert.source is None or alert.access_key_id is not None:
        return (Leaked(alert=alert),)
    found = extract(_secret(alert.source, station).reveal()).found
    named = tuple(each for each in found if each.access_key_id is not None)
    if not named:
        message = f"the secret of GitHub's alert {alert.source.label} holds no access key id"
        hint = "look beside it for the key id, and run `unleak revoke KEY-ID`"
        raise UnreadableEvidence(message, hint=hint)
    return tuple(
        Leaked(alert=replace(alert, access_key_id=each.access_key_id), found=each) for each in named
    )


def _secret(source: GithubAlert, station: Station) -> Secret:
    settings = station.policy.github
    if settings.token is None:
        message = "the policy names no token for GitHub, so its alerts cannot be looked up"
        raise BadPolicy(message, hint="set `token` in the section [github]")
    token = station.secrets.fetch(settings.token)
    return fetch_secret(source, token, host=settings.host, environment=os.environ)
