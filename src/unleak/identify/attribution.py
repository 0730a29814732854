"""Is the maker of a thing the leak, somebody else, or nobody that can be told?

Innocent is only who is known by name, was there before the leak and is under no suspicion himself.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from unleak.model.frozen import dataclass
from unleak.model.principal import PrincipalType
from unleak.model.reading import Known, Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from unleak.identify.leak import Leak
    from unleak.identify.making_event import Maker
    from unleak.identify.sweep import Swept
    from unleak.model.principal import Principal


class Standing(StrEnum):
    """Who the maker is."""

    LEAK = "leak"
    SUSPECT = "suspect"
    """Made since the leak itself, or a session of something that may be the thief's."""
    UNTOLD = "untold"
    """Nobody can tell (yet)."""
    INNOCENT = "innocent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tainted:
    """The names under which the thief may act besides the leak."""

    keys: frozenset[str] = frozenset()
    principals: frozenset[str] = frozenset()
    """`user/NAME` and `role/NAME`: every key and session of theirs."""
    sessions: frozenset[str] = frozenset()
    """`user/NAME` with a new key or password: sessions of theirs, while their old keys are not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """Whose the long-lived keys of the account are."""

    owners: Mapping[str, str]
    read: frozenset[str] = frozenset()
    """Users whose keys and password were read."""
    is_whole: bool = False
    """Whether the keys of every user were read: then a key that is in no list is root's."""


def register_of(swept: Swept) -> Register:
    """Return whose each key is."""
    if not isinstance(swept.access, Known):
        return Register(owners={})
    owners: dict[str, str] = {}
    listed: set[str] = set()
    read: set[str] = set()
    for each in swept.access.value:
        if isinstance(each.keys, Known):
            listed.add(each.user)
            owners.update({key.key_id: each.user for key in each.keys.value})
            if not isinstance(each.password, Unknown):
                read.add(each.user)
    is_whole = isinstance(swept.details, Known) and all(
        each.name in listed for each in swept.details.value.users
    )
    return Register(owners=owners, read=frozenset(read), is_whole=is_whole)


def standing(maker: Maker, *, leak: Leak, register: Register, tainted: Tainted) -> Standing:
    """Say who the maker is.

    Args:
        maker: as an event names it.
        leak: what leaked; whoever is part of it is never innocent.
        register: whose the keys are.
        tainted: who is under suspicion so far.
    """
    principal = maker.principal
    if maker.access_key_id in leak.key_ids | leak.makers.session_ids:
        return Standing.LEAK
    if principal is not None and leak.is_leaked(principal):
        return Standing.LEAK
    if maker.access_key_id is not None and maker.access_key_id == leak.caller.access_key_id:
        return Standing.INNOCENT
    if maker.is_root:
        return Standing.INNOCENT
    if maker.is_long_lived:
        return _of_key(maker, leak=leak, register=register, tainted=tainted)
    return Standing.UNTOLD if principal is None else _of_session(principal, register, tainted)


def _of_key(maker: Maker, *, leak: Leak, register: Register, tainted: Tainted) -> Standing:
    key_id = maker.access_key_id or ""
    if key_id in tainted.keys:
        return Standing.SUSPECT
    owner = register.owners.get(key_id)
    if owner is not None:
        user = f"{PrincipalType.USER}/{owner}"
        if user in {each.label for each in leak.principals}:
            return Standing.LEAK
        return Standing.SUSPECT if user in tainted.principals else Standing.INNOCENT
    # A key of a named user that is in no list was deleted since: it may have been a new one.
    is_root_s = maker.principal is None and register.is_whole
    if is_root_s and key_id not in leak.makers.deleted_keys:
        return Standing.INNOCENT
    return Standing.UNTOLD


def _of_session(principal: Principal, register: Register, tainted: Tainted) -> Standing:
    label = principal.label
    if label in tainted.principals or label in tainted.sessions:
        return Standing.SUSPECT
    if principal.type is PrincipalType.ROLE:
        return Standing.INNOCENT
    # A new key of the user's may be behind the session, so his keys have to be known.
    return Standing.INNOCENT if principal.name in register.read else Standing.UNTOLD
