"""`unleak verify`: measure an incident's effect again; changes nothing."""

from __future__ import annotations

import sys

import click

from unleak.cli import options
from unleak.cli.leaked_input import read_leaked
from unleak.cli.show import show_response
from unleak.cli.terminal_person import TerminalPerson

EPILOG = """
\b
Examples:
  unleak verify latest
  unleak verify latest --file leaked.txt --proof live
"""


@click.command(name="verify", epilog=EPILOG)
@click.argument("incident", metavar="INCIDENT")
@options.evidence_options
@options.proof_options
@options.aws_options
@options.json_option
def command(  # noqa: PLR0913 - one argument an option, as click calls it
    *,
    incident: str,
    path: str | None,
    from_env: bool,
    proof: str | None,
    timeout: float,
    profile: str | None,
    region: str | None,
    endpoint_url: str | None,
    as_json: bool,
) -> int:
    """Measure again whether what was cut off is still dead.

    INCIDENT is its id, the start of it, or `latest`. The leaked secret was not stored: for the live
    probe give it again with --file or --from-env; harmless read-only calls are then signed with it.
    """
    from unleak.flow.verify import verify_incident  # noqa: PLC0415 - not for --help
    from unleak.model.proof import Level  # noqa: PLC0415 - not for --help

    responder = options.Responder(
        profile=profile, region=region, endpoint_url=endpoint_url, from_env=from_env
    )
    response = verify_incident(
        incident,
        responder.doors(),
        TerminalPerson(may_ask=sys.stdin.isatty(), quiet=as_json),
        leaked=read_leaked(path, from_env=from_env),
        wanted=None if proof is None else Level(proof),
        timeout_seconds=timeout,
    )
    return show_response(response, as_json=as_json)
