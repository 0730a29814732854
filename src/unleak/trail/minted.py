"""The credentials that one call handed out, by what its answer holds."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from unleak.errors import WrongUse
from unleak.evidence.key_id import is_key_id
from unleak.evidence.trail_time import read_trail_time
from unleak.model.credential import CredentialKind
from unleak.model.frozen import dataclass
from unleak.model.principal import Principal, PrincipalType, parse_arn
from unleak.trail.fields import members, text_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unleak.trail.fields import Json

MINTS: Final = frozenset(
    f"{service}.amazonaws.com"
    for service in (
        "sts",
        "iam",
        "rolesanywhere",
        "cognito-identity",
        "sso",
        "signin",
        "account-access-runtime",
    )
)
"""The services that hand out credentials; another one's answer may echo what a caller wrote.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Minted:
    """One credential that came into being."""

    key_id: str
    kind: CredentialKind
    principal: Principal | None
    expires_at: datetime | None


def read_minted(document: Json, name: str, source: str) -> tuple[Minted, ...]:
    """Return what a call that succeeded handed out.

    Args:
        document: the event.
        name: the call.
        source: the service, as `eventSource` has it.
    """
    if source and source not in MINTS:
        return ()
    return tuple(_minted(document, name))


def _minted(document: Json, name: str) -> Iterator[Minted]:
    answer = ("responseElements",)
    session = text_at(document, *answer, "credentials", "accessKeyId")
    if session is not None and is_key_id(session):
        kind, principal = _session_owner(document, name)
        until = text_at(document, *answer, "credentials", "expiration")
        yield _one(session, kind, principal, until)
    for each in members(document, *answer, "credentialSet"):
        anywhere = text_at(each, "credentials", "accessKeyId")
        if anywhere is not None and is_key_id(anywhere):
            principal = _named(text_at(each, "assumedRoleUser", "arn"))
            until = text_at(each, "credentials", "expiration")
            yield _one(anywhere, CredentialKind.ROLE_SESSION, principal, until)
    key = text_at(document, *answer, "accessKey", "accessKeyId")
    if key is not None and is_key_id(key):
        yield _key(document, key)
    service_key = text_at(
        document, *answer, "serviceSpecificCredential", "serviceSpecificCredentialId"
    )
    if service_key is not None and is_key_id(service_key):
        user = text_at(document, *answer, "serviceSpecificCredential", "userName")
        owner = _user(document, user)
        yield Minted(
            key_id=service_key,
            kind=CredentialKind.SERVICE_KEY,
            principal=owner,
            expires_at=None,
        )


def _one(
    key_id: str, kind: CredentialKind, principal: Principal | None, until: str | None
) -> Minted:
    expires_at = None if until is None else read_trail_time(until)
    return Minted(key_id=key_id, kind=kind, principal=principal, expires_at=expires_at)


def _session_owner(document: Json, name: str) -> tuple[CredentialKind, Principal | None]:
    """Return what kind of session it is, and whose."""
    role = text_at(document, "responseElements", "assumedRoleUser", "arn")
    requested = text_at(document, "requestParameters", "roleArn")
    if role is not None or name.startswith("AssumeRoleW") or name == "AssumeRole":
        return CredentialKind.ROLE_SESSION, _named(requested) or _named(role)
    federated = text_at(document, "responseElements", "federatedUser", "arn")
    if federated is not None or name == "GetFederationToken":
        return CredentialKind.FEDERATED_SESSION, _named(federated)
    caller = _named(text_at(document, "userIdentity", "arn"))
    match name:
        case "GetSessionToken" if caller is not None and caller.type is PrincipalType.ROOT:
            return CredentialKind.ROOT_SESSION, caller
        case "GetSessionToken":
            return CredentialKind.USER_SESSION, caller
        case "AssumeRoot":
            return CredentialKind.ROOT_SESSION, None
        case _:
            return CredentialKind.UNKNOWN_SESSION, None


def _key(document: Json, key_id: str) -> Minted:
    user = text_at(document, "responseElements", "accessKey", "userName")
    user = user or text_at(document, "requestParameters", "userName")
    is_root = text_at(document, "userIdentity", "type") == "Root" and user is None
    kind = CredentialKind.ROOT_KEY if is_root else CredentialKind.USER_KEY
    owner = _user(document, user)
    return Minted(key_id=key_id, kind=kind, principal=owner, expires_at=None)


def _user(document: Json, name: str | None) -> Principal | None:
    """Return the user of that name in the caller's account; the caller where none is named."""
    caller_arn = text_at(document, "userIdentity", "arn")
    if name is None:
        return _named(caller_arn)
    caller = _named(caller_arn)
    account = text_at(document, "recipientAccountId") or text_at(
        document, "userIdentity", "accountId"
    )
    partition = "aws" if caller is None or caller.partition is None else caller.partition
    arn = (
        None if account is None or caller is None else f"arn:{partition}:iam::{account}:user/{name}"
    )
    return Principal(
        type=PrincipalType.USER, name=name, arn=arn, account=account, partition=partition
    )


def _named(arn: str | None) -> Principal | None:
    if arn is None:
        return None
    try:
        return parse_arn(arn).principal
    except WrongUse:
        return None
