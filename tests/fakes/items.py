"""A table in memory that compares and writes as DynamoDB does, for any number of threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import assert_never

from unleak.aws.items import Change, Check, Expected, Item, Key, Put, Value, Write
from unleak.errors import StateFolder

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


class FakeItems:
    """Items of one table; its clock stands until a test moves it."""

    def __init__(self) -> None:
        self.clock = NOON
        self.items: dict[Key, dict[str, Value]] = {}
        self.is_down = False
        self.loses_answers = 0
        """So many of the next writes are done, and their answers lost and asked for again."""
        self.before_write: Callable[[Sequence[Write]], None] = lambda _: None
        self._lock = threading.RLock()

    @property
    def place(self) -> str:
        return "in a table in memory"

    def now(self) -> datetime:
        return self.clock

    def move(self, seconds: float) -> None:
        self.clock += timedelta(seconds=seconds)

    def get(self, key: Key) -> Item | None:
        with self._reached():
            there = self.items.get(key)
            return None if there is None else dict(there)

    def query(self, pk: str, *, only: Item | None = None) -> Iterator[Item]:
        with self._reached():
            found = sorted((key.sk, key) for key in self.items if key.pk == pk)
            rows = [{"pk": pk, "sk": sk, **self.items[key]} for sk, key in found]
        wanted = only or {}
        yield from (row for row in rows if all(row.get(k) == v for k, v in wanted.items()))

    def last(self, pk: str) -> Item | None:
        found = list(self.query(pk))
        return {"pk": pk, "sk": found[-1]["sk"]} if found else None

    def put(self, put: Put) -> bool:
        return not self.together([put], token="")

    def change(self, change: Change) -> bool:
        return not self.together([change], token="")

    def delete(self, key: Key, expected: Expected) -> bool:
        with self._reached():
            if not self._is_so(key, expected):
                return False
            self.items.pop(key, None)
            return True

    def together(self, writes: Sequence[Write], *, token: str) -> tuple[Write, ...]:
        del token
        self.before_write(writes)
        with self._reached():
            unmet = self._tried(writes)
            if not unmet and self.loses_answers:
                self.loses_answers -= 1
                return self._tried(writes)
            return unmet

    def _tried(self, writes: Sequence[Write]) -> tuple[Write, ...]:
        unmet = tuple(each for each in writes if not self._is_so(each.key, each.expected))
        if not unmet:
            for each in writes:
                self._write(each)
        return unmet

    def _write(self, write: Write) -> None:
        match write:
            case Put(key=key, item=item):
                self.items[key] = dict(item)
            case Change(key=key, values=values, counts=counts):
                there = self.items.setdefault(key, {})
                for name, value in values.items():
                    if value is None:
                        there.pop(name, None)
                    else:
                        there[name] = value
                for name in counts:
                    count = there.get(name, 0)
                    assert isinstance(count, int)
                    there[name] = count + 1
            case Check():
                pass
            case _:
                assert_never(write)

    def _is_so(self, key: Key, expected: Expected) -> bool:
        there = self.items.get(key)
        known = {} if there is None else {"pk": key.pk, "sk": key.sk, **there}
        return all(known.get(name) == value for name, value in expected.items())

    def _reached(self) -> threading.RLock:
        if self.is_down:
            message = "the table does not answer"
            raise StateFolder(message)
        return self._lock
