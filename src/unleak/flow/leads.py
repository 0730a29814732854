"""From a trace to leads: each credential and principal that it shows as a door, nothing checked."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from unleak.contain.sessions import ROLE_LIFETIME, USER_LIFETIME
from unleak.evidence.clean import printable
from unleak.model.action import Holder, HolderType
from unleak.model.credential import CredentialKind
from unleak.model.door import Door, DoorKind, DoorState
from unleak.model.instant import render_instant
from unleak.model.principal import NAME, PrincipalType
from unleak.model.trace import Confidence

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from unleak.model.principal import Principal
    from unleak.model.trace import Trace, TracedCredential, TracedPrincipal

LATELY: Final = USER_LIFETIME
"""A session that has ended longer ago has no heir that the trail does not show."""
SESSIONS: Final = frozenset({DoorKind.ROLE_SESSION, DoorKind.USER_SESSION})
MADE: Final = frozenset(
    {DoorKind.USER, DoorKind.ROLE, DoorKind.TRUST_POLICY, DoorKind.LOGIN_PROFILE}
)
"""Denied everything, where it is proven and new: nobody honest depends on it yet."""
_MADE_BY: Final = {
    "CreateUser": DoorKind.USER,
    "CreateRole": DoorKind.ROLE,
    "UpdateAssumeRolePolicy": DoorKind.TRUST_POLICY,
    "CreateLoginProfile": DoorKind.LOGIN_PROFILE,
    "UpdateLoginProfile": DoorKind.LOGIN_PROFILE,
}
_KINDS: Final = {
    CredentialKind.ROLE_SESSION: DoorKind.ROLE_SESSION,
    CredentialKind.USER_SESSION: DoorKind.USER_SESSION,
    CredentialKind.FEDERATED_SESSION: DoorKind.USER_SESSION,
    CredentialKind.USER_KEY: DoorKind.ACCESS_KEY,
    CredentialKind.SERVICE_KEY: DoorKind.SERVICE_CREDENTIAL,
}
_HOLDERS: Final = {PrincipalType.ROLE: HolderType.ROLE, PrincipalType.USER: HolderType.USER}


class Leads:
    """The leads of one trace.

    Args:
        trace: what CloudTrail shows.
        owners: whose each key id is that leaked itself.
        account: our own, None where the cloud cannot tell.
        now: AWS's time.
    """

    def __init__(
        self,
        trace: Trace,
        *,
        owners: Mapping[str, Holder],
        account: str | None,
        now: datetime,
    ) -> None:
        self._trace = trace
        self._owners = owners
        self._account = account
        self._now = now
        self._by_key = {each.access_key_id: each for each in trace.credentials}

    def doors(self) -> tuple[Door, ...]:
        """Return one door for each thing, however many credentials led to it."""
        found: dict[tuple[str, ...], Door] = {}
        for door in (
            *(self._of_credential(each) for each in self._trace.credentials),
            *(self._of_principal(each) for each in self._trace.principals),
        ):
            if door is not None:
                key = (door.kind, door.target, door.account or "", door.state)
                found[key] = _joined(found[key], door) if key in found else door
        living = {key[:3] for key in found if key[3] is DoorState.OPEN}
        return tuple(
            door
            for key, door in found.items()
            if door.state is DoorState.OPEN or key[:3] not in living
        )

    def _of_credential(self, found: TracedCredential) -> Door:
        holder, why = self._holder(found)
        kind = _KINDS.get(found.kind, DoorKind.SESSION)
        if holder is None or (holder.type is HolderType.ROLE) != (kind is DoorKind.ROLE_SESSION):
            kind, holder = DoorKind.SESSION, None
            why = why or f"{found.kind}: no deny in IAM reaches it"
        target = holder.label if holder is not None and kind in SESSIONS else found.access_key_id
        is_over = kind in SESSIONS and self._is_over(found, holder)
        return Door(
            kind=kind,
            target=target,
            reason=self._reason(found) + ("; its sessions have ended long ago" if is_over else ""),
            weight=2 if found.confidence is Confidence.INFERRED else 3,
            holder=holder,
            made_at=found.at,
            state=DoorState.GONE if is_over else DoorState.OPEN,
            account=None if holder is None else holder.account,
            via=found.via or "a call",
            depth=self._depth(found.minted_by),
            key_ids=(found.access_key_id,),
            is_inferred=found.confidence is Confidence.INFERRED,
            by_hand=why,
        )

    def _of_principal(self, found: TracedPrincipal) -> Door | None:
        kind = _MADE_BY.get(found.via)
        if kind is None:
            return None
        account = found.arn.split(":")[4] if found.arn and found.arn.count(":") > 4 else None  # noqa: PLR2004 - an ARN
        holder, why = self._named(HolderType(found.type), found.name, account)
        by = next((e.by for e in self._trace.persistence if e.event_id == found.event_id), None)
        when = "" if found.at is None else f" at {render_instant(found.at)}"
        return Door(
            kind=kind,
            target=f"{found.type}/{printable(found.name, limit=128)}",
            reason=f"{found.via} by {by or 'what leaked'}{when}",
            weight=2 if found.confidence is Confidence.INFERRED else 3,
            holder=holder,
            made_at=found.at,
            account=None if holder is None else holder.account,
            via=found.via,
            depth=self._depth(by),
            is_inferred=found.confidence is Confidence.INFERRED,
            by_hand=why,
        )

    def _holder(self, found: TracedCredential) -> tuple[Holder | None, str]:
        """Return whose it is, and why a person has to look where that helps nothing."""
        principal = found.principal
        if found.kind is CredentialKind.FEDERATED_SESSION:
            return self._parent(found)
        if principal is None or principal.type not in _HOLDERS:
            return None, ""
        return self._named(_HOLDERS[principal.type], principal.name, principal.account)

    def _parent(self, found: TracedCredential) -> tuple[Holder | None, str]:
        """A federated session has no policies of its own: its user's are asked at each call.

        Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_getfederationtoken.html
        """
        parent = found.minted_by or ""
        if parent in self._owners:
            return self._owners[parent], ""
        known = self._by_key.get(parent)
        if known is not None and known.kind is CredentialKind.USER_KEY:
            return self._holder(known)
        return None, "the user behind this federated session is not known"

    def _named(self, kind: HolderType, name: str, account: str | None) -> tuple[Holder | None, str]:
        if not NAME.fullmatch(name):
            return None, "the trail names it in a way that IAM does not allow: nothing was touched"
        elsewhere = None if account in (None, "", self._account) else account
        if self._account is None:
            elsewhere = None
        return Holder(type=kind, name=name, account=elsewhere), ""

    def _is_over(self, found: TracedCredential, holder: Holder | None) -> bool:
        ends = found.expires_at
        if ends is None and found.at is not None and holder is not None:
            is_role = holder.type is HolderType.ROLE
            ends = found.at + (ROLE_LIFETIME if is_role else USER_LIFETIME)
        return ends is not None and ends + LATELY < self._now

    def _reason(self, found: TracedCredential) -> str:
        when = "" if found.at is None else f" at {render_instant(found.at)}"
        told = f"{found.via} by {found.minted_by or 'what leaked'}{when}"
        return f"{told}; inferred: {found.reason}" if found.reason else told

    def _depth(self, parent: str | None) -> int:
        """Return how many steps it is from the leak; a circle ends where it is seen."""
        depth, seen = 1, set[str]()
        while parent is not None and parent in self._by_key and parent not in seen:
            seen.add(parent)
            parent = self._by_key[parent].minted_by
            depth += 1
        return depth


def _joined(one: Door, other: Door) -> Door:
    """Return one door for two credentials that lead to the same thing."""
    stronger = other if one.is_inferred and not other.is_inferred else one
    times = [each for each in (one.made_at, other.made_at) if each is not None]
    return replace(
        stronger,
        made_at=max(times, default=None),
        depth=min(one.depth, other.depth),
        key_ids=tuple(dict.fromkeys((*one.key_ids, *other.key_ids))),
    )


def owners_of(pairs: Iterable[tuple[str | None, Holder | None]]) -> dict[str, Holder]:
    """Return whose each key id is, leaving out what is not known."""
    return {key: holder for key, holder in pairs if key is not None and holder is not None}


def is_same_time(one: datetime | None, other: datetime | None) -> bool:
    """Whether an event and IAM's date of a thing can be about the same making.

    CloudTrail and IAM write the second each by its own clock; five minutes are wide enough for both
    and too narrow for another thing of the same name (untested).
    """
    return one is not None and other is not None and abs(one - other) <= timedelta(minutes=5)


def label_of(principal: Principal | None) -> str:
    """Return how to call a principal that may not be known."""
    return "an unknown principal" if principal is None else principal.label
