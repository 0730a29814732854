"""The rotations of this machine, as their journal tells them; asks AWS nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.flow.clock import corrected_now
from unleak.flow.state import local_folder, named_table
from unleak.rotate.journal import RotationJournal

if TYPE_CHECKING:
    from pathlib import Path

    from unleak.model.rotation import Rotation


def rotation(name: str, home: Path | None = None) -> Rotation:
    """Return one rotation as it stands.

    Args:
        name: its id, the start of it, or `latest`.
        home: the state folder; the platform's where None.

    Raises:
        NoSuchIncident: there is none of that name.
    """
    with _journal(home) as journal:
        return journal.rotation(name)


def rotations(home: Path | None = None) -> tuple[Rotation, ...]:
    """Return the rotations of this machine, newest first; a table holds none.

    Args:
        home: the state folder; the platform's where None.
    """
    if home is None and named_table() is not None:
        return ()
    with _journal(home) as journal:
        return journal.rotations()


def _journal(home: Path | None) -> RotationJournal:
    return RotationJournal.open(local_folder(home), now=lambda: corrected_now(None))
