"""One CloudTrail event that made a way in: what it made, and who made it.

The text is hostile, so every field is taken by type.  Two shapes are understood: AWS's, and that of
emulators which record each call under one name with the form it came in as its parameters.
Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from unleak.errors import WrongUse
from unleak.evidence.trail_time import read_trail_time
from unleak.identify.trail_event import text_at
from unleak.model.door import DoorKind
from unleak.model.frozen import dataclass
from unleak.model.principal import PrincipalType, parse_arn

if TYPE_CHECKING:
    from datetime import datetime

    from unleak.model.ports import TrailEvent
    from unleak.model.principal import Principal

_USER, _ROLE, _POLICY = ("userName", "UserName"), ("roleName", "RoleName"), ("policyArn",)
_NAMED_BY = {
    "CreateUser": (DoorKind.USER, _USER),
    "CreateRole": (DoorKind.ROLE, _ROLE),
    "CreateLoginProfile": (DoorKind.LOGIN_PROFILE, _USER),
    "UpdateLoginProfile": (DoorKind.LOGIN_PROFILE, _USER),
    "UpdateAssumeRolePolicy": (DoorKind.TRUST_POLICY, _ROLE),
    "CreatePolicyVersion": (DoorKind.POLICY_VERSION, (*_POLICY, "PolicyArn")),
    "SetDefaultPolicyVersion": (DoorKind.POLICY_VERSION, (*_POLICY, "PolicyArn")),
}
_PROVIDERS = {
    "CreateOpenIDConnectProvider": ("oidc-provider", ("url", "Url")),
    "CreateSAMLProvider": ("saml-provider", ("name", "Name")),
}
_OF_KEYS = ("CreateAccessKey", "DeleteAccessKey")
_SERVICE = "CreateServiceSpecificCredential"
_ACTIONS = frozenset((*_NAMED_BY, *_PROVIDERS, *_OF_KEYS, _SERVICE, "AssumeRole"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    """Who made a call, as far as the event tells."""

    access_key_id: str | None
    principal: Principal | None
    """The user, or the role or user behind a session, or root; None: nobody can tell."""
    at: datetime | None = None

    @property
    def is_long_lived(self) -> bool:
        """Whether a key of the kind that is in the users' key lists signed the call."""
        return self.access_key_id is not None and self.access_key_id.startswith("AKIA")

    @property
    def is_root(self) -> bool:
        """Whether the event itself says that the root user made it."""
        return self.principal is not None and self.principal.type is PrincipalType.ROOT


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """One thing that was made or changed, and by whom."""

    kind: DoorKind
    name: str
    """A user's or role's bare name, a key id, a policy's ARN, or `saml-provider/NAME`."""
    maker: Maker
    key_of: str | None = None
    """The user of an access key; the event of an emulator leaves the key's id out."""
    session_id: str | None = None
    """The id of the session that was opened, where the event tells it."""
    is_deletion: bool = False
    account: str | None = None
    """Of a session: the account of its role, where the event tells it."""


def read_making(event: TrailEvent) -> Making | None:
    """Read one event; None where it made nothing, failed, or cannot be understood."""
    try:
        document: object = json.loads(event.document)
    except (ValueError, RecursionError):
        return None
    if text_at(document, "errorCode") is not None or not _is_of_iam_or_sts(document):
        return None
    action = event.event_name
    if action not in _ACTIONS:
        action = text_at(document, "requestParameters", "Action") or ""
    maker = _maker(document, event)
    if action in _OF_KEYS:
        return _key(document, action, maker)
    if action in _NAMED_BY:
        kind, fields = _NAMED_BY[action]
        name = _first(document, "requestParameters", fields)
        return None if name is None else Making(kind=kind, name=name, maker=maker)
    if action in _PROVIDERS:
        return _provider(document, action, maker)
    return _minted(document, action, maker)


