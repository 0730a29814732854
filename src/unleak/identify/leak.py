"""What leaked, as the search for second identities needs it: whose, since when, able to do what."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from unleak.errors import WrongUse
from unleak.identify.could_make import EVERYTHING, could_assume, could_make
from unleak.identify.makers import NO_MAKERS, Makers
from unleak.model.credential import CredentialKind
from unleak.model.frozen import dataclass
from unleak.model.instant import render_instant
from unleak.model.principal import Principal, PrincipalType, parse_arn
from unleak.model.reading import Known

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from unleak.identify.sweep import Swept
    from unleak.model.credential import Credential
    from unleak.model.door import Door, DoorKind
    from unleak.model.situation import Caller, PrincipalFacts, Situation

LOOK_BACK = timedelta(hours=24)
"""How far back "made since the leak" reaches where nobody knows when it leaked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """The leaked principals and keys, since when, and who made what since."""

    principals: tuple[Principal, ...]
    """The leaked users and roles, and the user behind a federated session."""
    key_ids: frozenset[str]
    """The keys and sessions that are being cut."""
    since: datetime
    caller: Caller
    facts: tuple[PrincipalFacts, ...] = ()
    """What the leaked principals may do, read before the cut; nothing read counts as all."""
    makers: Makers = NO_MAKERS
    cleared: tuple[Door, ...] = ()
    """What an earlier look has cleared: a light look does not see enough to clear it again."""

    @property
    def responder(self) -> Principal | None:
        """The user or role that we are, None where the cloud could not tell."""
        try:
            return None if self.caller.arn is None else parse_arn(self.caller.arn).principal
        except WrongUse:
            return None

    def is_leaked(self, principal: Principal) -> bool:
        """Whether it is one of the leaked principals."""
        return any(self._is_same(each, principal) for each in self.principals)

    def is_responder(self, principal: Principal) -> bool:
        """Whether it is the user or role that we are."""
        responder = self.responder
        return responder is not None and self._is_same(responder, principal)

    def could_make(self) -> frozenset[DoorKind]:
        """Return the kinds of way in that any of the leaked principals could have made."""
        found: frozenset[DoorKind] = frozenset()
        for principal in self.principals:
            facts = self._facts_of(principal)
            found |= EVERYTHING if facts is None else could_make(facts)
        return found if self.principals else EVERYTHING

    def could_assume(self) -> Callable[[str], bool]:
        """Return what says whether a leaked principal's policies let it become a role."""
        read = [self._facts_of(principal) for principal in self.principals]
        powers = [could_assume(each) for each in read if each is not None]
        if len(powers) < len(read) or not read:
            return lambda _role_arn: True
        return lambda role_arn: any(each(role_arn) for each in powers)

    def _facts_of(self, principal: Principal) -> PrincipalFacts | None:
        return next((each for each in self.facts if _key(each.principal) == _key(principal)), None)

    def _is_same(self, one: Principal, other: Principal) -> bool:
        own = self.caller.account
        accounts = {one.account or own, other.account or own} - {None}
        return _key(one) == _key(other) and len(accounts) <= 1


def leak_of(situation: Situation, *, since: datetime, makers: Makers = NO_MAKERS) -> Leak:
    """Return what a situation says about the leak.

    Args:
        situation: as it was gathered before the cut.
        since: from `leak_since`.
        makers: who made what since then, where CloudTrail was asked.
    """
    keys = {each.access_key_id for each in situation.credentials} - {None}
    named = {
        _key(each.principal)
        for each in situation.credentials
        if each.kind is CredentialKind.PRINCIPAL and each.principal is not None
    }
    for facts in situation.principals:
        if _key(facts.principal) in named and isinstance(facts.keys, Known):
            keys |= {key.key_id for key in facts.keys.value}
    return Leak(
        principals=_principals(situation.credentials),
        key_ids=frozenset(key for key in keys if key is not None),
        since=since,
        caller=situation.caller,
        facts=situation.principals,
        makers=makers,
    )


def leak_since(
    credentials: Iterable[Credential], swept: Swept, *, now: datetime, told: datetime | None
) -> datetime:
    """Return since when a new identity may be the thief's, a whole second.

    What the person says wins.  Else a session may have been stolen as soon as it was issued; where
    that is not known, and for a key, it is a day ago, but never before the principal or the key was
    there at all.  Of several credentials the earliest counts.

    Args:
        credentials: what leaked.
        swept: tells how old users, roles and keys are, where it could be read.
        now: AWS's time.
        told: `--since`.

    Raises:
        WrongUse: what the person says lies in the future.
    """
    if told is not None:
        if told > now:
            message = f"--since {render_instant(told)} lies in the future"
            raise WrongUse(message, hint="give the earliest time at which it may have leaked")
        return told.replace(microsecond=0)
    moments = [_since(each, swept, now) for each in credentials]
    return min(moments, default=now - LOOK_BACK).replace(microsecond=0)


def _since(credential: Credential, swept: Swept, now: datetime) -> datetime:
    if credential.issued_at is not None and credential.kind.is_session:
        return min(credential.issued_at, now)
    born = [now - LOOK_BACK]
    owner = credential.parent or credential.principal
    if owner is not None:
        born += _made_at(owner, swept)
        born += [
            key.created_at
            for key in swept.keys_of(owner.name) or ()
            if key.key_id == credential.access_key_id and key.created_at is not None
        ]
    return min(max(born), now)


def _made_at(owner: Principal, swept: Swept) -> list[datetime]:
    if not isinstance(swept.details, Known):
        return []
    details = swept.details.value
    of_type = details.roles if owner.type is PrincipalType.ROLE else details.users
    if owner.type not in {PrincipalType.ROLE, PrincipalType.USER}:
        return []
    return [
        each.created_at
        for each in of_type
        if each.name == owner.name and each.created_at is not None
    ]


def _principals(credentials: Iterable[Credential]) -> tuple[Principal, ...]:
    found: dict[Principal, None] = {}
    for each in credentials:
        for principal in (each.principal, each.parent):
            if principal is not None:
                found[principal] = None
    return tuple(found)


def _key(principal: Principal) -> tuple[PrincipalType, str]:
    return principal.type, principal.name
