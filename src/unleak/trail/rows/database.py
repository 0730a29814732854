"""Open a file of rows with DuckDB, locked up: it reads that file and nothing else."""

from __future__ import annotations

from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

from unleak.errors import NotInstalled, UnleakError, WrongUse
from unleak.trail.rows.tables import FORMAT, MARK

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from unleak.trail.fields import Json

Row: TypeAlias = "tuple[Json, ...]"

_QUIET: Final = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "threads": 1,  # processes that read logs may be forked while the file is open
}
_LOCKED: Final = {**_QUIET, "enable_external_access": False, "lock_configuration": True}
"""A file from somebody else may hold views of any kind; they reach no other file and no network.

Source: https://duckdb.org/docs/stable/operations_manual/securing_duckdb/overview
"""


class NoRows(UnleakError):
    """A file of rows is damaged, or cannot be written."""

    code = "no-rows"


class _Connection(Protocol):
    """What is used of DuckDB's connection."""

    def execute(self, query: str, parameters: Sequence[Json] = ..., /) -> _Connection: ...
    def fetchmany(self, size: int, /) -> list[Row]: ...
    def close(self) -> None: ...


class _DuckDB(Protocol):
    """What is used of the module."""

    @property
    def Error(self) -> type[Exception]: ...  # noqa: N802 - DuckDB's name

    def connect(
        self, database: str, *, read_only: bool, config: Mapping[str, bool | int]
    ) -> _Connection: ...


class Database:
    """One open file.

    Args:
        path: where it is; `:memory:` is none.
        config: DuckDB's settings.
        read_only: whether it is there already, and stays as it is.

    Raises:
        NotInstalled: DuckDB is not there.
        NoRows: the file cannot be opened.
    """

    _AT_ONCE: Final = 5_000

    def __init__(self, path: str, config: Mapping[str, bool | int], *, read_only: bool) -> None:
        self._error = duckdb().Error
        self._path = path
        try:
            self._connection = duckdb().connect(path, read_only=read_only, config=config)
        except self._error as error:
            raise self._trouble() from error

    def run(self, statement: str, parameters: Sequence[Json] = ()) -> None:
        """Run one statement.

        Raises:
            NoRows: DuckDB refuses.
        """
        try:
            self._connection.execute(statement, list(parameters))
        except self._error as error:
            raise self._trouble() from error

    def answers(self, query: str, parameters: Sequence[Json] = ()) -> Iterator[list[Row]]:
        """Yield what a question is answered with, some rows at a time.

        Raises:
            NoRows: the file is damaged.
        """
        self.run(query, parameters)
        while True:
            try:
                rows = self._connection.fetchmany(self._AT_ONCE)
            except self._error as error:
                raise self._trouble() from error
            if not rows:
                return
            yield rows

    def asked(self, query: str, parameters: Sequence[Json] = ()) -> list[Row]:
        """Return what a question is answered with.

        Raises:
            NoRows: the file is damaged.
        """
        return [row for rows in self.answers(query, parameters) for row in rows]

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def _trouble(self) -> NoRows:
        message = f"DuckDB cannot read or write {self._path[:200]!a}"
        return NoRows(message, hint="trace the logs again with --rows")


def duckdb() -> _DuckDB:
    """Return the module.

    Raises:
        NotInstalled: it is not there.
    """
    try:
        module: _DuckDB = import_module("duckdb")
    except ImportError as error:
        message = "the Python package duckdb is not installed"
        raise NotInstalled(message, hint="`pip install 'unleak[rows]'`") from error
    return module


def new_database(path: Path) -> Database:
    """Make an empty file.

    Args:
        path: where nothing is yet.

    Raises:
        NotInstalled: DuckDB is not there.
        NoRows: the file cannot be made.
    """
    return Database(str(path), _QUIET, read_only=False)


@contextmanager
def in_memory() -> Iterator[Database]:
    """Lend a database without a file, to look at other files with.

    Raises:
        NotInstalled: DuckDB is not there.
    """
    database = Database(":memory:", _QUIET, read_only=False)
    try:
        yield database
    finally:
        database.close()


def opened(path: Path) -> Database:
    """Open a file of rows to read it.

    Args:
        path: the file.

    Raises:
        NotInstalled: DuckDB is not there.
        NoRows: it is damaged, or no file of DuckDB's.
        WrongUse: it holds no rows of ours.
    """
    database = Database(str(path), _LOCKED, read_only=True)
    try:
        found = database.asked("SELECT value FROM about WHERE name = ?", [MARK])
    except NoRows:
        found = []
    if found != [(FORMAT,)]:
        database.close()
        message = f"{str(path)[:200]!a} holds no rows that this unleak can read"
        raise WrongUse(message, hint="name a file that `unleak trace --rows` wrote")
    return database
