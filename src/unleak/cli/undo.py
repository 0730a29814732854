"""`unleak undo`: put back what was changed, where that revives nothing."""

from __future__ import annotations

import click

from unleak.cli import options
from unleak.cli.incident_options import changing_options, incident_argument
from unleak.cli.show import show_response
from unleak.cli.terminal_person import TerminalPerson, at_terminal

EPILOG = """
\b
Examples:
  unleak undo latest --dry-run
  unleak undo 20261124-0700-a1b2c3
"""


@click.command(name="undo", epilog=EPILOG)
@incident_argument
@click.option(
    "--force",
    is_flag=True,
    help="Also before the safe date, and also re-activate a leaked key: this revives the leak.",
)
@changing_options
@options.aws_options
@options.json_option
def command(  # noqa: PLR0913 - one argument an option, as click calls it
    *,
    incident: str,
    force: bool,
    assume_yes: bool,
    dry_run: bool,
    profile: str | None,
    region: str | None,
    endpoint_url: str | None,
    as_json: bool,
) -> int:
    """Restore exactly what was there before; refuse what would give the thief his power back.

    INCIDENT is its id, the start of it, or `latest`.
    """
    may_ask = False if dry_run else at_terminal(assume_yes=assume_yes)
    from unleak.flow.undo import undo  # noqa: PLC0415 - not for --help

    responder = options.Responder(profile=profile, region=region, endpoint_url=endpoint_url)
    response = undo(
        incident,
        responder.doors(),
        TerminalPerson(may_ask=may_ask, quiet=as_json),
        force=force,
        assume_yes=assume_yes,
        is_dry_run=dry_run,
    )
    return show_response(response, as_json=as_json)
