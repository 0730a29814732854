"""Where records come from: one protocol for files and for AWS's own event history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unleak.model.trace import Skipped
    from unleak.trail.glance import Glance
    from unleak.trail.tokens import Wanted


class Source(Protocol):
    """A place with records; it is read in full once, and then asked again for what became known."""

    def read(self, wanted: Wanted) -> Iterator[Glance]:
        """Read everything, and yield what each part came to.

        Args:
            wanted: the words that are sought; it may grow while this goes on.
        """
        ...

    def again(self, wanted: Wanted) -> Iterator[Glance]:
        """Look for the words that became known since each part was read; count nothing anew.

        Args:
            wanted: all words that are sought.
        """
        ...

    def gaps(self) -> tuple[Skipped, ...]:
        """Return what was left out, beside what the glances tell."""
        ...

    def notes(self) -> tuple[str, ...]:
        """Return what to know about this place's completeness."""
        ...
