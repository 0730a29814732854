"""`unleak plan`: what `revoke` would do, and what it would cost; changes nothing."""

from __future__ import annotations

import sys

import click

from unleak.cli import options
from unleak.cli.evidence_input import read_evidence
from unleak.cli.output import print_json, screen
from unleak.cli.request_input import consent_of, make_request
from unleak.cli.terminal_person import TerminalPerson
from unleak.errors import ExitCode

EPILOG = """
\b
Examples:
  unleak plan role/deploy
  unleak plan --file leaked.txt --json
  unleak plan AKIA2E0A8F3B244C9986 --strategy deny-all
"""


@click.command(name="plan", epilog=EPILOG)
@click.argument("target", required=False, metavar="[TARGET]")
@options.evidence_options
@options.plan_options
@options.asking_options
@options.aws_options
@options.json_option
def command(  # noqa: PLR0913 - one argument an option, as click calls it
    *,
    target: str | None,
    path: str | None,
    from_env: bool,
    strategy: str,
    scope: str,
    cutoff: str | None,
    ask_leaked: bool | None,
    owner: str | None,
    profile: str | None,
    region: str | None,
    endpoint_url: str | None,
    as_json: bool,
) -> int:
    """Show what `revoke` would do, why, what it costs whom and what it cannot do."""
    evidence, named = read_evidence(target, path=path, from_env=from_env)
    may_ask = sys.stdin.isatty()
    request = make_request(
        evidence,
        named,
        strategy=strategy,
        scope=scope,
        cutoff=cutoff,
        owner=owner,
        consent=consent_of(ask_leaked, assume_yes=False, may_ask=may_ask),
    )
    responder = options.Responder(
        profile=profile, region=region, endpoint_url=endpoint_url, from_env=from_env
    )
    from unleak.flow.plan import plan  # noqa: PLC0415 - not for --help

    person = TerminalPerson(may_ask=may_ask, quiet=as_json)
    made = plan(request, responder.doors(), person)
    if as_json:
        from unleak.report.json_v1 import plan_document  # noqa: PLC0415 - only with --json

        print_json(plan_document(made))
    else:
        screen().plan(made)
    return ExitCode.DONE
