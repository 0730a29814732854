"""Which state a flow works with: the one it was given, else what `UNLEAK_HOME` names."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from unleak.apply.home import prepare_home, state_home
from unleak.apply.state import state_at
from unleak.errors import WrongUse

if TYPE_CHECKING:
    from pathlib import Path

    from unleak.apply.state import Home, State
    from unleak.flow.doors import Doors

SCHEME = "dynamodb:"
_TABLE = re.compile(r"[A-Za-z0-9_.-]{3,255}", re.ASCII)
"""https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html"""


def chosen_state(home: Home | None, doors: Doors) -> State:
    """Return the state to work with; nothing is opened or asked yet.

    Args:
        home: a folder or a state; None leaves it to `UNLEAK_HOME`, then to the platform.
        doors: open the table where `UNLEAK_HOME` is `dynamodb:TABLE`.

    Raises:
        WrongUse: `UNLEAK_HOME` names something that cannot be a table.
    """
    if home is not None:
        return state_at(home)
    table = named_table()
    return state_at(state_home()) if table is None else doors.state_table(table)


def named_table() -> str | None:
    """Return the table that `UNLEAK_HOME` names, None where it names a folder or nothing.

    Raises:
        WrongUse: it begins with `dynamodb:`, and what follows is no name of a table.
    """
    chosen = os.environ.get("UNLEAK_HOME", "")
    if not chosen.startswith(SCHEME):
        return None
    name = chosen.removeprefix(SCHEME)
    if not _TABLE.fullmatch(name):
        message = f"UNLEAK_HOME={chosen[:80]!a} names no DynamoDB table"
        raise WrongUse(message, hint="it is `dynamodb:TABLE`, or the path of a folder")
    return name


def local_folder(home: Path | None) -> Path:
    """Return the folder for what is kept on one machine only: rotations with their places, drills.

    Args:
        home: the state folder; the usual one where None.

    Raises:
        WrongUse: `UNLEAK_HOME` names a table.
        StateFolder: the folder cannot be used.
    """
    if home is None and named_table() is not None:
        message = "rotations and drills are kept in a folder, and UNLEAK_HOME names a table"
        raise WrongUse(message, hint="set UNLEAK_HOME to a folder for this command, or unset it")
    return prepare_home(home or state_home())
