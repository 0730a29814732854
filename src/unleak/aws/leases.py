"""Locks as leases in a table: they lapse when their holder dies, and fence what it writes.

A lapsed lease that nobody took is still its holder's: only who takes it changes its owner, and the
owner is what a fence compares.  So no clock decides whether a write is let through; clocks decide
only how soon a dead holder's lock is free.
"""

from __future__ import annotations

import threading
import time
import uuid
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from unleak.aws.heartbeat import heartbeat
from unleak.aws.items import ABSENT, Change, Check, Key, Put
from unleak.errors import IncidentBusy, StateFolder
from unleak.model.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from unleak.aws.items import Expected, Item, Items

SLACK: Final = timedelta(seconds=2)
"""The clock is an upper bound of AWS's time, off by its resolution and one answer's way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How long leases last, and how to wait for one."""

    lease_seconds: float = 20.0
    """Less than `flow.workplace.CLAIM_SECONDS`, so that who waits for a dead holder gets it."""
    beat_seconds: float = 6.0
    """Between two signs of life: three fit into one lease."""
    look_seconds: float = 0.25
    """Between two looks at a lock that another worker holds."""
    sleep: Callable[[float], None] = time.sleep


class Leases:
    """The locks that one worker holds.

    Args:
        items: the table.
        pace: how long leases last.
    """

    def __init__(self, items: Items, pace: Pace) -> None:
        self._items = items
        self._pace = pace
        self._held: dict[Key, str] = {}
        self._lock = threading.Lock()

    def fences(self) -> tuple[Check, ...]:
        """Return the conditions that all locks of this worker are still its own."""
        with self._lock:
            return tuple(
                Check(key=key, expected={"owner": owner}) for key, owner in self._held.items()
            )

    @contextmanager
    def hold(self, name: str, *, wait_seconds: float = 0.0) -> Iterator[None]:
        """Hold a lock for the length of a `with` block; see `apply.state.OpenState.hold`."""
        key, owner = Key(pk="lock", sk=name), uuid.uuid4().hex
        self._take(key, owner, wait_seconds)
        with self._lock:
            self._held[key] = owner
        try:
            with heartbeat(lambda: self._renew(key, owner), every_seconds=self._pace.beat_seconds):
                yield
        finally:
            with self._lock:
                del self._held[key]
            self._let_go(key, owner)

    def _take(self, key: Key, owner: str, wait_seconds: float) -> None:
        waited = 0.0
        while not self._try(key, owner):
            if waited >= wait_seconds:
                message = f"another unleak is working on {key.sk[:60]!a}"
                hint = "wait for it to end; if it has died, its lock lapses within half a minute"
                raise IncidentBusy(message, hint=hint)
            self._pace.sleep(self._pace.look_seconds)
            waited += self._pace.look_seconds

    def _try(self, key: Key, owner: str) -> bool:
        """Take it if it is free, or lapsed; an answer that was lost is found by its owner."""
        there = self._items.get(key)
        if there is None:
            expected: Expected = ABSENT
        elif instant_of(there, "until") + SLACK < self._items.now():
            expected = {"owner": there["owner"], "until": there["until"]}
        else:
            return False
        if self._items.put(Put(key=key, item=self._lease(owner), expected=expected)):
            return True
        now_there = self._items.get(key)
        return now_there is not None and now_there.get("owner") == owner

    def _renew(self, key: Key, owner: str) -> bool:
        change = Change(key=key, values=self._lease(owner), expected={"owner": owner})
        return self._items.change(change)

    def _let_go(self, key: Key, owner: str) -> None:
        try:
            self._items.delete(key, {"owner": owner})
        except StateFolder:
            return  # it lapses by itself, and what was done under it is journaled

    def _lease(self, owner: str) -> Item:
        until = self._items.now() + timedelta(seconds=self._pace.lease_seconds)
        return {"owner": owner, "until": instant_value(until)}


_EPOCH: Final = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


def instant_value(at: datetime) -> int:
    """Return an instant as the table keeps it: milliseconds since 1970.

    Args:
        at: with a zone.
    """
    return (at - _EPOCH) // timedelta(milliseconds=1)


def instant_of(item: Item, name: str) -> datetime:
    """Return an instant of an item; long ago where it is missing.

    Args:
        item: as it was read.
        name: of the attribute.
    """
    value = item.get(name)
    return _EPOCH + timedelta(milliseconds=value if isinstance(value, int) else 0)
