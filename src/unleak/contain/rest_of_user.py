"""The rest of a user: what it signs in with beside access keys, closed, listed or warned of; pure.

Where the user itself was named, all of it counts as leaked and is closed.  Where one key leaked,
what was made since is a suspect like any other new identity, and what was there before is left
alone and told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.contain.lockout import is_own_principal
from unleak.contain.sessions import Draft
from unleak.contain.user_ways import Way, ways_of
from unleak.model.action import Holder, HolderType, inverse
from unleak.model.credential import CredentialKind
from unleak.model.door import Door, DoorKind
from unleak.model.instant import render_instant
from unleak.model.plan import Stage, Step
from unleak.model.principal import PrincipalType
from unleak.model.reading import Gap, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from unleak.model.credential import Credential
    from unleak.model.situation import Caller, PrincipalFacts, Situation
    from unleak.model.ways_in import WaysIn

_WORDS = {
    DoorKind.LOGIN_PROFILE: ("console password", "console passwords"),
    DoorKind.SERVICE_CREDENTIAL: (
        "service-specific credential",
        "service-specific credentials",
    ),
    DoorKind.SSH_KEY: ("SSH key", "SSH keys"),
    DoorKind.CERTIFICATE: ("signing certificate", "signing certificates"),
    DoorKind.MFA_DEVICE: ("MFA device", "MFA devices"),
}


def is_named(holder: Holder, credentials: Iterable[Credential]) -> bool:
    """Whether the user itself was named, so that everything it holds counts as leaked."""
    return holder.type is HolderType.USER and any(
        each.kind is CredentialKind.PRINCIPAL
        and each.principal is not None
        and (each.principal.type, each.principal.name) == (PrincipalType.USER, holder.name)
        for each in credentials
    )


def rest_of_users(situation: Situation, *, since: datetime | None) -> Draft:
    """Return what closes the rest of each user that was named, and what to know of the others.

    Args:
        situation: the facts, with the ways in where they were looked at.
        since: MFA devices that were put on the user later are taken off; None: none is.
    """
    drafts = [
        _draft(facts, facts.ways_in, situation, since)
        for facts in situation.principals
        if facts.ways_in is not None
    ]
    return Draft(
        tuple(step for draft in drafts for step in draft.steps),
        tuple(line for draft in drafts for line in draft.warnings),
        tuple(line for draft in drafts for line in draft.manual),
    )


def new_ways_in(
    situation: Situation, *, since: datetime, kinds: frozenset[DoorKind]
) -> tuple[Door, ...]:
    """Return what the leaked users have got since it leaked; passwords the sweep finds itself.

    Args:
        situation: the facts, with the ways in where they were looked at.
        since: when it may have leaked.
        kinds: what the leaked principals could have made.
    """
    doors: list[Door] = []
    for facts in situation.principals:
        if facts.ways_in is None:
            continue
        holder = Holder(type=HolderType.USER, name=facts.principal.name)
        doors += [
            Door(
                kind=way.kind,
                target=way.target,
                reason=f"{holder.label} has got this {_WORDS[way.kind][0]} since the leak",
                weight=2,
                holder=holder,
                made_at=way.made_at,
            )
            for way in ways_of(holder, facts.ways_in)
            if way.kind in kinds - {DoorKind.LOGIN_PROFILE}
            and way.made_at is not None
            and way.made_at >= since
        ]
    return tuple(doors)


def unread_accounts(situation: Situation) -> tuple[str, ...]:
    """Say that the account of a leak was not searched, where only others are in reach."""
    own = situation.caller.account
    accounts = {each.account for each in situation.credentials}
    if own is None or None in accounts or own in accounts or not accounts:
        return ()
    listed = ", ".join(sorted(filter(None, accounts)))
    words = f"the users, roles and keys of {listed}: you are signed in to {own}"
    return (f"{words}, so sign in there and look through them",)


def unread_ways_in(situation: Situation) -> tuple[str, ...]:
    """Return what could not be read of the users that were named: unknown is not "there is none".

    A cloud without the API has no such things either.
    """
    return tuple(
        line
        for facts in situation.principals
        if facts.ways_in is not None
        and is_named(Holder(type=HolderType.USER, name=facts.principal.name), situation.credentials)
        for line in _unread(facts, facts.ways_in)
    )


def _draft(
    facts: PrincipalFacts, ways_in: WaysIn, situation: Situation, since: datetime | None
) -> Draft:
    holder = Holder(type=HolderType.USER, name=facts.principal.name)
    ways = ways_of(holder, ways_in)
    mail = tuple(
        f"access key {key} of {holder.label} is used to send mail (SES): once it is off, mail "
        "stops, and no error shows in CloudTrail; make new SMTP credentials for what sends it"
        for key in ways_in.mail_keys
    )
    if not is_named(holder, situation.credentials):
        return Draft((), warnings=(*mail, *_spared(holder, ways)))
    closed = tuple(way for way in ways if way.kind is not DoorKind.MFA_DEVICE or _new(way, since))
    count = sum(way.kind is DoorKind.MFA_DEVICE for way in ways)
    steps = tuple(_step(way, holder, facts, situation.caller, count) for way in closed)
    manual = tuple(f"{line}: look at it in the IAM console" for line in _unread(facts, ways_in))
    return Draft(steps, warnings=(*mail, *_kept_devices(holder, ways, closed)), manual=manual)


def _new(way: Way, since: datetime | None) -> bool:
    return since is not None and way.made_at is not None and way.made_at >= since


def _kept_devices(
    holder: Holder, ways: tuple[Way, ...], closed: tuple[Way, ...]
) -> tuple[str, ...]:
    kept = [way.target for way in ways if way.kind is DoorKind.MFA_DEVICE and way not in closed]
    return tuple(
        f"the MFA device {serial} of {holder.label} is older than the leak and stays on; if it is "
        "none of his, say since when with --since"
        for serial in kept
    )


def _spared(holder: Holder, ways: tuple[Way, ...]) -> tuple[str, ...]:
    """Say in one line what else the user has, where only one of its keys leaked."""
    told = [
        f"{count} {one if count == 1 else many}"
        for kind, (one, many) in _WORDS.items()
        if kind is not DoorKind.MFA_DEVICE and (count := sum(way.kind is kind for way in ways))
    ]
    if not told:
        return ()
    line = f"{holder.label} also has {', '.join(told)}: only what leaked is turned off; "
    return (line + f"`unleak revoke {holder.label}` turns off all of it",)


def _step(way: Way, holder: Holder, facts: PrincipalFacts, caller: Caller, devices: int) -> Step:
    has_way_back = inverse(way.action) is not None
    return Step(
        id="",
        action=way.action,
        account=facts.principal.account or caller.account,
        reason=_reason(way),
        impact=_impact(way, holder, devices),
        reversible=has_way_back,
        safe_date=None,
        stage=Stage.OWN_SESSION if is_own_principal(caller, holder) else Stage.CONTAIN,
        revives_leak=has_way_back,
    )


def _reason(way: Way) -> str:
    match way.kind:
        case DoorKind.LOGIN_PROFILE:
            return (
                "the password opens new console sessions, newer than the cut-off; those that are "
                "open already are denied on the user"
            )
        case DoorKind.MFA_DEVICE:
            at = "" if way.made_at is None else f" ({render_instant(way.made_at)})"
            return f"it was put on the user since the leak{at}, so it may be the thief's"
        case _:
            return (
                "the user as a whole leaked, and this works without any access key: no cut-off of "
                "sessions reaches it"
            )


def _impact(way: Way, holder: Holder, devices: int) -> str:
    match way.kind:
        case DoorKind.LOGIN_PROFILE:
            return (
                f"nobody signs in to the console as {holder.label}, and with `aws login` neither, "
                "until an administrator gives the person a new password"
            )
        case DoorKind.MFA_DEVICE:
            last = (
                "; it is the only one, so whatever asks for MFA refuses the user until a new one "
                "is set up"
                if devices == 1
                else ""
            )
            return f"codes of this device count no more; only its owner can put it back{last}"
        case _:
            return "what signs in with it stops at once and stays down until it gets another one"


def _unread(facts: PrincipalFacts, ways_in: WaysIn) -> Iterator[str]:
    parts = {
        "password": ways_in.password,
        "MFA devices": ways_in.devices,
        "service-specific credentials": ways_in.services,
        "SSH keys": ways_in.ssh_keys,
        "signing certificates": ways_in.certificates,
    }
    for what, reading in parts.items():
        if isinstance(reading, Unknown) and reading.gap is not Gap.UNSUPPORTED:
            yield f"{what} of {facts.principal.label} could not be read ({reading.detail})"
