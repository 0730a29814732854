"""The few managed policies of AWS's own that the lab has."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from lab.lagging.estate import ManagedPolicy, PolicyVersion

_MADE = datetime(2015, 2, 6, tzinfo=UTC)


def _policy(name: str, unique_id: str, statement: dict[str, object]) -> ManagedPolicy:
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    return ManagedPolicy(
        name=name,
        unique_id=unique_id,
        arn=f"arn:aws:iam::aws:policy/{name}",
        path="/",
        created=_MADE,
        versions={"v1": PolicyVersion(document=document, created=_MADE)},
        default="v1",
    )


_ALL: dict[str, object] = {"Effect": "Allow", "Action": "*", "Resource": "*"}
_NONE: dict[str, object] = {"Effect": "Deny", "Action": "*", "Resource": "*"}
_READS = ["*:Get*", "*:List*", "*:Describe*"]

AWS_POLICIES = {
    policy.arn: policy
    for policy in (
        _policy("AdministratorAccess", "ANPAIWMBCKSKIEE64ZLYK", _ALL),
        _policy("AWSDenyAll", "ANPAZKAPJZG4P43IK5OQE", _NONE),
        _policy("ReadOnlyAccess", "ANPAILL3HVNFSB6DCOWYQ", {**_ALL, "Action": _READS}),
        _policy("IAMFullAccess", "ANPAI7XKCFMBPM3QQRRVQ", {**_ALL, "Action": "iam:*"}),
    )
}
