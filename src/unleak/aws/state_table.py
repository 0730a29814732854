"""The journal, the locks and the claims in one DynamoDB table, for responders without a disk.

pk             sk                  what
journal#ID     PAGE.PART           what was appended together; never changed, never deleted
incident       TIME#ID             the list of incidents
lock           NAME                a lease: its owner, and until when
claim          SUBJECT             who answers to a subject; `expires` lets DynamoDB delete it
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from unleak.aws.leases import Leases, Pace
from unleak.aws.table_claims import TableClaims
from unleak.aws.table_entries import TableEntries

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from unleak.aws.items import Items
    from unleak.model.claim import Claim


class TableState:
    """A state in a table, as `apply.state.ClaimableState` says.

    Args:
        items: the table.
        pace: how long leases last.
        claim: what the first incident is noted on, where there is one.
    """

    def __init__(
        self, items: Items, *, pace: Pace | None = None, claim: Claim | None = None
    ) -> None:
        self._items = items
        self._pace = pace or Pace()
        self._claim = claim

    @contextmanager
    def open(self) -> Iterator[OpenTable]:
        """Open it for one worker; nothing is asked until something is read or written."""
        yield OpenTable(self._items, self._pace, self._claim)

    def bound_to(self, claim: Claim) -> TableState:
        """Return the state that notes its first incident on a claim; see `ClaimableState`.

        Args:
            claim: a claim that is ours.
        """
        return TableState(self._items, pace=self._pace, claim=claim)

    def claims(self) -> TableClaims:
        """Return the claims that are kept beside the journal."""
        return TableClaims(self._items)


class OpenTable:
    """One worker's locks and entries.

    Args:
        items: the table.
        pace: how long leases last.
        claim: what the first incident is noted on, where there is one.
    """

    def __init__(self, items: Items, pace: Pace, claim: Claim | None) -> None:
        self._leases = Leases(items, pace)
        self.entries = TableEntries(items, self._leases.fences, claim)

    def hold(self, name: str, *, wait_seconds: float = 0.0) -> AbstractContextManager[None]:
        """Hold a lock that lapses when this process dies; see `apply.state.OpenState.hold`."""
        return self._leases.hold(name, wait_seconds=wait_seconds)
