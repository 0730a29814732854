"""Who signed a call: keys, sessions and the callers behind them, as one region sees them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from lab.lagging.estate import Role, User
from lab.lagging.refusal import bad_signature, bad_token, dead, expired

if TYPE_CHECKING:
    from lab.lagging.conditions import Context
    from lab.lagging.estate import Account, Holder, World


class CallerType(StrEnum):
    """What kind of identity signs; the values are CloudTrail's."""

    ROOT = "Root"
    USER = "IAMUser"
    ROLE = "AssumedRole"
    FEDERATED = "FederatedUser"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A session that STS minted: it needs no replica, but its role or user must be known there."""

    key_id: str
    secret: str = field(repr=False)
    token: str = field(repr=False)
    account: str
    holder_id: str
    type: CallerType
    name: str
    policy: str | None
    issued: datetime
    expires: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The identity behind a signature."""

    key_id: str
    account: str
    type: CallerType
    holder: Holder | None
    session: Session | None = None

    @property
    def arn(self) -> str:
        """What GetCallerIdentity answers."""
        match self.type:
            case CallerType.ROLE:
                role, name = self._holder.name, self._session.name
                return f"arn:aws:sts::{self.account}:assumed-role/{role}/{name}"
            case CallerType.FEDERATED:
                return f"arn:aws:sts::{self.account}:federated-user/{self._session.name}"
            case CallerType.USER:
                return self._holder.arn
            case CallerType.ROOT:
                return f"arn:aws:iam::{self.account}:root"

    @property
    def user_id(self) -> str:
        """The value of `aws:userid`."""
        match self.type:
            case CallerType.ROLE:
                return f"{self._holder.unique_id}:{self._session.name}"
            case CallerType.FEDERATED:
                return f"{self.account}:{self._session.name}"
            case CallerType.USER:
                return self._holder.unique_id
            case CallerType.ROOT:
                return self.account

    @property
    def principal_arn(self) -> str:
        """The value of `aws:PrincipalArn`: of a role session it is the role's."""
        return self._holder.arn if self.type is CallerType.ROLE else self.arn

    def context(self, now: datetime, source: str) -> Context:
        """Return the condition keys that every call has."""
        found = {
            "aws:userid": (self.user_id,),
            "aws:principalarn": (self.principal_arn,),
            "aws:principalaccount": (self.account,),
            "aws:sourceip": (source,),
            "aws:currenttime": (now.isoformat(),),
        }
        if self.type is CallerType.USER:
            found["aws:username"] = (self._holder.name,)
        if self.session is not None:
            found["aws:tokenissuetime"] = (self.session.issued.isoformat(),)
        return found

    @property
    def _holder(self) -> Holder:
        if self.holder is None:
            raise TypeError(self.type)
        return self.holder

    @property
    def _session(self) -> Session:
        if self.session is None:
            raise TypeError(self.type)
        return self.session


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """What came with a call: a key id, perhaps a token, and a test of the secret behind it."""

    key_id: str
    token: str | None
    proves: Callable[[str], bool]


def authenticate(
    world: World, signature: Signature, session: Session | None, *, service: str, now: datetime
) -> Caller:
    """Return who signed, as far as a region knows.

    Args:
        world: what the region goes by.
        signature: what came with the call.
        session: the session of that key id, if STS minted one.
        service: whose words a refusal is in.
        now: for sessions that are over.

    Raises:
        Refusal: the key is unknown, switched off or over, or the signature is not its own.
    """
    if session is not None:
        return _by_session(world, signature, session, service=service, now=now)
    for account in world.accounts.values():
        found = _by_key(account, signature, service)
        if found is not None:
            return found
    raise dead(service)


def _by_key(account: Account, signature: Signature, service: str) -> Caller | None:
    user = account.key_owners.get(signature.key_id)
    key = account.root_key if user is None else user.keys[signature.key_id]
    if key.key_id != signature.key_id:
        return None
    if not key.is_active:
        raise dead(service)
    if not signature.proves(key.secret):
        raise bad_signature(service)
    caller_type = CallerType.ROOT if user is None else CallerType.USER
    return Caller(key_id=key.key_id, account=account.number, type=caller_type, holder=user)


def _by_session(
    world: World, signature: Signature, session: Session, *, service: str, now: datetime
) -> Caller:
    if signature.token != session.token:
        raise bad_token(service)
    if not signature.proves(session.secret):
        raise bad_signature(service)
    if now >= session.expires:
        raise expired(service)
    account = world.accounts[session.account]
    holder = account.by_unique_id.get(session.holder_id)
    if not isinstance(holder, User | Role):
        raise dead(service)  # deleted, or not yet heard of here
    return Caller(
        key_id=session.key_id,
        account=session.account,
        type=session.type,
        holder=holder,
        session=session,
    )
