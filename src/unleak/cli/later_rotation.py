"""`resume` and `undo` of a rotation: its id begins with `rotate-`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from unleak.cli.output import print_json, screen
from unleak.cli.rotation_person import RotationPerson, refuse_mixed_output, rotation_exit
from unleak.cli.terminal_person import at_terminal
from unleak.errors import ExitCode

if TYPE_CHECKING:
    from unleak.cli.options import Changing, Responder
    from unleak.flow.rotate import RotationSetting

_PREFIX = "rotate-"


def is_rotation(name: str) -> bool:
    """Whether a name is that of a rotation, not of an incident."""
    return name.startswith(_PREFIX)


def resume_rotation(
    name: str,
    responder: Responder,
    changing: Changing,
    *,
    leave: tuple[str, ...],
    as_json: bool,
) -> int:
    """Go on with a rotation, or show how it stands (`--dry-run`).

    Raises:
        UnleakError: it cannot go on by itself.
    """
    if changing.dry_run:
        return _show(name, as_json=as_json)
    from unleak.flow.rotate import resume_rotation as go_on  # noqa: PLC0415 - loads the stores
    from unleak.flow.rotations import rotation as read  # noqa: PLC0415 - not for --help

    refuse_mixed_output((step.spot for step in read(name).plan.steps), as_json=as_json)
    rotation = go_on(
        name,
        _setting(responder, changing, as_json=as_json),
        leave=leave,
        assume_yes=changing.assume_yes,
    )
    return rotation_exit(rotation, as_json=as_json)


def undo_rotation(
    name: str, responder: Responder, changing: Changing, *, force: bool, as_json: bool
) -> int:
    """Take a rotation back, or show how it stands (`--dry-run`).

    Raises:
        UnleakError: refused, or the old key could not be activated.
    """
    if changing.dry_run:
        return _show(name, as_json=as_json)
    from unleak.flow.rotate import undo_rotation as take_back  # noqa: PLC0415 - loads the stores

    rotation = take_back(
        name,
        _setting(responder, changing, as_json=as_json),
        force=force,
        assume_yes=changing.assume_yes,
    )
    return rotation_exit(rotation, as_json=as_json)


def _show(name: str, *, as_json: bool) -> int:
    from unleak.flow.rotations import rotation  # noqa: PLC0415 - not for --help

    found = rotation(name)
    if as_json:
        from unleak.report.json_rotation import rotation_document  # noqa: PLC0415 - only --json

        print_json(rotation_document(found))
    else:
        screen().rotation(found)
    return ExitCode.DONE


def _setting(responder: Responder, changing: Changing, *, as_json: bool) -> RotationSetting:
    from unleak.flow.rotate import RotationSetting  # noqa: PLC0415 - loads the stores

    return RotationSetting(
        doors=responder.doors(),
        person=RotationPerson(may_ask=at_terminal(changing), quiet=as_json),
        environment=dict(os.environ),
    )
