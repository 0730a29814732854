"""`unleak plan`: what `revoke` would do, and what it would cost; changes nothing."""

from __future__ import annotations

import sys

import click

from unleak.cli import options
from unleak.cli.request_input import read_request
from unleak.cli.show import show_plan
from unleak.cli.terminal_person import TerminalPerson

EPILOG = """
\b
Examples:
  unleak plan role/deploy
  unleak plan --file leaked.txt --json
  unleak plan AKIA2E0A8F3B244C9986 --strategy deny-all
  unleak plan vault:aws/config/root
"""


@click.command(name="plan", epilog=EPILOG)
@click.argument("target", required=False, metavar="[TARGET]")
@options.source_options
@options.way_options
@options.fight_options
@options.asking_options
@options.responder_options
@options.json_option
def command(
    *,
    target: str | None,
    source: options.Source,
    way: options.Way,
    fight: options.Fight,
    asking: options.Asking,
    responder: options.Responder,
    as_json: bool,
) -> int:
    """Show what `revoke` would do, why, what it costs whom and what it cannot do."""
    may_ask = sys.stdin.isatty()
    wanted = fight.onto(way.options())
    request = read_request(target, source, asking, may_ask=may_ask, options=wanted)
    doors = responder.doors(leaked_shell=source.from_env)
    from unleak.flow.plan import plan  # noqa: PLC0415 - not for --help

    person = TerminalPerson(may_ask=may_ask, quiet=as_json)
    return show_plan(plan(request, doors, person), as_json=as_json)
