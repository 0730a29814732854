"""`unleak cleanup`: take away denies that are past their safe date."""

from __future__ import annotations

import click

from unleak.cli import options
from unleak.cli.show import show_response
from unleak.cli.terminal_person import TerminalPerson, at_terminal

EPILOG = """
\b
Examples:
  unleak cleanup --dry-run
  unleak cleanup --yes --json
"""


@click.command(name="cleanup", epilog=EPILOG)
@options.changing_options
@options.responder_options
@options.json_option
def command(*, changing: options.Changing, responder: options.Responder, as_json: bool) -> int:
    """Take away the denies of this account past their safe date; never a key, never early."""
    may_ask = at_terminal(changing)
    from unleak.flow.cleanup import cleanup  # noqa: PLC0415 - not for --help

    response = cleanup(
        responder.doors(),
        TerminalPerson(may_ask=may_ask, quiet=as_json),
        assume_yes=changing.assume_yes,
        is_dry_run=changing.dry_run,
    )
    return show_response(response, as_json=as_json)
