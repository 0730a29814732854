"""`unleak verify`: measure an incident's effect again; changes nothing."""

from __future__ import annotations

import click

from unleak.cli import options
from unleak.cli.leaked_input import read_measuring
from unleak.cli.show import show_response
from unleak.cli.terminal_person import TerminalPerson

EPILOG = """
\b
Examples:
  unleak verify latest
  unleak verify latest --file leaked.txt --proof live
  unleak verify latest --watch
"""


@click.command(name="verify", epilog=EPILOG)
@options.incident_argument
@options.source_options
@options.proof_options
@click.option(
    "--watch",
    is_flag=True,
    help="Look into CloudTrail, until 15 minutes have passed since the cut-off.",
)
@options.responder_options
@options.json_option
def command(
    *,
    incident: str,
    source: options.Source,
    proof: options.Proof,
    watch: bool,
    responder: options.Responder,
    as_json: bool,
) -> int:
    """Measure again whether what was cut off is still dead.

    INCIDENT is its id, the start of it, or `latest`. The leaked secret was not stored: for the live
    probe give it again with --file or --from-env; harmless read-only calls are then signed with it.

    With --watch CloudTrail is asked in every enabled region, every 30 seconds, for calls by what
    was cut off: one that was served means alive, refused ones mean that the thief still tries.
    """
    from unleak.flow.verify import verify_incident  # noqa: PLC0415 - not for --help

    response = verify_incident(
        incident,
        responder.doors(leaked_shell=source.from_env),
        TerminalPerson(may_ask=False, quiet=as_json),
        measuring=read_measuring(source, proof),
        watch=watch,
    )
    return show_response(response, as_json=as_json)
