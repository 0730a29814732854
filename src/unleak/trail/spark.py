"""The engine `spark`: the same reading of files as on one machine, on the executors of a cluster.

The driver sends the words that are sought; the executors glance at the files and send back what was
asked for.  What a file names stays on the executors, cached, so that a later question opens only
the files that may hold it.  Paths without a scheme are read by the executors themselves, so each of
them has to see the same files; `s3a://`, `hdfs://` and the like are read by Spark's own source.

Nothing is set on the session, secrets least of all: who starts Spark has said how it gets in.
The executors need unleak installed, and `unleak[trail]` to be quick.
Source: https://spark.apache.org/docs/latest/sql-data-sources-binaryFile.html
"""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from unleak.errors import NotInstalled, UnleakError, WrongUse
from unleak.evidence.clean import printable, redact
from unleak.trail.crew import glance_at_file
from unleak.trail.glance import Glance, glance_at
from unleak.trail.layout import LOG_SUFFIXES
from unleak.trail.local import LocalTrail
from unleak.trail.tokens import Index

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from unleak.model.trace import Skipped
    from unleak.trail.spark_types import Rdd, Session
    from unleak.trail.tokens import Wanted

T = TypeVar("T")
_SLAB: Final = 4_000
"""Files whose answers are with the driver at once: its memory does not grow with the log."""
_FILES_A_TASK: Final = 32
_MOST_IDS: Final = 500_000
"""Event ids that are sent to the driver, which counts duplicates among fewer than these."""
_NO_EVENTS: Final = ("/CloudTrail-Digest/", "/CloudTrail-Insight/")
_HINT: Final = "`pip install 'unleak[spark]'`, and put a Java that it supports on the PATH"


class _Part:
    """Some of the files, after they were read.

    Args:
        indexes: what each of them names, on the executors.
        known: how many words were known when they were read last.
        is_local: whether the executors read the files by themselves.
    """

    def __init__(self, indexes: Rdd[tuple[str, Index]], known: int, *, is_local: bool) -> None:
        self.indexes = indexes
        self.known = known
        self.is_local = is_local


