"""`unleak report`: the report of an incident, for people or machines; asks AWS nothing."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from unleak.cli.options import json_option
from unleak.cli.show import standing
from unleak.errors import ExitCode, WrongUse

EPILOG = """
\b
Examples:
  unleak report latest
  unleak report latest --format json
  unleak report 20261124-0700-a1b2c3 --output incident.md
"""


@click.command(name="report", epilog=EPILOG)
@click.argument("incident", metavar="INCIDENT")
@click.option(
    "--format",
    "form",
    type=click.Choice(["md", "json"]),
    default=None,
    help="Markdown (default) or JSON.",
)
@click.option("--output", "path", metavar="PATH", help="Write to this file instead of stdout.")
@json_option
def command(*, incident: str, form: str | None, path: str | None, as_json: bool) -> int:
    """Write the report: what leaked, what was done, how it was proven, the way back.

    INCIDENT is its id, the start of it, or `latest`.
    """
    from unleak.flow.history import incident as read  # noqa: PLC0415 - not for --help

    found = read(incident)
    if as_json or form == "json":
        from unleak.report.json_v1 import report_document, to_text  # noqa: PLC0415 - only here

        text = (
            to_text(report_document(found, status=standing(found), next_steps=found.plan.next))
            + "\n"
        )
    else:
        from unleak.report.markdown import incident_markdown  # noqa: PLC0415 - only here

        text = incident_markdown(found)
    if path is None:
        sys.stdout.write(text)
        return ExitCode.DONE
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        message = f"the report cannot be written: {error.strerror}"
        raise WrongUse(message, hint="give another --output, or leave it out for stdout") from error
    return ExitCode.DONE
