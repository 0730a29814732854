"""Small accounts for the search for second identities: what was there, and what came since."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from fakes.cloud import START
from unleak.identify.leak import Leak
from unleak.identify.makers import Makers
from unleak.identify.making_event import Maker, Making
from unleak.identify.sweep import Swept, UserAccess
from unleak.model.account import AccountDetails, PolicyDetail, Provider, RoleDetail, UserDetail
from unleak.model.action import KeyState
from unleak.model.principal import Principal, PrincipalType
from unleak.model.reading import Absent, Known
from unleak.model.situation import Caller, InlinePolicy, KeyFact, PrincipalFacts

if TYPE_CHECKING:
    from unleak.model.door import DoorKind

ACCOUNT = "123456789012"
SINCE = START
BEFORE, AFTER = SINCE - timedelta(days=90), SINCE + timedelta(minutes=5)
BOB = Principal(
    type=PrincipalType.USER,
    name="bob",
    arn=f"arn:aws:iam::{ACCOUNT}:user/bob",
    account=ACCOUNT,
    unique_id="AIDABOB",
)
BOB_KEY = "AKIABOBBOBBOBBOBBOBB"
RESPONDER = Caller(
    account=ACCOUNT,
    arn=f"arn:aws:iam::{ACCOUNT}:user/responder",
    unique_id="AIDARESPONDER",
    access_key_id="AKIARESPONDERRESPOND",
)
ROOT_TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
            }
        ],
    }
)
SERVICE_TRUST = ROOT_TRUST.replace(
    f'"AWS": "arn:aws:iam::{ACCOUNT}:root"', '"Service": "ec2.amazonaws.com"'
)


def trusting(name: str, *, conditional: bool = False) -> str:
    """Return a trust policy that lets one principal in."""
    document = json.loads(ROOT_TRUST)
    document["Statement"][0]["Principal"] = {"AWS": name}
    if conditional:
        document["Statement"][0]["Condition"] = {"StringEquals": {"sts:ExternalId": "x"}}
    return json.dumps(document)


def user(name: str, *, created_at: datetime | None = BEFORE) -> UserDetail:
    """Return a user."""
    return UserDetail(name=name, arn=f"arn:aws:iam::{ACCOUNT}:user/{name}", created_at=created_at)


def role(
    name: str,
    *,
    created_at: datetime | None = BEFORE,
    trust: str = SERVICE_TRUST,
    used_at: datetime | None = None,
    path: str = "/",
) -> RoleDetail:
    """Return a role."""
    return RoleDetail(
        name=name,
        arn=f"arn:aws:iam::{ACCOUNT}:role{path}{name}",
        unique_id=f"AROA{name.upper()}",
        path=path,
        created_at=created_at,
        trust_policy=trust,
        last_used_at=used_at,
    )


def access(
    name: str, keys: dict[str, datetime] | None = None, *, password_at: datetime | None = None
) -> UserAccess:
    """Return how a user can sign in."""
    return UserAccess(
        user=name,
        keys=Known(
            tuple(
                KeyFact(key_id=key_id, state=KeyState.ACTIVE, created_at=made_at)
                for key_id, made_at in (keys or {}).items()
            )
        ),
        password=Absent() if password_at is None else Known(password_at),
    )


def swept(
    *things: UserDetail | RoleDetail | PolicyDetail | Provider,
    ways_in: tuple[UserAccess, ...] = (),
) -> Swept:
    """Return an account with bob, the responder and these; who has no way in given has none."""
    users = [each for each in things if isinstance(each, UserDetail)]
    present = {each.name for each in users}
    users += [user(name) for name in ("bob", "responder") if name not in present]
    given = {each.user for each in ways_in}
    own = {"bob": {BOB_KEY: BEFORE}, "responder": {"AKIARESPONDERRESPOND": BEFORE}}
    rest = tuple(access(each.name, own.get(each.name)) for each in users if each.name not in given)
    return Swept(
        details=Known(
            AccountDetails(
                users=tuple(users),
                roles=tuple(each for each in things if isinstance(each, RoleDetail)),
                policies=tuple(each for each in things if isinstance(each, PolicyDetail)),
            )
        ),
        access=Known((*ways_in, *rest)),
        providers=Known(tuple(each for each in things if isinstance(each, Provider))),
    )


def facts(*actions: str, principal: Principal = BOB, resource: str = "*") -> PrincipalFacts:
    """Return what a principal may do: these actions."""
    policy = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": resource}],
    }
    inline = (InlinePolicy(name="own", document=json.dumps(policy)),) if actions else ()
    return PrincipalFacts(
        principal=principal,
        inline=Known(inline),
        attached=Known(()),
        groups=Known(()),
        boundary=Absent(),
    )


def leak(
    *makings: Making,
    may: tuple[str, ...] = ("*",),
    caller: Caller = RESPONDER,
    deleted: frozenset[str] = frozenset(),
) -> Leak:
    """Return the leak of bob's key, seven o'clock, who may do these actions."""
    return Leak(
        principals=(BOB,),
        key_ids=frozenset({BOB_KEY}),
        since=SINCE,
        caller=caller,
        facts=(facts(*may),),
        makers=Makers(makings=makings, deleted_keys=deleted),
    )


def made(
    kind: DoorKind,
    name: str,
    *,
    by: str | None,
    of: Principal | None = None,
    at: datetime | None = AFTER,
    key_of: str | None = None,
) -> Making:
    """Return one event: what was made, by which key id, of whom."""
    maker = Maker(access_key_id=by, principal=of, at=at)
    return Making(kind=kind, name=name, maker=maker, key_of=key_of)


def some_role(name: str) -> Principal:
    """Return a role as an event names it."""
    return Principal(
        type=PrincipalType.ROLE,
        name=name,
        arn=f"arn:aws:iam::{ACCOUNT}:role/{name}",
        account=ACCOUNT,
    )
