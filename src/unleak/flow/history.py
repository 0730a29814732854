"""Look into the journal: the list of incidents, and one of them; asks AWS nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.apply.home import prepare_home, state_home
from unleak.apply.journal import Journal
from unleak.flow.clock import corrected_now

if TYPE_CHECKING:
    from pathlib import Path

    from unleak.model.incident import Incident, IncidentSummary


def incidents(*, home: Path | None = None) -> tuple[IncidentSummary, ...]:
    """Return one row for each incident on this machine, newest first.

    Args:
        home: the state folder; the platform's where None.

    Raises:
        StateFolder: the journal cannot be read.
    """
    folder = prepare_home(home or state_home())
    with Journal.open(folder, now=lambda: corrected_now(None)) as journal:
        return journal.incidents()


def incident(name: str, *, home: Path | None = None) -> Incident:
    """Return one incident as the journal tells it.

    Args:
        name: its id, the start of it, or `latest`.
        home: the state folder; the platform's where None.

    Raises:
        NoSuchIncident: the journal has none of that name.
        StateFolder: the journal cannot be read.
    """
    folder = prepare_home(home or state_home())
    with Journal.open(folder, now=lambda: corrected_now(None)) as journal:
        return journal.incident(name)
