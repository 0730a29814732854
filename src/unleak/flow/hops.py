"""Hold what a trace shows against IAM: nothing that the trail says is acted upon unread.

Names in a trail are chosen by whoever made the call, and a file of a trail by whoever gave it.  So
each thing is looked for in IAM, in its own account, and what does not fit gets a cut-off at most.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, assert_never

from unleak.contain.guards import not_editable
from unleak.contain.lockout import is_own_principal
from unleak.errors import NoOrganization, NoSuchPrincipal, UnleakError
from unleak.flow.leads import MADE, SESSIONS, is_same_time
from unleak.identify.questions import Failed, answer
from unleak.model.action import Holder, HolderType, KeyState
from unleak.model.door import Door, DoorKind, DoorState
from unleak.model.frozen import dataclass
from unleak.model.instant import render_instant

if TYPE_CHECKING:
    from datetime import datetime

    from unleak.model.account import AccountDetails
    from unleak.model.ports import Reader
    from unleak.model.situation import Caller, KeyFact

_NEW_KINDS = MADE | {DoorKind.ACCESS_KEY, DoorKind.SERVICE_CREDENTIAL}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What a check of the hops stands on."""

    reader: Reader
    caller: Caller
    since: datetime | None
    """Since when it may have leaked: what is older gets a cut-off at most."""
    accounts: tuple[str, ...] = ()
    """Other accounts that the person has named; else only those of our organization."""
    dismissed: frozenset[str] = frozenset()


def checked(leads: tuple[Door, ...], ground: Ground) -> tuple[Door, ...]:
    """Return the leads as IAM bears them out.

    A session of what is denied everything needs no cut-off of its own, so it is left out.

    Args:
        leads: from the trace.
        ground: the responder's eyes, and what he has said.

    Raises:
        ResponderCredentials: our own credentials stopped working.
    """
    check = _Check(ground)
    doors = tuple(check.door(each) for each in leads)
    denied = {
        each.holder
        for each in doors
        if each.kind in MADE and each.is_open and not each.is_mild and not each.by_hand
    }
    return tuple(each for each in doors if each.kind not in SESSIONS or each.holder not in denied)


