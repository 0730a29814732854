"""What one CloudTrail event tells of a session's owner: its own call, or the call that made it.

The text is hostile (a thief chooses session names and parameters), so every field is taken by type,
every name must be a legal IAM name, and the key id has to be the one that was asked for.
Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias

from unleak.errors import WrongUse
from unleak.evidence.trail_time import read_trail_time
from unleak.model.credential import CredentialKind
from unleak.model.frozen import dataclass
from unleak.model.principal import NAME, Principal, PrincipalType, parse_arn

if TYPE_CHECKING:
    from unleak.model.ports import TrailEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """What one event says about the session."""

    kind: CredentialKind
    principal: Principal
    parent: Principal | None = None
    session_name: str | None = None
    issued_at: datetime | None = None
    expires_at: datetime | None = None
    is_minting: bool
    """Whether this is the call that made the session; else it is a call made with it."""
    at: datetime | None
    event_id: str
    event_name: str
    region: str


@dataclass(frozen=True, slots=True)
class Implausible:
    """The event names the key id but cannot be believed or does not tell the owner."""

    reason: str


def read_sighting(event: TrailEvent, key_id: str) -> Sighting | Implausible | None:
    """Read one event; None when it is not about this key id at all.

    Args:
        event: the event as `LookupEvents` gave it.
        key_id: the session whose owner is looked for; the event must hold exactly this id.
    """
    try:
        document: object = json.loads(event.document)
    except (ValueError, RecursionError):
        return Implausible("an event is no readable JSON")
    try:
        if text_at(document, "responseElements", "credentials", "accessKeyId") == key_id:
            return _minting(document, event)
        if text_at(document, "userIdentity", "accessKeyId") == key_id:
            return _own_call(document, event, key_id)
    except WrongUse:
        return Implausible("an event names its owner in a form that AWS does not use")
    return None


Json: TypeAlias = object


def text_at(node: Json, *path: str) -> str | None:
    """Return the text at `path`, None where anything on the way is missing or no text."""
    for step in path:
        if not isinstance(node, dict):
            return None
        node = node.get(step)
    return node if isinstance(node, str) and node else None


def _time_at(node: Json, *path: str) -> datetime | None:
    text = text_at(node, *path)
    return None if text is None else read_trail_time(text)


def _own_call(document: Json, event: TrailEvent, key_id: str) -> Sighting | Implausible:
    """Read a call that was made with the session: `userIdentity` is the owner."""
    identity_type = text_at(document, "userIdentity", "type") or "none"
    arn = text_at(document, "userIdentity", "arn")
    if text_at(document, "userIdentity", "userName") == key_id:
        return Implausible("an event gives the key id itself as the user's name")
    if arn is None:
        return Implausible(f"an event of a caller of type {_word(identity_type)} has no ARN")
    named = parse_arn(arn)
    issuer = _issuer(document)
    kind, parent, principal = _KIND_OF_TYPE.get(identity_type), None, named.principal
    if kind is None:
        return Implausible(f"an event's caller is of type {_word(identity_type)}")
    if _TYPE_OF_KIND[kind] is not principal.type:
        return Implausible("an event contradicts itself about the type of its caller")
    if kind is CredentialKind.ROLE_SESSION:
        principal = _true_role(principal, issuer)
    elif kind is CredentialKind.FEDERATED_SESSION:
        parent = issuer
    elif kind is CredentialKind.USER_SESSION:
        principal = _with_id(principal, text_at(document, "userIdentity", "principalId"))
    return Sighting(
        kind=kind,
        principal=principal,
        parent=parent,
        session_name=named.session_name,
        issued_at=_time_at(
            document, "userIdentity", "sessionContext", "attributes", "creationDate"
        ),
        is_minting=False,
        at=_time_at(document, "eventTime") or event.at,
        event_id=event.event_id,
        event_name=event.event_name,
        region=event.region,
    )


_KIND_OF_TYPE = {
    "AssumedRole": CredentialKind.ROLE_SESSION,
    "IAMUser": CredentialKind.USER_SESSION,
    "FederatedUser": CredentialKind.FEDERATED_SESSION,
    "Root": CredentialKind.ROOT_SESSION,
}
_TYPE_OF_KIND = {
    CredentialKind.ROLE_SESSION: PrincipalType.ROLE,
    CredentialKind.USER_SESSION: PrincipalType.USER,
    CredentialKind.FEDERATED_SESSION: PrincipalType.FEDERATED_USER,
    CredentialKind.ROOT_SESSION: PrincipalType.ROOT,
}


def _minting(document: Json, event: TrailEvent) -> Sighting | Implausible:
    """Read the call that made the session: its answer names the role or federated user."""
    answer = ("responseElements",)
    role = text_at(document, *answer, "assumedRoleUser", "arn")
    federated = text_at(document, *answer, "federatedUser", "arn")
    minter = _minter(document)
    seen = Sighting(
        kind=CredentialKind.UNKNOWN_SESSION,
        principal=minter or Principal(type=PrincipalType.ROOT, name="root"),
        issued_at=_time_at(document, "eventTime") or event.at,
        expires_at=_time_at(document, *answer, "credentials", "expiration"),
        is_minting=True,
        at=_time_at(document, "eventTime") or event.at,
        event_id=event.event_id,
        event_name=event.event_name,
        region=event.region,
    )
    if role is not None:
        named = parse_arn(role)
        principal = _true_role(named.principal, _requested_role(document))
        unique = text_at(document, *answer, "assumedRoleUser", "assumedRoleId")
        return replace(
            seen,
            kind=CredentialKind.ROLE_SESSION,
            principal=_with_id(principal, unique),
            session_name=named.session_name,
        )
    if federated is not None:
        kind = CredentialKind.FEDERATED_SESSION
        return replace(seen, kind=kind, principal=parse_arn(federated).principal, parent=minter)
    if event.event_name == "GetSessionToken" and minter is not None:
        is_root = minter.type is PrincipalType.ROOT
        kind = CredentialKind.ROOT_SESSION if is_root else CredentialKind.USER_SESSION
        return replace(seen, kind=kind)
    return Implausible(
        f"the event {_word(event.event_name)} that made it does not tell whose it is"
    )


def _minter(document: Json) -> Principal | None:
    """Return the user or root that made the call, None for anybody else."""
    arn = text_at(document, "userIdentity", "arn")
    identity_type = text_at(document, "userIdentity", "type")
    if arn is None or identity_type not in {"IAMUser", "Root"}:
        return None
    principal = parse_arn(arn).principal
    if principal.type not in {PrincipalType.USER, PrincipalType.ROOT}:
        return None
    return _with_id(principal, text_at(document, "userIdentity", "principalId"))


def _issuer(document: Json) -> Principal | None:
    """Return the role, user or root that the session comes from."""
    issuer = ("userIdentity", "sessionContext", "sessionIssuer")
    arn = text_at(document, *issuer, "arn")
    if arn is None:
        return None
    return _with_id(parse_arn(arn).principal, text_at(document, *issuer, "principalId"))


def _requested_role(document: Json) -> Principal | None:
    arn = text_at(document, "requestParameters", "roleArn")
    return None if arn is None else parse_arn(arn).principal


def _true_role(role: Principal, better: Principal | None) -> Principal:
    """Prefer the ARN that has the role's path, if it is the same role."""
    if better is None or better.type is not PrincipalType.ROLE:
        return role
    is_same = (better.name, better.account) == (role.name, role.account)
    return better if is_same else role


def _with_id(principal: Principal, unique_id: str | None) -> Principal:
    """Add `AROA...` or `AIDA...`, taken from the front of `AROA...:session`."""
    front = (unique_id or "").split(":", 1)[0]
    is_id = front[:4] in {"AROA", "AIDA"} and front.isalnum()
    return replace(principal, unique_id=front) if is_id else principal


def _word(text: str) -> str:
    return text if NAME.fullmatch(text) else "that is no name"
