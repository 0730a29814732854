"""A question in SQL to a store that others run: where it is put, and what it was answered with."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Protocol

from unleak.model.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class AthenaPlace:
    """A table that Athena can query, and how to query it."""

    database: str
    table: str
    catalog: str = "AwsDataCatalog"
    workgroup: str | None = None
    """None: Athena's `primary`."""
    output: str | None = None
    """Where Athena writes each result, an `s3://` address; None: where the workgroup says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LakePlace:
    """An event data store of CloudTrail Lake."""

    store: str
    """Its id: the last part of its ARN."""
    region: str | None = None
    """None: the responder's own region."""
    owner: str | None = None
    """The account of the store, where its ARN told one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableShape:
    """What the catalog says about a table."""

    columns: Mapping[str, str] = field(default_factory=dict)
    """Types by name, both in small letters."""
    partition_keys: tuple[str, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Queried:
    """The answer to one query."""

    rows: Iterable[Mapping[str, str]]
    """Fetched page by page while they are gone through, once; a value that is null is left out."""
    scanned_bytes: int
    result: str = ""
    """Where the store keeps the result, if it tells."""


class Querier(Protocol):
    """Puts a question in SQL to one store, waits for the answer, and cancels what is broken off.

    Starting a query changes nothing of an account's security, but it costs money, and Athena writes
    the result to S3; so this is neither a `Reader` nor a `Writer`.
    """

    def run(self, statement: str) -> Queried:
        """Run one query.

        Args:
            statement: a `SELECT`.

        Raises:
            UnleakError: it was not started, failed, was cancelled by somebody, or took too long.
        """
        ...


class AthenaDesk(Querier, Protocol):
    """A querier that can also tell what the table looks like."""

    def shape(self) -> TableShape:
        """Return what the catalog says about the table.

        Raises:
            UnleakError: there is no such table, or the catalog may not be asked.
        """
        ...
