"""`unleak incidents`: what was done on this machine; asks AWS nothing."""

from __future__ import annotations

import click

from unleak.cli import options
from unleak.cli.output import print_json, screen
from unleak.cli.show import standing
from unleak.errors import ExitCode

EPILOG = """
\b
Examples:
  unleak incidents
  unleak incidents show latest
  unleak incidents show 20261124-0700 --json
"""


@click.group(name="incidents", epilog=EPILOG, invoke_without_command=True)
@options.json_option
@click.pass_context
def command(context: click.Context, *, as_json: bool) -> int:
    """List the incidents on this machine, newest first, and the rotations of keys."""
    if context.invoked_subcommand is not None:
        return ExitCode.DONE
    from unleak.flow.history import incidents  # noqa: PLC0415 - not for --help
    from unleak.flow.rotations import rotations  # noqa: PLC0415 - as above

    summaries, rotated = incidents(), rotations()
    if as_json:
        from unleak.report.json_rotation import rotations_part  # noqa: PLC0415 - only with --json
        from unleak.report.json_v1 import incidents_document  # noqa: PLC0415 - as above

        print_json({**incidents_document(summaries), "rotations": rotations_part(rotated)})
    else:
        screen().incidents(summaries)
        if rotated:
            screen().rotations(rotated)
    return ExitCode.DONE


@command.command(name="show", epilog="\b\nExample:\n  unleak incidents show latest")
@click.argument("incident", metavar="INCIDENT")
@options.json_option
def show(*, incident: str, as_json: bool) -> int:
    """Show one incident as it stands in the journal.

    INCIDENT is its id, the start of it, or `latest`.
    """
    from unleak.flow.history import incident as read  # noqa: PLC0415 - not for --help

    found = read(incident)
    if as_json:
        from unleak.report.json_v1 import response_document  # noqa: PLC0415 - only with --json

        print_json(response_document(found, status=standing(found), next_steps=found.plan.next))
    else:
        screen().result(found, standing(found), found.plan.next)
    return ExitCode.DONE