def _minted(document: object, action: str, maker: Maker) -> Making | None:
    if action == _SERVICE:
        return _service(document, maker)
    return _session(document, maker) if action == "AssumeRole" else None


def _is_of_iam_or_sts(document: object) -> bool:
    """Other services have a `CreateUser` of their own, and its users are none of IAM's."""
    return text_at(document, "eventSource") in {None, "iam.amazonaws.com", "sts.amazonaws.com"}


def _provider(document: object, action: str, maker: Maker) -> Making | None:
    kind, fields = _PROVIDERS[action]
    name = _first(document, "requestParameters", fields)
    if name is None:
        return None
    name = f"{kind}/{name.removeprefix('https://').rstrip('/')}"
    return Making(kind=DoorKind.PROVIDER, name=name, maker=maker)


def _service(document: object, maker: Maker) -> Making | None:
    """Take the id from the answer; that it stands there under this name is untested on AWS."""
    part = "serviceSpecificCredential"
    name = text_at(document, "responseElements", part, "serviceSpecificCredentialId")
    if name is None:
        return None
    return Making(kind=DoorKind.SERVICE_CREDENTIAL, name=name, maker=maker)


def _session(document: object, maker: Maker) -> Making | None:
    arn = _first(document, "requestParameters", ("roleArn", "RoleArn"))
    if arn is None:
        return None
    session_id = text_at(document, "responseElements", "credentials", "accessKeyId")
    name = arn.rsplit("/", 1)[-1]
    return Making(
        kind=DoorKind.ROLE_SESSION,
        name=name,
        maker=maker,
        session_id=session_id,
        account=account_of(arn),
    )


def account_of(arn: str) -> str | None:
    """Return the account of an ARN, None where it names none."""
    parts = arn.split(":", 5)
    return parts[4] or None if len(parts) > 5 else None  # noqa: PLR2004 - an ARN has six parts


def _key(document: object, action: str, maker: Maker) -> Making | None:
    if action == "DeleteAccessKey":
        deleted = _first(document, "requestParameters", ("accessKeyId", "AccessKeyId"))
        if deleted is None:
            return None
        return Making(kind=DoorKind.ACCESS_KEY, name=deleted, maker=maker, is_deletion=True)
    user = text_at(document, "responseElements", "accessKey", "userName")
    user = user or _first(document, "requestParameters", _USER)
    if user is None and maker.principal is not None:
        user = maker.principal.name  # without a name the key is the caller's own
    key_id = text_at(document, "responseElements", "accessKey", "accessKeyId")
    return Making(kind=DoorKind.ACCESS_KEY, name=key_id or "", maker=maker, key_of=user or "")


def _maker(document: object, event: TrailEvent) -> Maker:
    time = text_at(document, "eventTime")
    return Maker(
        access_key_id=text_at(document, "userIdentity", "accessKeyId"),
        principal=_principal(document),
        at=(None if time is None else read_trail_time(time)) or event.at,
    )


def _principal(document: object) -> Principal | None:
    """Return the issuer of a session, else the user or root who signed; None where neither is."""
    key_id = text_at(document, "userIdentity", "accessKeyId")
    if key_id is not None and text_at(document, "userIdentity", "userName") == key_id:
        return None  # an emulator that gives the key's id for a name
    identity_type = text_at(document, "userIdentity", "type")
    issuer = text_at(document, "userIdentity", "sessionContext", "sessionIssuer", "arn")
    own = text_at(document, "userIdentity", "arn")
    arn = issuer if issuer is not None else own
    if identity_type not in {"IAMUser", "Root", "AssumedRole", "FederatedUser"} or arn is None:
        return None
    try:
        principal = parse_arn(arn).principal
    except WrongUse:
        return None
    is_told = principal.type in {PrincipalType.USER, PrincipalType.ROLE, PrincipalType.ROOT}
    return principal if is_told else None


def _first(document: object, part: str, fields: tuple[str, ...]) -> str | None:
    return next((found for name in fields if (found := text_at(document, part, name))), None)
