"""Whether a deny also hits the responder's own session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.errors import WrongUse
from unleak.model.action import Holder, HolderType
from unleak.model.principal import PrincipalType, parse_arn

if TYPE_CHECKING:
    from unleak.model.situation import Caller


def is_own_principal(caller: Caller, holder: Holder) -> bool:
    """Whether the responder acts as the role or user that is about to be cut off.

    False also where the cloud does not tell who we are; the planner warns of that by itself.
    """
    if caller.arn is None or holder.account not in (None, caller.account):
        return False
    try:
        principal = parse_arn(caller.arn).principal
    except WrongUse:
        return False
    types = {PrincipalType.ROLE: HolderType.ROLE, PrincipalType.USER: HolderType.USER}
    return types.get(principal.type) is holder.type and principal.name == holder.name


def is_own_session(caller: Caller, user_id: str) -> bool:
    """Whether a deny of one session (`aws:userid`) is aimed at the responder's own."""
    return caller.unique_id == user_id


def signs_with_session(caller: Caller) -> bool:
    """Whether the responder's credentials are temporary, so that a cut-off reaches them.

    Unknown counts as temporary: a warning too many costs less than a lockout by surprise.
    """
    key_id = caller.access_key_id
    return key_id is None or not key_id.startswith("AKIA")
