"""CloudTrail events and files of them, made up; and a tracer that is too plain to be wrong."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from unleak.trail.fields import Json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

ACCOUNT = "111122223333"
TOKEN = "IQoJb3JpZ2luX2VjEXAMPLETOKENthatmustneverbeshown0123456789"
START = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)

Event = dict[str, Json]


def key_of(number: int, prefix: str = "ASIA") -> str:
    """Return a key id, another one for each number."""
    return f"{prefix}QNZGKIQYWX{number:06d}"


def call(
    number: int,
    name: str,
    key_id: str | None,
    *,
    error: str | None = None,
    **more: Json,
) -> Event:
    """Return one event.

    Args:
        number: tells its id and its time.
        name: the call.
        key_id: who signed it; None: nobody that is known.
        error: the error code of a call that failed.
        more: fields on top, which replace those that are here.
    """
    identity: Event = {
        "type": "AssumedRole",
        "principalId": "AROAEXAMPLE:session",
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/app/session",
        "accountId": ACCOUNT,
    }
    if key_id is not None:
        identity["accessKeyId"] = key_id
    event: Event = {
        "eventVersion": "1.08",
        "userIdentity": identity,
        "eventTime": f"{START + timedelta(seconds=number):%Y-%m-%dT%H:%M:%SZ}",
        "eventSource": "ec2.amazonaws.com",
        "eventName": name,
        "awsRegion": "us-east-1",
        "sourceIPAddress": "198.51.100.7",
        "userAgent": "aws-cli/2",
        "requestParameters": None,
        "responseElements": None,
        "eventID": f"00000000-0000-4000-8000-{number:012d}",
    }
    if error is not None:
        event["errorCode"] = error
    return {**event, **more}


def assume(number: int, key_id: str | None, child: str, **more: Json) -> Event:
    """Return the event of a session that was opened."""
    answer: Json = {
        "credentials": {
            "accessKeyId": child,
            "expiration": "Nov 24, 2026, 8:00:00 AM",
            "sessionToken": TOKEN,
        },
        "assumedRoleUser": {
            "assumedRoleId": "AROAEXAMPLE:session",
            "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/app/session",
        },
    }
    asked: Json = {
        "roleArn": f"arn:aws:iam::{ACCOUNT}:role/app",
        "roleSessionName": "session",
    }
    given: dict[str, Json] = {
        "eventSource": "sts.amazonaws.com",
        "requestParameters": asked,
        "responseElements": answer,
    }
    return {**call(number, "AssumeRole", key_id), **given, **more}


def create_key(number: int, key_id: str | None, child: str, **more: Json) -> Event:
    """Return the event of a long-lived key that was made."""
    given: dict[str, Json] = {
        "eventSource": "iam.amazonaws.com",
        "requestParameters": {"userName": "spare"},
        "responseElements": {"accessKey": {"accessKeyId": child, "userName": "spare"}},
    }
    return {**call(number, "CreateAccessKey", key_id), **given, **more}


@dataclass(frozen=True, kw_only=True)
class Truth:
    """What a plain tracer finds."""

    keys: frozenset[str]
    """The closure, the seed with it."""
    events: int
    denied: int
    edges: frozenset[tuple[str, str]]


def plainly_traced(seed: str, events: Iterable[Event]) -> Truth:
    """Trace by going over all events until nothing is new; no index, no order, no quick way."""
    unique = {event["eventID"]: event for event in events}.values()
    edges = {
        (parent, child)
        for event in unique
        if "errorCode" not in event
        for parent in [_at(event, "userIdentity", "accessKeyId")]
        for child in [
            _at(event, "responseElements", "credentials", "accessKeyId"),
            _at(event, "responseElements", "accessKey", "accessKeyId"),
        ]
        if parent and child
    }
    keys = {seed}
    while more := {child for parent, child in edges if parent in keys} - keys:
        keys |= more
    own = [event for event in unique if _at(event, "userIdentity", "accessKeyId") in keys]
    return Truth(
        keys=frozenset(keys),
        events=len(own),
        denied=sum(str(event.get("errorCode")).endswith(_DENIALS) for event in own),
        edges=frozenset(edge for edge in edges if edge[0] in keys and edge[1] != seed),
    )


_DENIALS = ("AccessDenied", "UnauthorizedOperation")


def _at(node: Json, *path: str) -> str:
    for step in path:
        node = node.get(step) if isinstance(node, dict) else None
    return node if isinstance(node, str) else ""


def delivered(events: Sequence[Event]) -> bytes:
    """Return a file as CloudTrail delivers it."""
    return gzip.compress(json.dumps({"Records": events}, separators=(",", ":")).encode(), 1)


def lines(events: Sequence[Event]) -> bytes:
    """Return one event a line."""
    return "\n".join(json.dumps(event) for event in events).encode()


def array(events: Sequence[Event]) -> bytes:
    """Return a JSON array, indented."""
    return json.dumps(events, indent=1).encode()


def looked_up(events: Sequence[Event]) -> bytes:
    """Return what `aws cloudtrail lookup-events` prints: texts in a text."""
    found = [
        {"EventId": event["eventID"], "CloudTrailEvent": json.dumps(event)} for event in events
    ]
    return json.dumps({"Events": found}).encode()


def logstash(events: Sequence[Event]) -> bytes:
    """Return one event a line, with logstash's name for the time."""
    return lines([{_STAMPS.get(k, k): v for k, v in event.items()} for event in events])


_STAMPS: Mapping[str, str] = {"eventTime": "@timestamp"}


def escaped(events: Sequence[Event]) -> bytes:
    """Return a delivered file that spells letters of names and ids as escapes, as JSON may."""
    text = json.dumps({"Records": events}, separators=(",", ":"))
    return (
        text.replace("ASIA", "\\u0041SIA").replace('"accessKeyId"', '"access\\u004beyId"').encode()
    )


def indented(events: Sequence[Event]) -> bytes:
    """Return a delivered file with white space in it."""
    return gzip.compress(json.dumps({"Records": events}, indent=2).encode(), 1)


SHAPES = (delivered, lines, array, looked_up, logstash, escaped, indented)


def written(folder: Path, name: str, content: bytes) -> Path:
    """Write one file of a trail."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(content)
    return path
