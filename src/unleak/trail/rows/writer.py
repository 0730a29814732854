"""Write a file of rows while a trace goes on; it is there when it is whole, and not before."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self, TextIO

from unleak.trail.rows.answer import tables_of
from unleak.trail.rows.database import NoRows, new_database
from unleak.trail.rows.place import PARQUET, fit_for_rows
from unleak.trail.rows.row import row_of
from unleak.trail.rows.tables import COPY, FORMAT, MARK, TABLES, TIMELINE, create, load

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from types import TracebackType

    from unleak.model.trace import Trace
    from unleak.trail.closure import Closed
    from unleak.trail.fields import Json
    from unleak.trail.record import Record
    from unleak.trail.rows.database import Database

_BATCH: Final = 50_000
"""Rows that go into the database at once; until then they are lines in a file of our own."""
_OURS_ALONE: Final = 0o600


class RowsFile:
    """A file of rows in the making; a context manager, so that nothing is left of half a file.

    Args:
        path: a `.duckdb` with all tables, or a `.parquet` with the timeline alone.
        span: since when and until when calls were looked at, as texts.

    Raises:
        WrongUse: the path is of another kind, its folder is not there, or something else is there.
        NotInstalled: DuckDB is not there.
        NoRows: nothing can be written there.
    """

    def __init__(self, path: Path, *, span: Mapping[str, str]) -> None:
        fit_for_rows(path)
        self._path = path
        self._span = span
        try:
            self._folder = Path(tempfile.mkdtemp(prefix=".unleak-rows-", dir=path.parent))
        except OSError as error:
            raise _not_written(path, error) from error
        self._whole = self._folder / f"rows{path.suffix}"
        self._waiting = self._folder / "rows.ndjson"
        self._lines: TextIO | None = None
        self._count = 0
        self._database = self._made()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._lines is not None:
            self._lines.close()
        self._database.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def keep(self, record: Record) -> None:
        """Take a call."""
        self._add("calls", row_of(record))

    def finish(self, answer: Trace, closed: Closed, words: Sequence[str]) -> None:
        """Take the answer, and put the file where it belongs."""
        self._load("calls")
        about = {MARK: FORMAT, **self._span}
        for table, rows in tables_of(answer, closed, words, about).items():
            self._fill(table, rows)
        self._database.run(TIMELINE)
        if self._path.suffix == PARQUET:
            self._database.run(COPY, [str(self._whole)])
        self._database.close()
        try:
            self._whole.chmod(_OURS_ALONE)
            _sync(self._whole)
            self._whole.replace(self._path)
        except OSError as error:
            raise _not_written(self._path, error) from error

    def _made(self) -> Database:
        try:
            database = new_database(self._folder / "rows.duckdb")
            for table in TABLES:
                database.run(create(table))
        except NoRows:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise
        return database

    def _fill(self, table: str, rows: Iterable[Mapping[str, Json]]) -> None:
        for row in rows:
            self._add(table, row)
        self._load(table)

    def _add(self, table: str, row: Mapping[str, Json]) -> None:
        try:
            if self._lines is None:
                self._lines = self._waiting.open("w", encoding="ascii")
            self._lines.write(json.dumps(row) + "\n")
        except OSError as error:
            raise _not_written(self._path, error) from error
        self._count += 1
        if self._count == _BATCH:
            self._load(table)

    def _load(self, table: str) -> None:
        """Put the lines that are waiting into their table."""
        if self._lines is None:
            return
        try:
            self._lines.close()
        except OSError as error:
            raise _not_written(self._path, error) from error
        self._database.run(load(table), [str(self._waiting)])
        self._lines, self._count = None, 0


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _not_written(path: Path, error: OSError) -> NoRows:
    message = f"the rows cannot be written to {str(path)[:200]!a}: {error.strerror}"
    return NoRows(message, hint="name another place with --rows; nothing was left there")