class _Check:
    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._entered: dict[str, Reader | str] = {}
        self._details: dict[str | None, AccountDetails | None] = {}

    def door(self, door: Door) -> Door:
        """Return a door with what IAM says of it."""
        if {door.target, *door.key_ids, "" if door.holder is None else door.holder.label} & (
            self._ground.dismissed
        ):
            return replace(door, state=DoorState.DISMISSED)
        holder = door.holder
        if not door.is_open or door.by_hand or holder is None:
            return door
        if is_own_principal(self._ground.caller, holder):
            why = (
                f"you are signed in as {holder.label} yourself: sign in as somebody else, then run "
                f"`unleak revoke {holder.label}`"
            )
            return replace(door, by_hand=why)
        reader = self._reader(holder)
        if isinstance(reader, str):
            return replace(door, by_hand=reader)
        told = answer(lambda: self._read(door, holder, reader))
        if isinstance(told, Failed):
            return _unread(door, told.error)
        return self._tempered(told.value)

    def _reader(self, holder: Holder) -> Reader | str:
        """Return the eyes in an account, or why there are none."""
        account = holder.account
        if account is None:
            return self._ground.reader
        if account not in self._entered:
            self._entered[account] = self._enter(account)
        entered = self._entered[account]
        if isinstance(entered, str):
            return f"{entered}; sign in there and run `unleak revoke {holder.label} --cascade`"
        return entered

    def _enter(self, account: str) -> Reader | str:
        """Enter an account of ours; one that only the trail names may be the thief's own."""
        reader = self._ground.reader
        if account not in self._ground.accounts:
            try:
                is_ours = reader.is_member(account)
            except NoOrganization as error:
                return f"{_stranger(account)} ({error.message})"
            except UnleakError as error:
                return f"{_stranger(account)} (the organization cannot be asked: {error.message})"
            if not is_ours:
                return _stranger(account)
        told = answer(lambda: reader.of_account(account))
        return told.error.message if isinstance(told, Failed) else told.value

    def _read(  # noqa: PLR0911 - one case a kind
        self, door: Door, holder: Holder, reader: Reader
    ) -> Door:
        if holder.type is HolderType.ROLE:
            return self._read_role(door, holder, reader)
        match door.kind:
            case DoorKind.ACCESS_KEY:
                keys = {key.key_id: key for key in reader.keys(holder.name)}
                return self._of_key(door, keys.get(door.target))
            case DoorKind.SERVICE_CREDENTIAL:
                states = {e.credential_id: e.state for e in reader.service_credentials(holder.name)}
                return _if_known(door, states.get(door.target))
            case DoorKind.LOGIN_PROFILE:
                has_password = reader.login_profile(holder.name) is not None
                return door if has_password else replace(door, state=DoorState.GONE)
            case DoorKind.USER:
                reader.user(holder.name)
                return self._if_same(door, self._made_at(holder, reader))
            case DoorKind.USER_SESSION:
                reader.user(holder.name)
                return door
            case _:
                return door

    def _read_role(self, door: Door, holder: Holder, reader: Reader) -> Door:
        role = reader.role(holder.name)
        refusal = not_editable(role.principal)
        if refusal is not None:
            return replace(door, by_hand=f"{refusal.message}: {refusal.hint}")
        match door.kind:
            case DoorKind.ROLE:
                return self._if_same(door, role.created_at)
            case _:
                return door

    def _of_key(self, door: Door, key: KeyFact | None) -> Door:
        """A trail may name an honest key as made by the thief: IAM's date of it tells."""
        known = _if_known(door, None if key is None else key.state)
        if key is None or key.created_at is None or not known.is_open:
            return known
        return self._if_same(known, key.created_at)

    def _if_same(self, door: Door, made_at: datetime | None) -> Door:
        if is_same_time(made_at, door.made_at):
            return door
        other = "at an unknown time" if made_at is None else f"at {render_instant(made_at)}"
        why = f"; IAM's was made {other}, so it may be another one: a cut-off and nothing more"
        return replace(door, is_mild=True, reason=door.reason + why)

    def _made_at(self, holder: Holder, reader: Reader) -> datetime | None:
        if holder.account not in self._details:
            told = answer(reader.account_details)
            self._details[holder.account] = None if isinstance(told, Failed) else told.value
        details = self._details[holder.account]
        if details is None:
            return None
        return next((e.created_at for e in details.users if e.name == holder.name), None)

    def _tempered(self, door: Door) -> Door:
        """Nothing harsher than a cut-off for what is only inferred, or older than the leak."""
        if not door.is_open or door.is_mild or door.kind not in _NEW_KINDS:
            return door
        if door.is_inferred:
            why = "; only circumstances speak for it: a cut-off and nothing more"
            return replace(door, is_mild=True, reason=door.reason + why)
        since = self._ground.since
        if since is None or door.made_at is None or door.made_at >= since:
            return door
        why = (
            f"; that was before {render_instant(since)}, since when it counts as leaked (--since): "
            "a cut-off and nothing more"
        )
        return replace(door, is_mild=True, reason=door.reason + why)


def _if_known(door: Door, state: KeyState | None) -> Door:
    """A key that is off already lets nobody in; the sessions that it opened may."""
    match state:
        case None:
            return replace(door, state=DoorState.GONE)
        case KeyState.ACTIVE:
            return door
        case KeyState.INACTIVE | KeyState.EXPIRED:
            return replace(door, is_off=True)
        case _:
            assert_never(state)


def _unread(door: Door, error: UnleakError) -> Door:
    if isinstance(error, NoSuchPrincipal):
        return replace(door, state=DoorState.GONE)
    return replace(door, by_hand=f"it could not be looked at in IAM: {error.message}")


def _stranger(account: str) -> str:
    return (
        f"account {account} is not known to be of your organization, so it was not entered: name it"
        f" with --account {account} if it is yours"
    )
