"""`unleak revoke`: cut off what leaked, and prove that it is dead."""

from __future__ import annotations

import click

from unleak.cli import options
from unleak.cli.request_input import read_request
from unleak.cli.show import show_plan, show_response
from unleak.cli.terminal_person import TerminalPerson, at_terminal

EPILOG = """
\b
Examples:
  unleak revoke                          paste what leaked, hidden
  unleak revoke - < leaked.txt           read it from stdin (with --yes)
  unleak revoke AKIA2E0A8F3B244C9986     a key id is enough
  unleak revoke role/deploy --yes        everything that uses this role now
  unleak revoke session/deploy/ci-42 --scope session
  unleak revoke user/ci --cascade        and what it has led to, by CloudTrail
  unleak revoke user/ci --cascade --trail ./trail-copy
  unleak revoke --from-env --profile me  this shell's own credentials leaked
  unleak revoke vault:aws/creds/app      what Vault issued: see docs/vault.md

\b
Exit codes: 0 contained and proven, 1 failed, 2 refused before any change, 3 in place but not
proven, 4 contested, 5 partly done (unleak resume), 130 interrupted (unleak resume).
"""


@click.command(name="revoke", epilog=EPILOG)
@click.argument("target", required=False, metavar="[TARGET]")
@options.source_options
@options.way_options
@options.fight_options
@options.proof_options
@options.asking_options
@options.changing_options
@options.responder_options
@options.json_option
def command(  # noqa: PLR0913 - one argument a group of options
    *,
    target: str | None,
    source: options.Source,
    way: options.Way,
    fight: options.Fight,
    proof: options.Proof,
    asking: options.Asking,
    changing: options.Changing,
    responder: options.Responder,
    as_json: bool,
) -> int:
    """Plan, ask once, cut off what leaked, measure, and say what to do next.

    TARGET is a key id, an ARN, user/NAME, role/NAME, session/ROLE/SESSION-NAME, a place in Vault
    (vault:MOUNT/creds/ROLE), or - for text on stdin. Without one you are asked to paste what
    leaked.
    """
    may_ask = at_terminal(changing)
    request = read_request(
        target,
        source,
        asking,
        may_ask=may_ask,
        options=fight.onto(way.options()),
        assume_yes=changing.assume_yes,
        measuring=proof.measuring(),
    )
    doors = responder.doors(leaked_shell=source.from_env)
    person = TerminalPerson(may_ask=may_ask, quiet=as_json)
    if changing.dry_run:
        from unleak.flow.plan import plan  # noqa: PLC0415 - not for --help

        return show_plan(plan(request, doors, person), as_json=as_json)
    from unleak.flow.revoke import revoke  # noqa: PLC0415 - not for --help

    return show_response(revoke(request, doors, person), as_json=as_json)
