"""`unleak resume`: finish what was interrupted, each change exactly once."""

from __future__ import annotations

import click

from unleak.cli import options
from unleak.cli.incident_options import changing_options, incident_argument
from unleak.cli.leaked_input import read_leaked
from unleak.cli.show import show_response
from unleak.cli.terminal_person import TerminalPerson, at_terminal

EPILOG = """
\b
Examples:
  unleak resume latest
  unleak resume 20261124-0700-a1b2c3 --yes --json
"""


@click.command(name="resume", epilog=EPILOG)
@incident_argument
@options.evidence_options
@options.proof_options
@changing_options
@options.aws_options
@options.json_option
def command(  # noqa: PLR0913 - one argument an option, as click calls it
    *,
    incident: str,
    path: str | None,
    from_env: bool,
    proof: str | None,
    timeout: float,
    assume_yes: bool,
    dry_run: bool,
    profile: str | None,
    region: str | None,
    endpoint_url: str | None,
    as_json: bool,
) -> int:
    """Finish an interrupted incident: look what was made, make the rest, and measure.

    INCIDENT is its id, the start of it, or `latest`. A change whose answer was lost is looked for
    before it is made again.
    """
    may_ask = False if dry_run else at_terminal(assume_yes=assume_yes)
    from unleak.flow.resume import resume  # noqa: PLC0415 - not for --help
    from unleak.model.proof import Level  # noqa: PLC0415 - not for --help

    responder = options.Responder(
        profile=profile, region=region, endpoint_url=endpoint_url, from_env=from_env
    )
    response = resume(
        incident,
        responder.doors(),
        TerminalPerson(may_ask=may_ask, quiet=as_json),
        assume_yes=assume_yes,
        is_dry_run=dry_run,
        leaked=read_leaked(path, from_env=from_env),
        wanted=None if proof is None else Level(proof),
        timeout_seconds=timeout,
    )
    return show_response(response, as_json=as_json)
