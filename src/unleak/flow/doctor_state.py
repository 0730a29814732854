"""Whether the journal could be written: before that, no response changes anything."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from unleak.apply.home import HINT, shown, state_home
from unleak.apply.state import FILE_NAME, LocalState
from unleak.errors import UnleakError
from unleak.flow.state import named_table
from unleak.model.preflight import Fitness, PreflightCheck

if TYPE_CHECKING:
    from unleak.apply.state import ClaimableState, State

_NOBODY = "preflight"
"""The name of no incident: reading its rows tells whether the state can be read."""


class StateDoors(Protocol):
    """What is needed of the doors."""

    def state_table(self, name: str) -> ClaimableState:
        """Return the state in a DynamoDB table."""
        ...


def state_check(doors: StateDoors) -> PreflightCheck:
    """Look at the state folder or table; neither is made or written to.

    Whether a table may be written to is among the simulated permissions.
    """
    try:
        table = named_table()
        if table is None:
            return _folder(state_home())
        _read(doors.state_table(table))
    except UnleakError as error:
        return _check(Fitness.FAILED, error.message, fix=error.hint)
    return _check(Fitness.OK, f"the table {table} can be read")


def _folder(folder: Path) -> PreflightCheck:
    if (folder / FILE_NAME).exists():
        _read(LocalState(folder))
    there = next(each for each in (folder, *folder.absolute().parents) if each.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        return _check(Fitness.FAILED, f"{shown(there)} cannot be written to", fix=HINT)
    will = "" if there == folder else ", which will be made"
    return _check(Fitness.OK, f"the folder {shown(folder)}{will}")


def _read(state: State) -> None:
    with state.open() as opened:
        opened.entries.rows(_NOBODY)


def _check(outcome: Fitness, detail: str, *, fix: str = "") -> PreflightCheck:
    return PreflightCheck(name="state", outcome=outcome, detail=detail, fix=fix, is_needed=True)
