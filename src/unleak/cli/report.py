"""`unleak report`: the report of an incident, for people or machines; asks AWS nothing."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from unleak.cli.options import json_option
from unleak.cli.private_file import write_private
from unleak.cli.show import standing
from unleak.errors import ExitCode, WrongUse

if TYPE_CHECKING:
    from unleak.model.incident import Incident
    from unleak.model.trace import Trace

EPILOG = """
\b
Examples:
  unleak report latest
  unleak report latest --format json
  unleak report 20261124-0700-a1b2c3 --output incident.md
  unleak report latest --format html --output incident.html
  unleak report latest --format html --trace trace.json --output incident.html
"""


@click.command(name="report", epilog=EPILOG)
@click.argument("incident", metavar="INCIDENT")
@click.option(
    "--format",
    "form",
    type=click.Choice(["html", "md", "json"]),
    default=None,
    help="Markdown (default), one self-contained HTML file, or JSON.",
)
@click.option(
    "--trace",
    "trace_path",
    metavar="FILE",
    help="What `unleak trace --json` wrote: the report then tells what was done with the leak.",
)
@click.option("--output", "path", metavar="PATH", help="Write to this file instead of stdout.")
@json_option
def command(
    *, incident: str, form: str | None, trace_path: str | None, path: str | None, as_json: bool
) -> int:
    """Write the report: what leaked, what was done, how it was proven, the way back.

    INCIDENT is its id, the start of it, or `latest`.
    """
    from unleak.flow.history import incident as read  # noqa: PLC0415 - not for --help

    trace = None if trace_path is None else _trace(trace_path)
    text = _text(read(incident), trace, "json" if as_json else form or "md")
    if path is None:
        sys.stdout.write(text)
        return ExitCode.DONE
    write_private(path, text)
    return ExitCode.DONE


def _text(found: Incident, trace: Trace | None, form: str) -> str:
    """Return the report in the form that was asked for."""
    if form == "html":
        from unleak.report.html_report import incident_html  # noqa: PLC0415 - only here

        return incident_html(found, trace)
    if form == "md":
        from unleak.report.markdown import incident_markdown  # noqa: PLC0415 - only here

        return incident_markdown(found, trace)
    from unleak.report.json_report import report_document  # noqa: PLC0415 - only here
    from unleak.report.json_v1 import to_text  # noqa: PLC0415 - only here

    document = report_document(
        found, status=standing(found), next_steps=found.plan.next, trace=trace
    )
    return to_text(document) + "\n"


def _trace(path: str) -> Trace:
    """Return the trace that the file tells.

    Raises:
        WrongUse: it cannot be read, or is none.
    """
    from unleak.report.trace_reading import read_trace  # noqa: PLC0415 - only here

    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        message = f"{path[:200]!a} cannot be read as text"
        raise WrongUse(
            message, hint="give a file that `unleak trace TARGET --json` wrote"
        ) from error
    return read_trace(text)
