"""Look into the journal: the list of incidents, and one of them.

AWS is asked for nothing but the journal itself, where that is a table.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from unleak.apply.journal import Journal
from unleak.flow.clock import corrected_now
from unleak.flow.doors import AwsDoors
from unleak.flow.state import chosen_state

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unleak.apply.state import Home
    from unleak.flow.doors import Doors
    from unleak.model.incident import Incident, IncidentSummary


def incidents(
    *, home: Home | None = None, doors: Doors | None = None
) -> tuple[IncidentSummary, ...]:
    """Return one row for each incident of a state, newest first.

    Args:
        home: the state folder or table; the usual one where None.
        doors: open the table that `UNLEAK_HOME` names; the environment's where None.

    Raises:
        StateFolder: the journal cannot be read.
    """
    with _journal(home, doors) as journal:
        return journal.incidents()


def incident(name: str, *, home: Home | None = None, doors: Doors | None = None) -> Incident:
    """Return one incident as the journal tells it.

    Args:
        name: its id, the start of it, or `latest`.
        home: the state folder or table; the usual one where None.
        doors: open the table that `UNLEAK_HOME` names; the environment's where None.

    Raises:
        NoSuchIncident: the journal has none of that name.
        StateFolder: the journal cannot be read.
    """
    with _journal(home, doors) as journal:
        return journal.incident(name)


@contextmanager
def _journal(home: Home | None, doors: Doors | None) -> Iterator[Journal]:
    with chosen_state(home, doors or _own_doors()).open() as state:
        yield Journal(state.entries, now=lambda: corrected_now(None))


def _own_doors() -> Doors:
    from unleak.aws.session import AwsSettings  # noqa: PLC0415 - only a table needs it

    return AwsDoors(AwsSettings())
