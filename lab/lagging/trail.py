"""CloudTrail: what happened, told in its shape and some minutes late, region by region.

Secrets and tokens never get into an event.
Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from lab.lagging.access import CallerType
from lab.lagging.control import ALPHA

if TYPE_CHECKING:
    from lab.lagging.access import Caller
    from lab.lagging.estate import Answer
    from lab.lagging.gate import Wanted

_SECRETS: Final = frozenset({"SecretAccessKey", "SessionToken", "Password", "Body"})
_READING: Final = ("Get", "List", "Describe", "Simulate", "Lookup", "Decode", "Head")
_NAMES: Final = {
    "UserName": "AWS::IAM::User",
    "RoleName": "AWS::IAM::Role",
    "GroupName": "AWS::IAM::Group",
    "PolicyArn": "AWS::IAM::Policy",
    "RoleArn": "AWS::IAM::Role",
    "AccessKeyId": "AWS::IAM::AccessKey",
    "Arn": "AWS::STS::AssumedRole",
}
_DATA_EVENTS: Final = frozenset({"GetObject", "PutObject", "ListObjectsV2"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event with what it can be looked up by."""

    id: str
    at: datetime
    region: str
    account: str
    name: str
    source: str
    username: str
    access_key_id: str
    is_read_only: bool
    resources: tuple[tuple[str, str], ...]
    told: Callable[[], Answer]

    @property
    def document(self) -> str:
        """The whole event as JSON; written when somebody reads it, for hardly anybody does."""
        return json.dumps(self.told())

    def has(self, attribute: str, value: str) -> bool:
        """Whether a lookup attribute has a value."""
        match attribute:
            case "ResourceName":
                return value in {name for _, name in self.resources}
            case "ResourceType":
                return value in {kind for kind, _ in self.resources}
            case "ReadOnly":
                return value == str(self.is_read_only).lower()
            case _:
                return value == self._texts[attribute]

    @property
    def _texts(self) -> Mapping[str, str]:
        return {
            "EventId": self.id,
            "EventName": self.name,
            "EventSource": self.source,
            "Username": self.username,
            "AccessKeyId": self.access_key_id,
        }


@dataclass(slots=True, kw_only=True)
class Trail:
    """All events, and how long each takes to show.

    Args:
        delay: seconds from a call until `LookupEvents` shows it.
    """

    delay: float
    events: list[Event] = field(default_factory=list)

    def seen(self, account: str, region: str, now: datetime) -> tuple[Event, ...]:
        """Return what a region shows by now, the newest first."""
        latest = now - timedelta(seconds=self.delay)
        found = [
            event
            for event in self.events
            if event.account == account and event.region == region and event.at <= latest
        ]
        return tuple(reversed(found))

    def record(
        self, wanted: Wanted, caller: Caller, *, event_id: str, at: datetime, outcome: Answer | str
    ) -> None:
        """Write a call down, unless it is a data event, which the event history does not have.

        Args:
            wanted: the call.
            caller: whose it was.
            event_id: the event's own.
            at: when.
            outcome: the answer, or the error code.
        """
        if wanted.operation in _DATA_EVENTS:
            return
        region = ALPHA if wanted.service == "iam" else wanted.region
        answer: Answer = {} if isinstance(outcome, str) else outcome
        touched = _touched(wanted.parameters) + _touched(answer)
        event = Event(
            id=event_id,
            at=at,
            region=region,
            account=caller.account,
            name=wanted.operation,
            source=f"{wanted.service}.amazonaws.com",
            username=_user_name(caller),
            access_key_id=caller.key_id,
            is_read_only=_is_reading(wanted),
            resources=tuple(dict.fromkeys(touched)),
            told=partial(_document, wanted, caller, event_id, at, outcome),
        )
        self.events.append(event)


def _is_reading(wanted: Wanted) -> bool:
    mints = wanted.operation in {"GetFederationToken", "GetSessionToken"}
    return wanted.operation.startswith(_READING) and not mints


def _document(
    wanted: Wanted, caller: Caller, event_id: str, at: datetime, outcome: Answer | str
) -> Answer:
    document: dict[str, object] = {
        "eventVersion": "1.11",
        "userIdentity": _identity(caller),
        "eventTime": _instant(at),
        "eventSource": f"{wanted.service}.amazonaws.com",
        "eventName": wanted.operation,
        "awsRegion": ALPHA if wanted.service == "iam" else wanted.region,
        "sourceIPAddress": wanted.source,
        "userAgent": wanted.user_agent,
        "requestParameters": _shown(wanted.parameters) if wanted.parameters else None,
        "responseElements": None,
        "eventID": event_id,
        "readOnly": _is_reading(wanted),
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": caller.account,
        "eventCategory": "Management",
    }
    if isinstance(outcome, str):
        document["errorCode"] = outcome
    elif not _is_reading(wanted) and outcome:
        document["responseElements"] = _shown(outcome)
    return document


def _identity(caller: Caller) -> Answer:
    identity: dict[str, object] = {
        "type": caller.type.value,
        "principalId": caller.user_id,
        "arn": caller.arn,
        "accountId": caller.account,
        "accessKeyId": caller.key_id,
    }
    holder, session = caller.holder, caller.session
    if caller.type is CallerType.USER and holder is not None:
        identity["userName"] = holder.name
    if session is None or holder is None:
        return identity
    created = {"creationDate": _instant(session.issued), "mfaAuthenticated": "false"}
    context: dict[str, object] = {"attributes": created}
    if caller.type is not CallerType.USER:
        context["sessionIssuer"] = {
            "type": "Role" if caller.type is CallerType.ROLE else "IAMUser",
            "principalId": holder.unique_id,
            "arn": holder.arn,
            "accountId": caller.account,
            "userName": holder.name,
        }
    return {**identity, "sessionContext": context}


def _user_name(caller: Caller) -> str:
    if caller.type is CallerType.USER and caller.holder is not None:
        return caller.holder.name
    return caller.session.name if caller.session else "root"


def _shown(value: Answer) -> Answer:
    """Return a structure as CloudTrail writes it: names start small, nothing secret in it."""
    return {
        name[:1].lower() + name[1:]: _shown_value(one)
        for name, one in value.items()
        if name not in _SECRETS
    }


def _shown_value(value: object) -> object:
    match value:
        case datetime():
            return value.astimezone(UTC).strftime("%b %-d, %Y, %-I:%M:%S %p")
        case dict():
            return _shown(value)
        case list() | tuple():
            return [_shown_value(one) for one in value]
        case bytes():
            return None
        case _:
            return value


def _touched(value: Answer) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    for name, one in value.items():
        if name in _NAMES and isinstance(one, str):
            found.append((_NAMES[name], one))
        elif isinstance(one, dict):
            found += _touched(one)
    return tuple(found)


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
