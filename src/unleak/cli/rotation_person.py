"""The person at the terminal, as a rotation sees him; and what a rotation shows in the end."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from unleak.cli.output import print_json, screen
from unleak.cli.question import confirm
from unleak.errors import ExitCode, WrongUse
from unleak.model.rotation import RotationStatus
from unleak.report.terminal import Screen

if TYPE_CHECKING:
    from collections.abc import Iterable

    from unleak.model.rotation import Rotation, RotationPlan, RotationStep, Spot

_STDOUT = "stdout"
_EXITS = {
    RotationStatus.ROTATED: ExitCode.DONE,
    RotationStatus.UNDONE: ExitCode.DONE,
    RotationStatus.WAITING: ExitCode.UNPROVEN,
    RotationStatus.PARTIAL: ExitCode.PARTIAL,
    RotationStatus.FAILED: ExitCode.FAILED,
}


class RotationPerson:
    """Asks on stderr and answers from stdin; with `--yes` or without a terminal it asks nothing.

    Args:
        may_ask: whether there is somebody to ask.
        quiet: drop the progress.
    """

    def __init__(self, *, may_ask: bool, quiet: bool = False) -> None:
        self._may_ask = may_ask
        self._quiet = quiet

    def accepts_rotation(self, plan: RotationPlan) -> bool:
        """Show the plan and ask the one question."""
        screen().rotation_plan(plan, talk=True)
        return self._may_ask and confirm("Do this now?", default=False)

    def hears(self, text: str) -> None:
        """Show progress."""
        if not self._quiet:
            screen().progress(text)

    def sees_rotation(self, step: RotationStep) -> None:
        """Show what a step has come to."""
        if not self._quiet:
            screen().rotation_step(step)


def refuse_mixed_output(spots: Iterable[Spot | None], *, as_json: bool) -> None:
    """Keep the new secret and the one JSON document from meeting on stdout.

    Raises:
        WrongUse: both want it.
    """
    if as_json and any(spot is not None and spot.store == _STDOUT for spot in spots):
        message = "the new key and the JSON document cannot both go to stdout"
        raise WrongUse(message, hint="leave out --json, or name another place than stdout")


def rotation_exit(rotation: Rotation, *, as_json: bool) -> int:
    """Show what a rotation has come to, and return the exit code.

    Where the new key went to stdout nothing else may go there: it may be `eval`ed by a shell, and
    the words hold text from outside.
    """
    prints = any(step.spot and step.spot.store == _STDOUT for step in rotation.plan.steps)
    if prints:
        Screen(out=sys.stderr, err=sys.stderr).rotation(rotation)
    elif as_json:
        from unleak.report.json_rotation import rotation_document  # noqa: PLC0415 - only with --json

        print_json(rotation_document(rotation))
    else:
        screen().rotation(rotation)
    return _EXITS[rotation.status or RotationStatus.PARTIAL]
