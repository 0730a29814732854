"""`unleak cleanup`: take away denies that are past their safe date."""

from __future__ import annotations

import click

from unleak.cli import options
from unleak.cli.incident_options import changing_options
from unleak.cli.show import show_response
from unleak.cli.terminal_person import TerminalPerson, at_terminal

EPILOG = """
\b
Examples:
  unleak cleanup --dry-run
  unleak cleanup --yes --json
"""


@click.command(name="cleanup", epilog=EPILOG)
@changing_options
@options.aws_options
@options.json_option
def command(
    *,
    assume_yes: bool,
    dry_run: bool,
    profile: str | None,
    region: str | None,
    endpoint_url: str | None,
    as_json: bool,
) -> int:
    """Take away the denies of this account past their safe date; never a key, never early."""
    may_ask = False if dry_run else at_terminal(assume_yes=assume_yes)
    from unleak.flow.cleanup import cleanup  # noqa: PLC0415 - not for --help

    responder = options.Responder(profile=profile, region=region, endpoint_url=endpoint_url)
    response = cleanup(
        responder.doors(),
        TerminalPerson(may_ask=may_ask, quiet=as_json),
        assume_yes=assume_yes,
        is_dry_run=dry_run,
    )
    return show_response(response, as_json=as_json)
