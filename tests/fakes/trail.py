"""CloudTrail events as the event history gives them, for whoever signs."""

from __future__ import annotations

import json
from datetime import datetime

from unleak.model.instant import render_instant
from unleak.model.ports import TrailEvent

ACCOUNT = "123456789012"


def trail_event(  # noqa: PLR0913 - an event has that many sides
    event_id: str,
    *,
    at: datetime,
    name: str = "ListBuckets",
    key_id: str = "ASIATHIEFTHIEFTHIEFT",
    role: str | None = "app",
    user: str | None = None,
    session: str = "thief",
    issued_at: datetime | None = None,
    error: str | None = None,
    region: str = "us-east-1",
    source: str = "203.0.113.9",
    agent: str = "aws-cli/2.15",
    parameters: dict[str, str] | None = None,
) -> TrailEvent:
    """Return one event, signed by a role's session, or by a user where one is named."""
    identity: dict[str, object] = {"accessKeyId": key_id}
    context: dict[str, object] = {}
    if issued_at is not None:
        context["attributes"] = {"creationDate": render_instant(issued_at)}
    if user is None:
        context["sessionIssuer"] = {"type": "Role", "userName": role}
        identity |= {"type": "AssumedRole", "principalId": f"AROAX:{session}"}
    else:
        identity |= {"type": "IAMUser", "userName": user, "principalId": "AIDAX"}
    identity["sessionContext"] = context
    document: dict[str, object] = {
        "eventName": name,
        "eventTime": render_instant(at),
        "userIdentity": identity,
        "sourceIPAddress": source,
        "userAgent": agent,
        "requestParameters": parameters,
    }
    if error is not None:
        document["errorCode"] = error
    return TrailEvent(
        event_id=event_id,
        event_name=name,
        region=region,
        at=at,
        document=json.dumps(document),
    )
