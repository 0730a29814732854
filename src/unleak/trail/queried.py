"""A trail that others hold and search: Athena over a table of it, or CloudTrail Lake.

Each query reads the whole span of time and is paid by what it reads, so there are few of them.  The
first one asks for the seeds' calls and, with them, for every call that handed out a credential: the
chain from key to key is then followed in memory, however long, and the second query asks for what
all of it did.  Where so many credentials are handed out that they don't fit into one answer, each
step of the chain costs a query instead.
"""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from unleak.errors import UnleakError
from unleak.evidence.clean import printable
from unleak.model.frozen import dataclass
from unleak.model.trace import Skipped
from unleak.trail.columns import COLUMNS, document_of
from unleak.trail.glance import Glance, tokens_of
from unleak.trail.record import read_record
from unleak.trail.statements import Question, is_askable, statements_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from unleak.model.query import Querier
    from unleak.trail.dialects import Dialect
    from unleak.trail.record import Record
    from unleak.trail.tokens import Wanted

MOST_MINTS: Final = 100_000
"""Rows of the first answer: at a thousand a page, some minutes of fetching."""
MOST_ROWS: Final = 1_000_000
_LISTS: Final = tuple(column.name for column in COLUMNS if column.each is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """What a kind of store is like, beside its SQL."""

    name: str
    """What to call it: `athena security.trail`."""
    price: Callable[[int], str]
    """Says in words what reading so many bytes costs."""
    remarks: tuple[str, ...] = ()


class QueriedTrail:
    """A trail that is asked in SQL.

    Args:
        store: what it is.
        dialect: its SQL.
        querier: puts the questions.
        since: earlier events are not asked for.
        until: later events are not asked for.
        hears: is told before each query.
        most_mints: the most rows that the first answer may have.
        most_rows: the most rows of any other answer.
    """

    def __init__(  # noqa: PLR0913 - all but the first three are seldom given
        self,
        store: Store,
        dialect: Dialect,
        querier: Querier,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        hears: Callable[[str], None] = lambda _: None,
        most_mints: int = MOST_MINTS,
        most_rows: int = MOST_ROWS,
    ) -> None:
        self._store = store
        self._dialect = dialect
        self._querier = querier
        self._since = since
        self._until = until
        self._hears = hears
        self._most_mints = most_mints
        self._most_rows = most_rows
        self._known = 0
        self._seen: set[str] = set()
        self._edges: dict[str, list[Record]] = defaultdict(list)
        self._gaps: dict[str, Skipped] = {}
        self._remarks: list[str] = list(store.remarks)
        self._queries = 0
        self._scanned = 0
        self._results: set[str] = set()

    def read(self, wanted: Wanted) -> Iterator[Glance]:
        """Ask for what is sought, and for the edges of every chain; then for what those did."""
        fresh = self._fresh(wanted)
        most = self._most_mints
        records = self._answer(Question(words=fresh, with_mints=True, most=most), is_whole=False)
        if len(records) >= most:
            self._remarks.append(
                f"{self._store.name}: more than {most} credentials were handed out in this span,"
                " so each step of the chain cost a query: a later --since is cheaper"
            )
            records = self._answer(Question(words=fresh, most=self._most_rows))
        else:
            self._hold(records)
        yield self._glance(records, wanted)
        yield from self.again(wanted)

    def again(self, wanted: Wanted) -> Iterator[Glance]:
        """Ask for what became known, and for what that makes known in turn."""
        while fresh := self._fresh(wanted):
            yield self._glance(self._answer(Question(words=fresh, most=self._most_rows)), wanted)

    def gaps(self) -> tuple[Skipped, ...]:
        """Return the queries that failed, and the answers that were cut off."""
        return tuple(self._gaps.values())

    def notes(self) -> tuple[str, ...]:
        """Return what was scanned, what it cost, and what the store can't tell."""
        name, scanned = self._store.name, self._scanned
        queries = "1 query" if self._queries == 1 else f"{self._queries} queries"
        found = [f"{name}: {queries} read {in_units(scanned)}, {self._store.price(scanned)}"]
        if self._since is None and self._until is None:
            found.append(f"{name}: without --since and --until each query reads everything")
        found += [f"the results of the queries stay in {each}" for each in sorted(self._results)]
        return (*found, *self._remarks)

    def _fresh(self, wanted: Wanted) -> tuple[str, ...]:
        """Return what has become known since the last question, as far as it can be asked for."""
        fresh = sorted(wanted.later_than(self._known))
        self._known = len(wanted)
        for each in fresh:
            if not is_askable(each):
                name = printable(each, limit=80)
                self._gap(name, "its name holds what AWS allows in none, and was not asked for")
        return tuple(each for each in fresh if is_askable(each))

    def _answer(self, question: Question, *, is_whole: bool = True) -> list[Record]:
        """Return what nobody has seen yet of the answers to a question."""
        whole = Question(
            words=question.words,
            with_mints=question.with_mints,
            since=self._since,
            until=self._until,
            most=question.most,
        )
        found: list[Record] = []
        for statement in statements_of(self._dialect, whole):
            rows = self._rows(statement)
            if is_whole and len(rows) >= question.most:
                self._gap(f"query {self._queries}", f"only {question.most} events were asked for")
            found += rows
        return found

    def _rows(self, statement: str) -> list[Record]:
        self._queries += 1
        label = f"query {self._queries}"
        self._hears(f"{self._store.name}: {label} is running")
        records: list[Record] = []
        try:
            answer = self._querier.run(statement)
            self._scanned += answer.scanned_bytes
            if answer.result:
                self._results.add(printable(answer.result.rpartition("/")[0], limit=400))
            for row in answer.rows:
                record = read_record(document_of(_unpacked(row)))
                if record is not None:
                    records.append(record)
        except UnleakError as error:
            self._gap(label, error.message)
        return records

    def _hold(self, records: list[Record]) -> None:
        """Keep the edges, so that a chain is followed without another query."""
        for record in records:
            if record.key_id is not None and record.minted:
                self._edges[record.key_id].append(record)

    def _glance(self, records: list[Record], wanted: Wanted) -> Glance:
        fresh = [each for each in records if not each.event_id or each.event_id not in self._seen]
        self._seen.update(each.event_id for each in fresh)
        times = [each.at for each in fresh if each.at is not None]
        # what was held as an edge counts once, but may be sought only now
        sought = [each for each in records if any(token in wanted for token in tokens_of(each))]
        return Glance(
            path=self._store.name,
            events=len(fresh),
            event_ids=tuple(each.event_id for each in fresh),
            first=min(times, default=None),
            last=max(times, default=None),
            regions=tuple(sorted({each.region for each in fresh if each.region})),
            hits=tuple(self._chained(sought, wanted)),
        )

    def _chained(self, sought: list[Record], wanted: Wanted) -> Iterator[Record]:
        """Yield the records, and after each the edges that lead on from what it handed out."""
        yield from sought
        given = {id(each) for each in sought}
        waiting = [each for each in sought if each.key_id in wanted and each.is_success]
        while waiting:
            for minted in waiting.pop(0).minted:
                for edge in self._edges.get(minted.key_id, ()):
                    if id(edge) not in given:
                        given.add(id(edge))
                        waiting.append(edge)
                        yield edge

    def _gap(self, path: str, why: str) -> None:
        where = f"{self._store.name} {path}"
        self._gaps.setdefault(where, Skipped(path=where, why=printable(why, limit=400)))


def _unpacked(row: Mapping[str, str]) -> dict[str, str | Sequence[str | None]]:
    """Return a row whose lists, which come as texts of JSON, are lists again."""
    found: dict[str, str | Sequence[str | None]] = dict(row)
    for name in _LISTS:
        text = row.get(name)
        if text is not None:
            found[name] = _texts(text)
    return found


def _texts(text: str) -> list[str | None]:
    try:
        members: object = json.loads(text)
    except (ValueError, RecursionError):
        return []
    if not isinstance(members, list):
        return []
    return [each if isinstance(each, str) else None for each in members]


def in_units(size: int) -> str:
    """Return a number of bytes as people say it.

    Args:
        size: the bytes.
    """
    for unit, worth in (("TB", 10**12), ("GB", 10**9), ("MB", 10**6)):
        if size >= worth:
            return f"{size / worth:.2f} {unit}"
    return f"{size} bytes"
