"""Which user holds this key, where AWS will not say: every user's keys are looked through."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from unleak.identify.questions import Failed, Round, Told, answer, explain
from unleak.model.frozen import dataclass

if TYPE_CHECKING:
    from unleak.model.ports import Reader

_BATCH = 64
"""Users asked about in one round, so that a hit spares the rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySearch:
    """The user that holds the key, or whether we looked at every user in vain."""

    user: str | None
    is_complete: bool
    notes: tuple[str, ...] = ()


def search_user(key_id: str, *, reader: Reader) -> KeySearch:
    """Look through `ListUsers` x `ListAccessKeys`, many users at once.

    Args:
        key_id: the `AKIA` id.
        reader: reads only.
    """
    match answer(reader.users):
        case Failed(error=error):
            notes = (explain(error, operation="iam:ListUsers"),)
            return KeySearch(user=None, is_complete=False, notes=notes)
        case Told(value=users):
            return _search(key_id, users, reader)


def _search(key_id: str, users: tuple[str, ...], reader: Reader) -> KeySearch:
    unread: list[str] = []
    why = ""
    for start in range(0, len(users), _BATCH):
        batch = users[start : start + _BATCH]
        with Round() as asking:
            lists = [asking.ask(partial(reader.keys, user)) for user in batch]
        for user, listed in zip(batch, lists, strict=True):
            match listed.result():
                case Told(value=keys):
                    if any(key.key_id == key_id for key in keys):
                        return KeySearch(user=user, is_complete=True)
                case Failed(error=error):
                    unread.append(user)
                    why = explain(error, operation="iam:ListAccessKeys")
    if unread:
        notes = (f"the keys of {len(unread)} of {len(users)} users could not be read: {why}",)
        return KeySearch(user=None, is_complete=False, notes=notes)
    return KeySearch(user=None, is_complete=True)
