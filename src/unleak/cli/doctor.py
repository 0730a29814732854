"""`unleak doctor`: am I able to respond?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from unleak.cli import options
from unleak.cli.output import print_json, screen
from unleak.cli.progress import one_line
from unleak.errors import ExitCode

if TYPE_CHECKING:
    from unleak.model.preflight import Preflight

EPILOG = """
\b
Examples:
  unleak doctor
  unleak doctor --profile responder --org-profile management
  unleak doctor --json

\b
Exit codes: 0 able, 1 something that is needed is not there, 3 something that is needed could not
be looked at.
"""


@click.command(name="doctor", epilog=EPILOG)
@options.responder_options
@options.json_option
def command(*, responder: options.Responder, as_json: bool) -> int:
    """Look whether you could respond now, and say how to mend what is missing.

    Your credentials and permissions (simulated), the clock, CloudTrail, the regions, the
    organization, the state folder, the optional libraries.  Nothing is changed.
    """
    from unleak.flow.doctor import doctor  # noqa: PLC0415 - not for --help

    named = responder.org_profile is not None
    preflight = doctor(responder.doors(), names_organization=named, hears=one_line())
    if as_json:
        from unleak.report.json_doctor import doctor_document  # noqa: PLC0415 - only with --json

        print_json(doctor_document(preflight))
    else:
        from unleak.report.doctor_words import doctor_page  # noqa: PLC0415 - only without it

        screen().page(doctor_page(preflight))
    return _exit_code(preflight)


def _exit_code(preflight: Preflight) -> ExitCode:
    if preflight.lacking:
        return ExitCode.FAILED
    return ExitCode.UNPROVEN if preflight.open else ExitCode.DONE
