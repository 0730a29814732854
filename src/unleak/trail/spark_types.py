"""What the engine `spark` uses of Spark, as protocols: pyspark is not needed to check the types.

Sources: https://spark.apache.org/docs/latest/api/python/reference/api/pyspark.RDD.html
https://spark.apache.org/docs/latest/api/python/reference/pyspark.sql/io.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")
U = TypeVar("U")


class Rdd(Protocol[T]):
    """Things that lie on the executors."""

    def map(self, f: Callable[[T], U]) -> Rdd[U]:
        """Return what a function makes of each."""
        ...

    def filter(self, f: Callable[[T], bool]) -> Rdd[T]:
        """Return those that a function says yes to."""
        ...

    def cache(self) -> Rdd[T]:
        """Keep them, once they were computed."""
        ...

    def unpersist(self) -> Rdd[T]:
        """Keep them no longer."""
        ...

    def collect(self) -> list[T]:
        """Bring them to the driver."""
        ...

    def count(self) -> int:
        """Compute them, and say how many there are."""
        ...


class Context(Protocol):
    """The way to the executors."""

    def parallelize(self, c: Sequence[T], numSlices: int | None = None) -> Rdd[T]:  # noqa: N803 - Spark's name
        """Hand things out to the executors."""
        ...


class Frame(Protocol):
    """Rows on the executors."""

    @property
    def rdd(self) -> Rdd[tuple[str, bytearray]]:
        """The rows, one by one."""
        ...

    def select(self, *cols: str) -> Frame:
        """Return some of the columns."""
        ...


class FrameReader(Protocol):
    """What reads files into rows."""

    def format(self, source: str) -> FrameReader:
        """Say what kind of files they are."""
        ...

    def option(self, key: str, value: str) -> FrameReader:
        """Say how to read them."""
        ...

    def load(self, path: list[str]) -> Frame:
        """Return the rows."""
        ...


class Session(Protocol):
    """A session with Spark."""

    @property
    def sparkContext(self) -> Context:  # noqa: N802 - Spark's name
        """The way to the executors."""
        ...

    @property
    def read(self) -> FrameReader:
        """What reads files into rows."""
        ...
