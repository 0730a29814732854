"""`unleak permissions`: the least-privilege policy that the responder needs; asks AWS nothing."""

from __future__ import annotations

import json
import sys

import click

from unleak.cli.options import json_option
from unleak.errors import ExitCode, WrongUse

EPILOG = """
\b
Examples:
  unleak permissions            everything, the blunt strategies included
  unleak permissions revoke     only what `unleak revoke` calls by default
"""


@click.command(name="permissions", epilog=EPILOG)
@click.argument("name", required=False, metavar="[COMMAND]")
@json_option
def command(*, name: str | None, as_json: bool) -> int:
    """Print the IAM policy that you need to run COMMAND, or all commands."""
    del as_json  # the policy is JSON either way
    from unleak.report.permissions import (  # noqa: PLC0415 - not for --help
        COMMANDS,
        ORGANIZATION_NOTE,
        policy_for,
    )

    if name is not None and name not in COMMANDS:
        message = f"there is no policy for {name[:40]!a}"
        raise WrongUse(message, hint=f"one of: {', '.join(COMMANDS)}")
    policy = json.dumps(policy_for(name), indent=2)
    sys.stdout.write(policy + "\n")
    if "organizations:" in policy:
        click.echo(f"note: {ORGANIZATION_NOTE}", err=True)
    return ExitCode.DONE
