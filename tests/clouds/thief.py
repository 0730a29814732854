"""A thief who goes from one credential to the next, and the trail that is left of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from lab.ministack import ACCOUNT
from lab.wire import Keys, Wire

if TYPE_CHECKING:
    from pathlib import Path

    from lab.scene import Scene


class Trail:
    """What CloudTrail would have written of a thief's calls, in a file."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "trail.json"
        self._events: list[dict[str, object]] = []

    def minted(self, call: str, parent: Keys, who: str, asked: object, answer: object) -> None:
        """Write one event down."""
        self._events.append(
            {
                "eventID": f"00000000-0000-4000-8000-{len(self._events):012d}",
                "eventName": call,
                "eventSource": f"{'iam' if call.startswith('Create') else 'sts'}.amazonaws.com",
                "eventTime": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
                "awsRegion": "us-east-1",
                "recipientAccountId": ACCOUNT,
                "userIdentity": {
                    "type": "IAMUser",
                    "arn": who,
                    "accessKeyId": parent.access_key_id,
                },
                "requestParameters": asked,
                "responseElements": answer,
            }
        )
        self.path.write_text(json.dumps({"Records": self._events}))


class Thief:
    """Goes from one credential to the next, and the trail writes it down."""

    def __init__(self, aws: Scene, trail: Trail) -> None:
        self._endpoint = aws.cloud.endpoint
        self._trail = trail

    def become(self, keys: Keys, who: str, role: str, *, account: str = ACCOUNT) -> Keys:
        """Open a session of a role."""
        arn = f"arn:aws:iam::{account}:role/{role}"
        wire = Wire(endpoint=self._endpoint, keys=keys)
        child = wire.call("sts", "assume_role", RoleArn=arn, RoleSessionName="thief").keys()
        given = {"credentials": {"accessKeyId": child.access_key_id}}
        self._trail.minted("AssumeRole", keys, who, {"roleArn": arn}, given)
        return child

    def make_key(self, keys: Keys, who: str, user: str) -> Keys:
        """Make a key of a user."""
        wire = Wire(endpoint=self._endpoint, keys=keys)
        made = wire.call("iam", "create_access_key", UserName=user)
        key_id = made.text("AccessKey", "AccessKeyId")
        given = {"accessKey": {"accessKeyId": key_id, "userName": user}}
        self._trail.minted("CreateAccessKey", keys, who, {"userName": user}, given)
        return Keys(access_key_id=key_id, secret=made.text("AccessKey", "SecretAccessKey"))

    def federate(self, aws: Scene, keys: Keys, who: str) -> Keys:
        """Open a federated session."""
        child = aws.cloud.federation_token(keys, "fed")
        given = {
            "credentials": {"accessKeyId": child.access_key_id},
            "federatedUser": {"arn": f"arn:aws:sts::{ACCOUNT}:federated-user/fed"},
        }
        self._trail.minted("GetFederationToken", keys, who, {"name": "fed"}, given)
        return child