class SparkTrail:
    """Files and folders, read by Spark.

    Args:
        names: paths that every executor sees, or addresses with a scheme that Spark can read.
        slab: how many files are read in one job.

    Raises:
        NotInstalled: there is no Spark, or no Java.
        WrongUse: a path is not there, or an address holds credentials.
        UnleakError: Spark does not start.
    """

    def __init__(self, names: tuple[str, ...], *, slab: int = _SLAB) -> None:
        self._addresses = tuple(each for each in names if "://" in each)
        if any("@" in each.split("://", 1)[1].split("/", 1)[0] for each in self._addresses):
            message = "an address may hold no credentials: Spark writes addresses into its log"
            raise WrongUse(message, hint="give Spark's own configuration the way in")
        self._local = LocalTrail(tuple(Path(each) for each in names if "://" not in each))
        self._errors, self._session = _started()
        self._slab = slab
        self._parts: list[_Part] = []
        self._ids = 0

    def read(self, wanted: Wanted) -> Iterator[Glance]:
        """Read every file once."""
        files = self._local.files
        for start in range(0, len(files), self._slab):
            slab = list(files[start : start + self._slab])
            yield from self._first(self._paths(slab), wanted, is_local=True)
        for address in self._addresses:
            yield from self._first(self._contents(address), wanted, is_local=False)

    def again(self, wanted: Wanted) -> Iterator[Glance]:
        """Open the files again that may hold what became known since."""
        for part in self._parts:
            sought = frozenset(wanted.later_than(part.known))
            part.known = len(wanted)
            if not sought:
                continue
            worth = self._collected(part.indexes.filter(_may_hold(sought)).map(_path_of))
            if worth:
                files = self._paths(worth) if part.is_local else self._contents(*worth)
                read = files.map(_reader(sought, with_ids=False))
                for glance in self._collected(read):
                    # an index, however empty, says that the file was counted before
                    yield replace(glance, index=Index(marks=b""))

    def gaps(self) -> tuple[Skipped, ...]:
        """Return the folders that could not be looked into."""
        return self._local.gaps()

    def notes(self) -> tuple[str, ...]:
        """Return which files of the folders were taken for something else."""
        return self._local.notes()

    def _first(
        self, files: Rdd[tuple[str, bytes | None]], wanted: Wanted, *, is_local: bool
    ) -> Iterator[Glance]:
        """Read files for the first time, and keep on the executors what they name."""
        known, sought = len(wanted), wanted.later_than(0)
        read = files.map(_reader(sought, with_ids=self._ids < _MOST_IDS)).cache()
        glances = self._collected(read.map(_without_index))
        indexes = read.map(_index_of).cache()
        self._counted(indexes)
        read.unpersist()
        self._parts.append(_Part(indexes, known, is_local=is_local))
        for glance in glances:
            self._ids += len(glance.event_ids)
            yield glance

    def _paths(self, paths: list[str]) -> Rdd[tuple[str, bytes | None]]:
        pairs: list[tuple[str, bytes | None]] = [(path, None) for path in paths]
        tasks = max(1, -(-len(pairs) // _FILES_A_TASK))
        return self._session.sparkContext.parallelize(pairs, tasks)

    def _contents(self, *addresses: str) -> Rdd[tuple[str, bytes | None]]:
        reader = self._session.read.format("binaryFile").option("recursiveFileLookup", "true")
        try:
            rows = reader.load(list(addresses)).select("path", "content").rdd
        except self._errors as error:
            raise _failed(error) from None
        return rows.map(_pair_of).filter(_holds_events)

    def _collected(self, rdd: Rdd[T]) -> list[T]:
        try:
            return rdd.collect()
        except self._errors as error:
            raise _failed(error) from None

    def _counted(self, rdd: Rdd[tuple[str, Index]]) -> None:
        try:
            rdd.count()
        except self._errors as error:
            raise _failed(error) from None


def _reader(
    sought: frozenset[str], *, with_ids: bool
) -> Callable[[tuple[str, bytes | None]], Glance]:
    """Return what an executor does with a file: its content, or the path of what it reads."""

    def glance(file: tuple[str, bytes | None]) -> Glance:
        path, content = file
        found = (
            glance_at_file(path, sought) if content is None else glance_at(path, content, sought)
        )
        return found if with_ids else replace(found, event_ids=())

    return glance


def _pair_of(row: tuple[str, bytearray]) -> tuple[str, bytes | None]:
    return row[0], bytes(row[1])


def _holds_events(file: tuple[str, bytes | None]) -> bool:
    return file[0].endswith(LOG_SUFFIXES) and not any(each in file[0] for each in _NO_EVENTS)


def _without_index(glance: Glance) -> Glance:
    return replace(glance, index=None)


def _index_of(glance: Glance) -> tuple[str, Index]:
    return glance.path, glance.index or Index(marks=b"")


def _path_of(named: tuple[str, Index]) -> str:
    return named[0]


def _may_hold(sought: frozenset[str]) -> Callable[[tuple[str, Index]], bool]:
    def may_hold(named: tuple[str, Index]) -> bool:
        return named[1].may_hold(sought)

    return may_hold


def _started() -> tuple[tuple[type[Exception], ...], Session]:
    """Return what Spark raises, and the session of whoever started it, or a new one."""
    if shutil.which("java") is None and not os.environ.get("JAVA_HOME"):
        message = "Spark needs Java, and there is none"
        raise NotInstalled(message, hint=_HINT)
    # the executors of one machine run this Python, unless somebody has said which
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    try:
        builder = import_module("pyspark.sql").SparkSession.builder
        errors: tuple[type[Exception], ...] = (
            import_module("py4j.protocol").Py4JError,
            import_module("pyspark.errors").PySparkException,
        )
    except ImportError as error:
        message = f"the engine spark needs {error.name}"
        raise NotInstalled(message, hint=_HINT) from error
    try:
        session: Session = builder.getOrCreate()
    except errors as error:
        raise _failed(error) from None
    return errors, session


def _failed(error: Exception) -> UnleakError:
    """Return the situation, without the Java stack trace: that may show how somebody got in."""
    words = next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)
    message = f"Spark failed: {printable(redact(words), limit=300)}"
    return UnleakError(message, hint="look at Spark's own log for the executor's words")
