"""Show what a changing flow gave back, and turn its status into the exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.cli.output import print_json, screen
from unleak.errors import ExitCode
from unleak.model.outcome import Status

if TYPE_CHECKING:
    from unleak.flow.response import Response
    from unleak.model.credential import Credential
    from unleak.model.incident import Incident
    from unleak.model.plan import Plan


def show_response(response: Response, *, as_json: bool) -> int:
    """Show the result and return the exit code of its status."""
    from unleak.report.verdict import exit_code_of  # noqa: PLC0415 - only where something ended

    if as_json:
        from unleak.report.json_v1 import response_document  # noqa: PLC0415 - only with --json

        print_json(
            response_document(
                response.incident, status=response.status, next_steps=response.next_steps
            )
        )
    else:
        screen().result(response.incident, response.status, response.next_steps)
    own = response.exit_code  # not `or`: DONE is zero
    return exit_code_of(response.status) if own is None else own


def show_plan(plan: Plan, *, as_json: bool) -> int:
    """Show a plan that nobody was asked about; nothing was changed."""
    if as_json:
        from unleak.report.json_v1 import plan_document  # noqa: PLC0415 - only with --json

        print_json(plan_document(plan))
    else:
        screen().plan(plan)
    return ExitCode.DONE


def show_credentials(credentials: tuple[Credential, ...], *, as_json: bool) -> int:
    """Show what leaked and whose it is."""
    if as_json:
        from unleak.report.json_v1 import identify_document  # noqa: PLC0415 - only with --json

        print_json(identify_document(credentials))
    else:
        screen().identified(credentials)
    return ExitCode.DONE


def standing(incident: Incident) -> Status:
    """Return the word for an incident as it stands; one that never ended is partly done."""
    return incident.status or Status.PARTIAL
