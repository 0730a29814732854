"""Whether a file of rows may be written to a place: it replaces nothing but an older one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from unleak.errors import WrongUse
from unleak.trail.rows.database import NoRows, duckdb, in_memory, opened
from unleak.trail.rows.tables import MARK

if TYPE_CHECKING:
    from pathlib import Path

DATABASE: Final = ".duckdb"
PARQUET: Final = ".parquet"


def fit_for_rows(path: Path) -> None:
    """Refuse a place where rows cannot or must not be written.

    Args:
        path: where the file is to be.

    Raises:
        WrongUse: its kind is unknown, its folder is not there, or it would replace something else.
        NotInstalled: DuckDB is not there.
    """
    duckdb()
    if path.suffix not in {DATABASE, PARQUET}:
        message = f"rows are written to a file in {DATABASE} or {PARQUET}"
        raise WrongUse(message, hint=f"name it thief{DATABASE}, for example")
    if not path.parent.is_dir():
        message = f"there is no folder {str(path.parent)[:200]!a}"
        raise WrongUse(message, hint="make it, or name another one with --rows")
    is_free = not path.is_symlink() and not path.exists()
    if not is_free and not (path.is_file() and not path.is_symlink() and _holds_rows(path)):
        message = f"{str(path)[:200]!a} is there, and is no file of rows"
        raise WrongUse(message, hint="name another file with --rows")


def _holds_rows(path: Path) -> bool:
    try:
        if path.suffix == PARQUET:
            return _is_our_parquet(path)
        opened(path).close()
    except (NoRows, WrongUse):
        return False
    return True


def _is_our_parquet(path: Path) -> bool:
    with in_memory() as database:
        query = "SELECT 1 FROM parquet_kv_metadata(?) WHERE decode(key) = ?"
        return bool(database.asked(query, [str(path), MARK]))
