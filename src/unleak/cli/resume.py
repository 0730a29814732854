"""`unleak resume`: finish what was interrupted, each change exactly once."""

from __future__ import annotations

import click

from unleak.cli import options
from unleak.cli.later_rotation import is_rotation, resume_rotation
from unleak.cli.leaked_input import read_measuring
from unleak.cli.show import show_response
from unleak.cli.terminal_person import TerminalPerson, at_terminal
from unleak.contain.options import Options
from unleak.errors import WrongUse

EPILOG = """
\b
Examples:
  unleak resume latest
  unleak resume 20261124-0700-a1b2c3 --yes --json
  unleak resume latest --cascade         contain the suspects as well
  unleak resume latest --hold 300        hold it for five minutes more
"""


@click.command(name="resume", epilog=EPILOG)
@options.incident_argument
@click.option(
    "--leave",
    multiple=True,
    metavar="PLACE",
    help="Of a rotation: leave this place as it is. Repeatable.",
)
@options.source_options
@options.fight_options
@options.proof_options
@options.changing_options
@options.responder_options
@options.json_option
def command(  # noqa: PLR0913 - click hands over one argument an option
    *,
    incident: str,
    leave: tuple[str, ...],
    source: options.Source,
    fight: options.Fight,
    proof: options.Proof,
    changing: options.Changing,
    responder: options.Responder,
    as_json: bool,
) -> int:
    """Finish an interrupted incident: look what was made, make the rest, and measure.

    A containment that the thief touched is put back and held again.

    INCIDENT is its id, the start of it, or `latest`. A change whose answer was lost is looked for
    before it is made again.  The id of a rotation (`rotate-...`) goes on with that.
    """
    may_ask = at_terminal(changing)
    if is_rotation(incident):
        return resume_rotation(incident, responder, changing, leave=leave, as_json=as_json)
    if leave:
        message = "--leave is about a rotation, and this is an incident"
        raise WrongUse(message, hint="`unleak resume rotate-... --leave PLACE`")
    from unleak.flow.resume import resume, what_is_left  # noqa: PLC0415 - not for --help

    doors = responder.doors(leaked_shell=source.from_env)
    if changing.dry_run:
        return show_response(what_is_left(incident, doors), as_json=as_json)
    response = resume(
        incident,
        doors,
        TerminalPerson(may_ask=may_ask, quiet=as_json),
        assume_yes=changing.assume_yes,
        measuring=read_measuring(source, proof),
        options=fight.onto(Options()) if fight.is_given else None,
    )
    return show_response(response, as_json=as_json)
