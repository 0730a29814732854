"""What wants to hear of every record of a trace, and of its answer: the file of rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unleak.model.trace import Trace
    from unleak.trail.closure import Closed
    from unleak.trail.record import Record


class Keeper(Protocol):
    """Keeps what a trace found."""

    def keep(self, record: Record) -> None:
        """Take a record that was found, each once."""
        ...

    def finish(self, answer: Trace, closed: Closed, words: Sequence[str]) -> None:
        """Take the answer; nothing comes after it.

        Args:
            answer: what the trace has come to.
            closed: whose calls belong to it.
            words: all words that were sought.
        """
        ...


class NoKeeper:
    """Keeps nothing."""

    def keep(self, record: Record) -> None:
        """Let the record go."""

    def finish(self, answer: Trace, closed: Closed, words: Sequence[str]) -> None:
        """Let the answer go."""
