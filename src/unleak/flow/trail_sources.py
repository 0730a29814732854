"""Turn `--trail` and `--engine` into sources: files, buckets, rows, the event history, queries."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from unleak.errors import WrongUse
from unleak.model.frozen import dataclass
from unleak.trail.local import LocalTrail
from unleak.trail.places import ATHENA, LAKE

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from unleak.evidence.target import NamedTarget
    from unleak.model.credential import FoundCredential
    from unleak.model.trail_doors import TraceDoors
    from unleak.trail.source import Source

LOOKUP: Final = "lookup"
"""The trail that AWS keeps for everybody."""
ROWS: Final = ".duckdb"
"""How the name of a file ends that `--rows` wrote."""
BUCKET: Final = "s3://"
"""What the URL of a trail in a bucket begins with."""
_BUCKET_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{2,254}")
"""Of any age: names of before 2018 may be longer than today's, and hold capitals.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
"""


class Engine(StrEnum):
    """Where the reading is done."""

    LOCAL = "local"
    SPARK = "spark"
    ATHENA = "athena"


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceWish:
    """What to follow, and where."""

    found: tuple[FoundCredential, ...]
    named: NamedTarget | None = None
    trails: tuple[str, ...] = ()
    """Files, folders, `s3://BUCKET/PREFIX`, `athena:...`, `lake:...`, `lookup`; empty: `lookup`."""
    since: datetime | None = None
    until: datetime | None = None
    engine: Engine = Engine.LOCAL
    rows: Path | None = None
    """Where to write the rows of what is found; None: nowhere."""


def sources_of(
    wish: TraceWish, doors: TraceDoors, hears: Callable[[str], None]
) -> tuple[Source, ...]:
    """Return the sources that a wish names; nothing is read yet.

    Args:
        wish: where to read, which time, and on what.
        doors: the responder's cloud; opened for what is not a file.
        hears: is told of progress.

    Raises:
        WrongUse: a trail makes no sense, or not with this engine.
    """
    names = tuple(dict.fromkeys(wish.trails or (LOOKUP,)))
    queried = tuple(name for name in names if name.startswith((ATHENA, LAKE)))
    files = tuple(name for name in names if name != LOOKUP and name not in queried)
    if wish.engine is Engine.ATHENA and len(queried) < len(names):
        message = "the engine athena reads trails that are queried, such as athena:DATABASE.TABLE"
        hint = "name one with --trail; --print-athena-ddl prints how to make a table of a bucket"
        raise WrongUse(message, hint=hint)
    sources = _on_spark(files) if wish.engine is Engine.SPARK else _here(files, wish, doors, hears)
    if LOOKUP in names:
        from unleak.trail.lookup import EventHistory  # noqa: PLC0415 - files are read sooner so

        sources.append(EventHistory(doors.reader(), since=wish.since))
    sources += [_queried(name, wish, doors, hears) for name in queried]
    return tuple(sources)


def _queried(name: str, wish: TraceWish, doors: TraceDoors, hears: Callable[[str], None]) -> Source:
    from unleak.flow.queried import queried_trail  # noqa: PLC0415 - as above

    return queried_trail(name, doors, since=wish.since, until=wish.until, hears=hears)


def _on_spark(names: tuple[str, ...]) -> list[Source]:
    if not names:
        message = "the engine spark reads files, and none are named"
        raise WrongUse(message, hint="name a folder that every executor sees, or an s3a:// address")
    from unleak.trail.spark import SparkTrail  # noqa: PLC0415 - loads Spark, if it is there

    return [SparkTrail(names)]


def _here(
    names: tuple[str, ...], wish: TraceWish, doors: TraceDoors, hears: Callable[[str], None]
) -> list[Source]:
    paths = [Path(name) for name in names if not name.startswith(BUCKET)]
    logs = tuple(path for path in paths if path.suffix != ROWS)
    sources: list[Source] = [LocalTrail(logs)] if logs else []
    sources += [_rows(path) for path in paths if path.suffix == ROWS]
    sources += [_in_bucket(name, wish, doors, hears) for name in names if name.startswith(BUCKET)]
    return sources


def _rows(path: Path) -> Source:
    """Return what an earlier trace found, as a trail."""
    if not path.is_file():
        message = f"there is no file of rows at {str(path)[:200]!a}"
        raise WrongUse(message, hint="name a file that `unleak trace --rows` wrote")
    from unleak.trail.rows.source import RowsTrail  # noqa: PLC0415 - loads DuckDB

    return RowsTrail(path)


def _in_bucket(
    url: str, wish: TraceWish, doors: TraceDoors, hears: Callable[[str], None]
) -> Source:
    """Make the source of one URL; nobody is asked yet."""
    name, _, prefix = url.removeprefix(BUCKET).partition("/")
    if not _BUCKET_NAME.fullmatch(name):
        message = f"{url[:200]!a} names no bucket"
        raise WrongUse(message, hint="write s3://BUCKET or s3://BUCKET/AWSLogs")
    from unleak.trail.remote import BucketTrail  # noqa: PLC0415 - as above

    return BucketTrail(
        doors.trail_bucket(name), prefix, since=wish.since, until=wish.until, hears=hears
    )
