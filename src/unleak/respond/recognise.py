"""Whose alarm it is: the account is ours or it is left alone, and IAM's word counts alone.

Every field of an event may be a lie.  So an account is believed only where the key id, AWS and the
event agree on it; and a role or user that an event names is the one it means only if the unique id
that the event gives is IAM's too.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from unleak.contain.guards import holder_principal
from unleak.errors import OwnerUnknown, UnleakError, UnreadableEvent
from unleak.evidence.key_id import account_of
from unleak.evidence.target import NamedTarget
from unleak.flow.person import Nobody
from unleak.flow.prepare import prepare
from unleak.flow.request import Request
from unleak.identify.consent import Consent
from unleak.model.credential import FoundCredential
from unleak.model.frozen import dataclass
from unleak.model.plan import Scope
from unleak.model.principal import PrincipalType
from unleak.respond.policy import Subject, UnknownTags

if TYPE_CHECKING:
    from collections.abc import Mapping

    from unleak.contain.options import Options
    from unleak.flow.doors import Doors
    from unleak.model.alert import Alert
    from unleak.model.plan import Plan
    from unleak.model.principal import Principal
    from unleak.respond.station import Clouds


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaked:
    """One alert with the credential itself, where its secret was fetched; it stays in memory."""

    alert: Alert
    found: FoundCredential | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """What an alert is about, as IAM tells it, and what containing it would mean."""

    subject: Subject
    plan: Plan
    request: Request
    doors: Doors
    knows_itself: bool = True
    """Whether AWS has told who the responder is, so that the plan spares it."""


class NotOurs(Exception):
    """The alert is about an account that the policy does not name; the words say which."""


def account_for(leaked: Leaked, clouds: Clouds, ours: tuple[str, ...]) -> str:
    """Return the account that an alert is about, which is one of ours.

    Args:
        leaked: the alert.
        clouds: asked for the account of a key id that does not tell it by itself.
        ours: the policy's accounts.

    Raises:
        NotOurs: it is another one's, or the event contradicts the key id.
        UnleakError: nobody can tell, or AWS could not be asked.
    """
    alert = leaked.alert
    if alert.access_key_id is None:
        account = alert.account or clouds.own_account()
        if account is None:
            message = "the event names no account, and AWS did not tell which one is ours"
            raise OwnerUnknown(message, hint="name the account in the event")
        return _checked(account, ours)
    account = account_of(alert.access_key_id)
    if account is None or account not in ours:
        # an id is decoded by a rule that AWS has not promised: AWS itself has the last word
        account = clouds.account_of_key(alert.access_key_id)
    if alert.account not in (None, account):
        message = f"the event says account {alert.account}, but the key id belongs to {account}"
        raise NotOurs(message)
    return _checked(account, ours)


def _checked(account: str, ours: tuple[str, ...]) -> str:
    if account in ours:
        return account
    message = f"account {account} is not among the policy's accounts: nothing was touched"
    raise NotOurs(message)


def recognise(leaked: Leaked, account: str, clouds: Clouds, options: Options) -> Recognised:
    """Identify what leaked, read what its deny needs, and plan; nothing is changed.

    Args:
        leaked: the alert.
        account: one of ours, from `account_for`.
        clouds: the accounts.
        options: how to contain; the scope falls back to the principal where no session is known.

    Raises:
        Refused: it cannot be contained from here: owner unknown, root, a role of AWS's own.
        UnleakError: AWS did not answer.
    """
    if leaked.alert.access_key_id is None and leaked.alert.principal is None:
        raise names_nothing()
    doors = clouds.doors(account)
    request = request_for(leaked, account, options)
    prepared = prepare(request, doors, Nobody(), quick=True)
    credential = prepared.situation.credentials[0]
    holder = holder_principal(credential)
    read = next((each.principal for each in prepared.situation.principals), holder)
    _same_principal(leaked.alert, read)
    tags = UnknownTags(why="its owner is not a role or user")
    subject = Subject(
        alert=leaked.alert,
        kind=credential.kind,
        principal=read,
        account=account,
        tags=tags if read is None else _tags(clouds, account, read),
    )
    return Recognised(
        subject=subject,
        plan=prepared.plan,
        request=request,
        doors=doors,
        knows_itself=prepared.situation.caller.arn is not None,
    )


def names_nothing() -> UnreadableEvent:
    """Return why an alert cannot be responded to that says only that something leaked."""
    message = "the event names neither a key id nor a role or user"
    return UnreadableEvent(message, hint="find out what leaked, and run `unleak revoke`")


def request_for(leaked: Leaked, account: str, options: Options) -> Request:
    """Return the wish to contain what an alert is about.

    Args:
        leaked: the alert.
        account: whose.
        options: how.
    """
    alert = leaked.alert
    found: tuple[FoundCredential, ...] = ()
    if leaked.found is not None:
        found = (leaked.found,)
    elif alert.access_key_id is not None:
        found = (FoundCredential(access_key_id=alert.access_key_id, account_hint=account),)
    named = None
    if alert.principal is not None:
        principal = replace(alert.principal, account=alert.principal.account or account)
        named = NamedTarget(principal=principal, session_name=_session(alert))
    if options.scope is Scope.SESSION and (named is None or named.session_name is None):
        options = replace(options, scope=Scope.PRINCIPAL)
    return Request(
        found=found,
        named=named,
        options=options,
        consent=Consent.IF_OWN_ACCOUNT,
        assume_yes=True,
        notes=(f"{alert.sender}: {alert.summary or alert.type}",),
    )


def is_single_session(alert: Alert) -> bool:
    """Whether an alert names one session of a role."""
    is_role = alert.principal is not None and alert.principal.type is PrincipalType.ROLE
    return is_role and _session(alert) is not None


def _session(alert: Alert) -> str | None:
    principal = alert.principal
    if principal is None or principal.type is not PrincipalType.ROLE:
        return None
    return alert.session_name


def _same_principal(alert: Alert, read: Principal | None) -> None:
    """Hold the unique id of the event against IAM's: a name alone may be a new role's or a lie.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html (unique ids)
    """
    if alert.principal_id is None or read is None or read.unique_id is None:
        return
    if read.unique_id != alert.principal_id:
        message = (
            f"the event means {alert.principal_id}, but {read.label} is {read.unique_id}: "
            "it was deleted and made anew since, or the event is wrong"
        )
        raise UnreadableEvent(message, hint="look into CloudTrail for the id; nothing was changed")


def _tags(clouds: Clouds, account: str, principal: Principal) -> Mapping[str, str] | UnknownTags:
    if principal.type not in {PrincipalType.ROLE, PrincipalType.USER}:
        return {}
    try:
        return dict(clouds.tags(account, principal))
    except UnleakError as error:
        return UnknownTags(why=error.message)
