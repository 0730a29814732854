"""An organization, its members and whom a fence is drawn around, for tests."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from unleak.model.organization import FenceFacts, Organization
from unleak.model.principal import Principal, PrincipalType
from unleak.model.reading import Absent, Known
from unleak.model.situation import Caller

if TYPE_CHECKING:
    from unleak.model.reading import Reading

ACCOUNT = "123456789012"
MANAGEMENT = "999999999999"
ORGANIZATION = Organization(
    id="o-example",
    management_account=MANAGEMENT,
    caller_account=MANAGEMENT,
    is_management=True,
    root_id="r-root",
    are_scps_enabled=True,
    partition="aws",
)

_OVER: Reading[Organization] = Known(ORGANIZATION)
_NONE: Reading[str] = Absent()


def role(name: str, *, arn: str | None = None, account: str | None = ACCOUNT) -> Principal:
    """Return a role, its path known or not."""
    return Principal(type=PrincipalType.ROLE, name=name, arn=arn, account=account, partition="aws")


def user(name: str) -> Principal:
    """Return a user with his ARN."""
    return Principal(
        type=PrincipalType.USER,
        name=name,
        arn=f"arn:aws:iam::{ACCOUNT}:user/{name}",
        account=ACCOUNT,
        partition="aws",
    )


def caller(arn: str | None = f"arn:aws:iam::{ACCOUNT}:user/responder") -> Caller:
    """Return a responder of that ARN."""
    return Caller(account=ACCOUNT, arn=arn, unique_id=None, access_key_id="AKIARESPONDERRESPOND")


def facts(
    *,
    organization: Reading[Organization] = _OVER,
    document: Reading[str] = _NONE,
    room: int = 9,
) -> FenceFacts:
    """Return what was read before planning; an organization that lets everything through."""
    return FenceFacts(organization=organization, document=document, room=Known(room))


def fenced_in(document: str) -> list[str]:
    """Return whom the fence of a text shuts out, read as plain JSON."""
    return [
        arn
        for statement in json.loads(document)["Statement"]
        if statement.get("Sid") == "UnleakFence"
        for arn in statement["Condition"]["ArnLike"]["aws:PrincipalArn"]
    ]


def spared_in(document: str, sid: str = "UnleakFence") -> list[str]:
    """Return whom a statement of a text spares, read as plain JSON."""
    return [
        arn
        for statement in json.loads(document)["Statement"]
        if statement.get("Sid") == sid
        for arn in statement["Condition"]["ArnNotLike"]["aws:PrincipalArn"]
    ]
