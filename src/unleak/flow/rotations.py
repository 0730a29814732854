"""The rotations of this machine, as their journal tells them; asks AWS nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.apply.home import prepare_home, state_home
from unleak.flow.clock import corrected_now
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
    """Return the rotations of this machine, newest first.

    Args:
        home: the state folder; the platform's where None.
    """
    with _journal(home) as journal:
        return journal.rotations()


def _journal(home: Path | None) -> RotationJournal:
    folder = prepare_home(home or state_home())
    return RotationJournal.open(folder, now=lambda: corrected_now(None))
