"""`unleak undo`: put back what was changed, where that revives nothing."""

from __future__ import annotations

import click

from unleak.cli import options
from unleak.cli.later_rotation import is_rotation, undo_rotation
from unleak.cli.show import show_response
from unleak.cli.terminal_person import TerminalPerson, at_terminal

EPILOG = """
\b
Examples:
  unleak undo latest --dry-run
  unleak undo 20261124-0700-a1b2c3
"""


@click.command(name="undo", epilog=EPILOG)
@options.incident_argument
@click.option(
    "--force",
    is_flag=True,
    help="Also before the safe date, and also re-activate a leaked key: this revives the leak.",
)
@options.changing_options
@options.responder_options
@options.json_option
def command(
    *,
    incident: str,
    force: bool,
    changing: options.Changing,
    responder: options.Responder,
    as_json: bool,
) -> int:
    """Restore exactly what was there before; refuse what would give the thief his power back.

    INCIDENT is its id, the start of it, or `latest`; or the id of a rotation (`rotate-...`).
    """
    may_ask = at_terminal(changing)
    if is_rotation(incident):
        return undo_rotation(incident, responder, changing, force=force, as_json=as_json)
    from unleak.flow.undo import undo  # noqa: PLC0415 - not for --help

    response = undo(
        incident,
        responder.doors(),
        TerminalPerson(may_ask=may_ask, quiet=as_json),
        force=force,
        assume_yes=changing.assume_yes,
        is_dry_run=changing.dry_run,
    )
    return show_response(response, as_json=as_json)
