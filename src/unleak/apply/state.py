"""Where the journal and the locks live: a folder of this machine, or a table that many share."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeAlias

from unleak.apply.database import Database
from unleak.apply.home import prepare_home
from unleak.apply.lock import hold

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager

    from unleak.apply.database import Row
    from unleak.model.claim import Claim, Claims

FILE_NAME = "journal.sqlite3"


class Entries(Protocol):
    """The rows of the journal, append-only; safe for several threads."""

    @property
    def place(self) -> str:
        """Where they are, in words that are safe on a terminal."""
        ...

    def transaction(self) -> AbstractContextManager[None]:
        """Make all appends inside durable together; nesting joins in.

        Raises:
            StateFolder: they could not be written; then none of them was.
        """
        ...

    def append(self, rows: Sequence[tuple[str, str, str, str | None, str]]) -> None:
        """Append entries (incident, at, kind, step, body); durable when this returns.

        Raises:
            StateFolder: they could not be written.
        """
        ...

    def rows(self, incident: str) -> list[Row]:
        """Return the entries of one incident, oldest first."""
        ...

    def rows_of_kinds(self, kinds: Sequence[str]) -> list[Row]:
        """Return the entries of some kinds over all incidents, oldest incident first."""
        ...

    def incident_ids(self) -> tuple[str, ...]:
        """Return the ids of all incidents, the oldest first."""
        ...

    def close(self) -> None:
        """Let go; what was appended stays."""
        ...


class OpenState(Protocol):
    """One worker's hold on a state: its locks are its own, and its entries are fenced by them."""

    @property
    def entries(self) -> Entries:
        """The journal's rows."""
        ...

    def hold(self, name: str, *, wait_seconds: float = 0.0) -> AbstractContextManager[None]:
        """Hold a lock for the length of a `with` block.

        Args:
            name: the incident's id, or any other name.
            wait_seconds: how long to wait for another worker that holds it.

        Raises:
            IncidentBusy: another worker holds it.
            StateFolder: it cannot be taken at all.
        """
        ...


class State(Protocol):
    """Where incidents are journaled and locked; opened once for each flow."""

    def open(self) -> AbstractContextManager[OpenState]:
        """Open it for one worker, and let go of it afterwards.

        Raises:
            StateFolder: it cannot be used.
        """
        ...


class ClaimableState(State, Protocol):
    """A state that can tie the incident which it creates to the claim of a response."""

    def claims(self) -> Claims:
        """Return the claims that are kept beside the journal."""
        ...

    def bound_to(self, claim: Claim) -> State:
        """Return the same state; the first incident begun in it is noted on the claim.

        Both are written in one transaction, which fails where the claim is not ours any more: so a
        subject never has two incidents, and whoever takes over finds the one there is.

        Args:
            claim: a claim that is ours.
        """
        ...


class LocalState:
    """A folder of this machine: SQLite for the journal, locks that die with the process.

    Args:
        folder: the state folder; made where it is not there.
        claim: noted with the first incident that is begun here; None for people at a terminal.
    """

    def __init__(self, folder: Path, claim: Claim | None = None) -> None:
        self.folder = folder
        self._claim = claim

    @contextmanager
    def open(self) -> Iterator[OpenFolder]:
        """Open the journal's file.

        Raises:
            StateFolder: the folder or the file cannot be used.
        """
        entries = Database(prepare_home(self.folder) / FILE_NAME)
        try:
            yield OpenFolder(self.folder, self._bound(entries))
        finally:
            entries.close()

    def _bound(self, entries: Database) -> Entries:
        if self._claim is None:
            return entries
        from unleak.apply.claims_file import BoundEntries  # noqa: PLC0415 - only for responders

        return BoundEntries(entries, self._claim)

    def claims(self) -> Claims:
        """Return the claims of this machine."""
        from unleak.apply.claims_file import FolderClaims  # noqa: PLC0415 - only for responders

        return FolderClaims(self.folder / FILE_NAME)

    def bound_to(self, claim: Claim) -> LocalState:
        """Return the state that notes its first incident on a claim; see `ClaimableState`."""
        return LocalState(self.folder, claim)


class OpenFolder:
    """The open folder.

    Args:
        folder: where the locks are.
        entries: the open file.
    """

    def __init__(self, folder: Path, entries: Entries) -> None:
        self._folder = folder
        self.entries = entries

    def hold(self, name: str, *, wait_seconds: float = 0.0) -> AbstractContextManager[None]:
        """Hold a lock of this machine; see `OpenState.hold`."""
        return hold(self._folder, name, wait_seconds=wait_seconds)


Home: TypeAlias = Path | State
"""What callers may name: a folder, or a state of their own."""


def state_at(home: Home) -> State:
    """Return the state that a home stands for.

    Args:
        home: a folder, or a state.
    """
    return LocalState(home) if isinstance(home, Path) else home
