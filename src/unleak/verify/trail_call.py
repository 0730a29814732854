"""One call as CloudTrail recorded it, reduced to what a verdict on a cut credential needs.

The text is hostile: a thief chooses session names, parameters and user agents.  So every field is
taken by type, and only words of a fixed form are ever repeated.
Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

from __future__ import annotations

import json
import re
from enum import StrEnum
from ipaddress import ip_address
from typing import TYPE_CHECKING, TypeAlias

from unleak.errors import WrongUse
from unleak.model.frozen import dataclass
from unleak.model.instant import parse_instant, render_instant
from unleak.verify.classify import Verdict, verdict_of_code

if TYPE_CHECKING:
    from datetime import datetime

    from unleak.model.ports import TrailEvent

Json: TypeAlias = object

_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}")
_SERVICE = re.compile(r"[a-z0-9.-]{1,60}\.amazonaws\.com(?:\.cn)?")
_INTERNAL = "AWS Internal"
_QUARANTINE = re.compile(
    r"AWSCompromisedKeyQuarantine(?:V\d+)?|AWSExposedCredentialPolicy_DO_NOT_\w+"
)
_ATTACHES = frozenset({"AttachUserPolicy", "PutUserPolicy"})
_OUR_AGENT = "unleak/"
_SERVED_REGARDLESS = frozenset({"GetCallerIdentity", "GetSessionToken"})
"""No policy can deny them.

Sources: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_getsessiontoken.html
"""


class Fate(StrEnum):
    """What became of a call."""

    SERVED = "served"
    REFUSED = "refused"
    FAILED = "failed"
    """For a reason that is no refusal, so that it may have been let through."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailCall:
    """One call, with texts that are safe to show."""

    event_id: str
    name: str
    region: str
    at: datetime | None
    source: str
    fate: Fate
    key_id: str | None
    holder: str | None
    """`role/NAME` or `user/NAME` of whoever signed."""
    session_name: str | None
    issued_at: datetime | None
    """When the session was issued; None: no session, or not told."""
    is_ours: bool
    """Whether the user agent says that unleak made it; anybody can say so."""
    is_quarantine: bool
    """Whether it is AWS itself that attaches its quarantine policy in the victim's name."""

    @property
    def is_served_regardless(self) -> bool:
        """Whether no deny could have stopped it."""
        return self.name in _SERVED_REGARDLESS

    def __str__(self) -> str:
        when = "at a time that is not told" if self.at is None else f"at {render_instant(self.at)}"
        return f"{self.name} in {self.region} {when} from {self.source}"


def read_call(event: TrailEvent) -> TrailCall | None:
    """Read one event; None where it holds no call that can be read.

    Args:
        event: the event as `LookupEvents` gave it.
    """
    try:
        document: Json = json.loads(event.document)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict):
        return None
    source = _text(document, "sourceIPAddress") or ""
    name = _text(document, "eventName") or event.event_name
    return TrailCall(
        event_id=event.event_id,
        name=name if _NAME.fullmatch(name) else "a call with an unreadable name",
        region=event.region,
        at=event.at or _instant(_text(document, "eventTime")),
        source=_source(source),
        fate=_fate(document),
        key_id=_text(document, "userIdentity", "accessKeyId"),
        holder=_holder(document),
        session_name=_session_name(document),
        issued_at=_instant(
            _text(document, "userIdentity", "sessionContext", "attributes", "creationDate")
        ),
        is_ours=_OUR_AGENT in (_text(document, "userAgent") or ""),
        is_quarantine=_is_quarantine(document, name, source),
    )


def _text(node: Json, *path: str) -> str | None:
    for step in path:
        if not isinstance(node, dict):
            return None
        node = node.get(step)
    return node if isinstance(node, str) and node else None


def _instant(text: str | None) -> datetime | None:
    try:
        return None if text is None else parse_instant(text)
    except (WrongUse, OverflowError):
        return None


def _fate(document: Json) -> Fate:
    code = _text(document, "errorCode")
    if code is None:
        return Fate.FAILED if _text(document, "errorMessage") else Fate.SERVED
    verdict = verdict_of_code(code.removeprefix("Client."))
    if verdict is Verdict.ALLOWED:
        return Fate.SERVED
    return Fate.REFUSED if verdict is not None and verdict.is_refusal else Fate.FAILED


def _holder(document: Json) -> str | None:
    match _text(document, "userIdentity", "type"):
        case "AssumedRole":
            role = _text(document, "userIdentity", "sessionContext", "sessionIssuer", "userName")
            return None if role is None else f"role/{role}"
        case "IAMUser":
            user = _text(document, "userIdentity", "userName")
            return None if user is None else f"user/{user}"
        case "FederatedUser":
            user = _text(document, "userIdentity", "sessionContext", "sessionIssuer", "userName")
            return None if user is None else f"user/{user}"
        case _:
            return None


def _session_name(document: Json) -> str | None:
    """Return what follows the colon of `AROA...:session` or `ACCOUNT:federated-user`."""
    return (_text(document, "userIdentity", "principalId") or "").partition(":")[2] or None


def _source(text: str) -> str:
    if text == _INTERNAL or _SERVICE.fullmatch(text):
        return text
    try:
        return str(ip_address(text))
    except ValueError:
        return "an unreadable address"


def _is_quarantine(document: Json, name: str, source: str) -> bool:
    """Tell AWS's own attachment by where it comes from, which a thief cannot choose."""
    policy = _text(document, "requestParameters", "policyArn") or _text(
        document, "requestParameters", "policyName"
    )
    is_aws = source == _INTERNAL or _SERVICE.fullmatch(source) is not None
    is_named = _QUARANTINE.fullmatch((policy or "").rpartition("/")[2]) is not None
    return name in _ATTACHES and is_aws and is_named
