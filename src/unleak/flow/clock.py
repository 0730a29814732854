"""The time for the journal: AWS's clock where an answer told it, the local one until then."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from unleak.model.ports import Clock


def corrected_now(clock: Clock | None) -> datetime:
    """Return AWS's time, or the local clock's where nothing was asked yet.

    Only for the journal's own notes; a cut-off never comes from here.

    Args:
        clock: the reader's clock; None for commands that ask AWS nothing.
    """
    told = None if clock is None else clock.now()
    return datetime.now(UTC) if told is None else told
