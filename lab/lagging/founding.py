"""The world on the first day: an account, its organization, a stranger, and keys to each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from lab.cloud import ALLOW_ALL
from lab.lagging.estate import AccessKey, Account, ControlPolicy, Organization, User, World
from lab.wire import Keys

if TYPE_CHECKING:
    from lab.lagging.ids import Mint

OUTSIDER: Final = "999999999999"
MANAGEMENT: Final = "444455556666"
_AGE: Final = timedelta(days=400)
_FULL_ACCESS: Final = "p-FullAWSAccess"


@dataclass(frozen=True, slots=True, kw_only=True)
class Founded:
    """The first world and the keys that open it."""

    world: World
    root: Keys
    responder: Keys
    org_admin: Keys
    outsider: Keys


def found(mint: Mint, account: str, now: datetime) -> Founded:
    """Make the world; everything in it is older than a year.

    Args:
        mint: draws ids and keys.
        account: the member account that tests are about.
        now: the time.
    """
    then = now.replace(microsecond=0) - _AGE
    member, root, responder = _account(mint, account, then, "responder")
    management, _, org_admin = _account(mint, MANAGEMENT, then, "org_admin")
    outside, outsider, _ = _account(mint, OUTSIDER, then, None)
    world = World(
        accounts={one.number: one for one in (member, management, outside)},
        organization=_organization(account),
    )
    return Founded(
        world=world, root=root, responder=responder, org_admin=org_admin, outsider=outsider
    )


def _account(
    mint: Mint, number: str, then: datetime, administrator: str | None
) -> tuple[Account, Keys, Keys]:
    root = _key(mint, number, then)
    account = Account(number=number, root_key=root)
    if administrator is None:
        return account, _keys(root), _keys(root)
    key = _key(mint, number, then)
    user = User(
        name=administrator,
        unique_id=mint.unique_id("AIDA", number),
        arn=f"arn:aws:iam::{number}:user/{administrator}",
        created=then,
        inline={"work": ALLOW_ALL},
        keys={key.key_id: key},
    )
    return account.keep(user), _keys(root), _keys(key)


def _key(mint: Mint, number: str, then: datetime) -> AccessKey:
    return AccessKey(key_id=mint.key_id("AKIA", number), secret=mint.secret(), created=then)


def _keys(key: AccessKey) -> Keys:
    return Keys(access_key_id=key.key_id, secret=key.secret)


def _organization(member: str) -> Organization:
    full = ControlPolicy(
        id=_FULL_ACCESS,
        name="FullAWSAccess",
        arn=f"arn:aws:organizations::aws:policy/service_control_policy/{_FULL_ACCESS}",
        document=ALLOW_ALL,
        description="Allows access to every operation",
        is_aws_managed=True,
    )
    targets = ("r-lab0", MANAGEMENT, member)
    return Organization(
        id="o-lab0123456",
        root_id="r-lab0",
        management=MANAGEMENT,
        members=(member,),
        policies={full.id: full},
        attached=dict.fromkeys(targets, (full.id,)),
    )
