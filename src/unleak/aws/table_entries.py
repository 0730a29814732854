"""The journal's rows in a table: appended in pages, each fenced by the locks of its writer."""

from __future__ import annotations

import re
import threading
import uuid
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Final

from unleak.aws.claim_items import claim_key
from unleak.aws.items import ABSENT, Change, Check, Key, Put
from unleak.aws.journal_pages import Torn, number_text, packed, page_number, pages
from unleak.aws.leases import instant_value
from unleak.errors import StateFolder, TakenOver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from unleak.apply.database import Row
    from unleak.aws.items import Item, Items, Write
    from unleak.aws.journal_pages import NewRow
    from unleak.model.claim import Claim

_CREATED: Final = "created"
_INDEX: Final = "incident"
_NAME: Final = re.compile(r"[\x21-\x7e]{1,200}", re.ASCII)
_TRIES: Final = 5
_MOST_WRITES: Final = 100
"""https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html"""


class TableEntries:
    """The rows of the journal, as `apply.state.Entries` says; safe for several threads.

    Args:
        items: the table.
        fences: the conditions under which this worker may write.
        claim: what the first incident is noted on, where there is one.
    """

    def __init__(
        self, items: Items, fences: Callable[[], tuple[Check, ...]], claim: Claim | None = None
    ) -> None:
        self._items = items
        self._fences = fences
        self._claim = claim
        self._lock = threading.RLock()
        self._waiting: list[NewRow] | None = None
        self._next: dict[str, int] = {}

    @property
    def place(self) -> str:
        """The table, in words."""
        return self._items.place

    def close(self) -> None:
        """Do nothing: everything is in the table already."""

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Write all appends inside as one transaction; nesting joins in.

        Raises:
            StateFolder: it could not be written; then nothing of it was.
        """
        with self._lock:
            if self._waiting is not None:
                yield
                return
            rows: list[NewRow] = []
            self._waiting = rows
            try:
                yield
            finally:
                self._waiting = None
            self._write(rows)

    def append(self, rows: Sequence[NewRow]) -> None:
        """Append entries; durable when this returns, or when the transaction around it ends.

        Raises:
            StateFolder: they could not be written.
            TakenOver: a lock that we hold was taken by another worker.
        """
        with self._lock:
            if self._waiting is None:
                self._write(list(rows))
            else:
                self._waiting.extend(rows)

    def rows(self, incident: str) -> list[Row]:
        """Return the entries of one incident, oldest first.

        A query is no snapshot: of a transaction that ends meanwhile it may show a part, so what
        has a hole is read again.
        Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html
        """
        if not _NAME.fullmatch(incident):
            return []
        for _ in range(_TRIES):
            try:
                found = list(pages(self._items.query(_journal(incident))))
            except Torn as torn:
                failure: StateFolder = torn
            else:
                rows = [row for page in found for row in page]
                return [
                    (number, incident, at, kind, step, body)
                    for number, (at, kind, step, body) in enumerate(rows, start=1)
                ]
        message = f"incident {incident[:60]!a}: {failure.message} {self.place}"
        raise StateFolder(message, hint="nobody may delete items of it; the backup has them")

    def rows_of_kinds(self, kinds: Sequence[str]) -> list[Row]:
        """Return the entries of some kinds over all incidents, oldest incident first."""
        return [
            row
            for incident in self.incident_ids()
            for row in self.rows(incident)
            if row[3] in kinds
        ]

    def incident_ids(self) -> tuple[str, ...]:
        """Return the ids of all incidents, the oldest first."""
        found = (item.get("incident") for item in self._items.query(_INDEX))
        return tuple(each for each in found if isinstance(each, str))

    def _write(self, rows: list[NewRow]) -> None:
        if not rows:
            return
        for _ in range(_TRIES):
            token = uuid.uuid4().hex
            numbered = {
                each: self._page_for(each, rows) for each in dict.fromkeys(r[0] for r in rows)
            }
            writes = self._writes(rows, numbered, token)
            unmet = self._items.together(writes, token=token)
            if not unmet or self._has_landed(numbered, token):
                self._next.update({each: page + 1 for each, page in numbered.items()})
                return
            self._refuse_if_lost(unmet)
            self._next.clear()  # somebody appended meanwhile: look where the end is now
        message = f"others keep writing to the same incident {self.place}"
        raise StateFolder(message, hint="run the same command again")

    def _page_for(self, incident: str, rows: Sequence[NewRow]) -> int:
        if _is_begun(incident, rows):
            return 0
        if incident not in self._next:
            last = self._items.last(_journal(incident))
            self._next[incident] = 0 if last is None else page_number(last.get("sk")) + 1
        return self._next[incident]

    def _writes(
        self, rows: Sequence[NewRow], numbered: dict[str, int], token: str
    ) -> tuple[Write, ...]:
        """Return the pages, the index of new incidents, the note on the claim, and the fences."""
        writes: list[Write] = list(self._fences())
        for incident, page in numbered.items():
            of_it = [
                (at, kind, step, body) for name, at, kind, step, body in rows if name == incident
            ]
            parts = packed(of_it)
            for number, data in enumerate(parts):
                item: Item = {"data": data, "parts": len(parts), "token": token}
                key = Key(pk=_journal(incident), sk=number_text(page, number))
                writes.append(Put(key=key, item=item, expected=ABSENT))
            if _is_begun(incident, rows):
                at = instant_value(datetime.fromisoformat(of_it[0][0]))
                key = Key(pk=_INDEX, sk=f"{at:015}#{incident}")
                writes.append(Put(key=key, item={"incident": incident}, expected=ABSENT))
                writes.extend(self._noted(incident))
        if len(writes) > _MOST_WRITES:
            message = f"{len(writes)} items do not fit into one transaction {self.place}"
            raise StateFolder(message, hint="contain fewer principals at a time")
        return tuple(writes)

    def _noted(self, incident: str) -> tuple[Change, ...]:
        """Return the note of a new incident on the claim: only the first one, and only if ours."""
        if self._claim is None:
            return ()
        expected = {"owner": self._claim.owner, "incident": None}
        key = claim_key(self._claim.subject)
        return (Change(key=key, values={"incident": incident}, expected=expected),)

    def _has_landed(self, numbered: dict[str, int], token: str) -> bool:
        """Whether an earlier try, whose answer was lost, has written it after all."""
        incident, page = next(iter(numbered.items()))
        there = self._items.get(Key(pk=_journal(incident), sk=number_text(page)))
        return there is not None and there.get("token") == token

    def _refuse_if_lost(self, unmet: Sequence[Write]) -> None:
        for write in unmet:
            match write:
                case Check(key=key):
                    raise _taken_over(key.sk)
                case Change() if self._claim is not None:
                    raise _taken_over(self._claim.subject)
                case Put(key=Key(pk=pk)) if pk == _INDEX:
                    message = f"an incident of that id has been begun meanwhile {self.place}"
                    raise StateFolder(message, hint="run the same command again")
                case _:
                    pass  # a page: it gets another number


def _is_begun(incident: str, rows: Sequence[NewRow]) -> bool:
    return any(row[0] == incident and row[2] == _CREATED for row in rows)


def _journal(incident: str) -> str:
    return f"journal#{incident}"


def _taken_over(name: str) -> TakenOver:
    message = f"another unleak has taken over {name[:60]!a}; this one must not go on"
    return TakenOver(message, hint="the other one finishes it: `unleak incidents`")
