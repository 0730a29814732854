"""`unleak revoke`: cut off what leaked, and prove that it is dead."""

from __future__ import annotations

import click

from unleak.cli import options
from unleak.cli.evidence_input import read_evidence
from unleak.cli.output import print_json, screen
from unleak.cli.request_input import consent_of, make_request
from unleak.cli.show import show_response
from unleak.cli.terminal_person import TerminalPerson, at_terminal
from unleak.errors import ExitCode

EPILOG = """
\b
Examples:
  unleak revoke                          paste what leaked, hidden
  unleak revoke - < leaked.txt           read it from stdin (with --yes)
  unleak revoke AKIA2E0A8F3B244C9986     a key id is enough
  unleak revoke role/deploy --yes        everything that uses this role now
  unleak revoke session/deploy/ci-42 --scope session
  unleak revoke --from-env --profile me  this shell's own credentials leaked

\b
Exit codes: 0 contained and proven, 1 failed, 2 refused before any change, 3 in place but not
proven, 4 contested, 5 partly done (unleak resume), 130 interrupted (unleak resume).
"""


@click.command(name="revoke", epilog=EPILOG)
@click.argument("target", required=False, metavar="[TARGET]")
@options.evidence_options
@options.plan_options
@options.proof_options
@options.asking_options
@click.option("--yes", "assume_yes", is_flag=True, help="Do not ask; the plan counts as accepted.")
@click.option("--dry-run", is_flag=True, help="Show the plan; make no changing call at all.")
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
    proof: str | None,
    timeout: float,
    ask_leaked: bool | None,
    owner: str | None,
    assume_yes: bool,
    dry_run: bool,
    profile: str | None,
    region: str | None,
    endpoint_url: str | None,
    as_json: bool,
) -> int:
    """Plan, ask once, cut off what leaked, measure, and say what to do next.

    TARGET is a key id, an ARN, user/NAME, role/NAME, session/ROLE/SESSION-NAME, or - for text on
    stdin. Without one you are asked to paste what leaked.
    """
    may_ask = False if dry_run else at_terminal(assume_yes=assume_yes)
    evidence, named = read_evidence(target, path=path, from_env=from_env)
    responder = options.Responder(
        profile=profile, region=region, endpoint_url=endpoint_url, from_env=from_env
    )
    request = make_request(
        evidence,
        named,
        strategy=strategy,
        scope=scope,
        cutoff=cutoff,
        owner=owner,
        consent=consent_of(ask_leaked, assume_yes=assume_yes, may_ask=may_ask),
        assume_yes=assume_yes,
        proof=proof,
        timeout=timeout,
    )
    person = TerminalPerson(may_ask=may_ask, quiet=as_json)
    if dry_run:
        from unleak.flow.plan import plan  # noqa: PLC0415 - not for --help

        made = plan(request, responder.doors(), person)
        if as_json:
            from unleak.report.json_v1 import plan_document  # noqa: PLC0415 - only with --json

            print_json(plan_document(made))
        else:
            screen().plan(made)
        return ExitCode.DONE
    from unleak.flow.revoke import revoke  # noqa: PLC0415 - not for --help

    return show_response(revoke(request, responder.doors(), person), as_json=as_json)
