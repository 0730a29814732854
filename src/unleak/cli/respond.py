"""`unleak respond`: answer an alarm event as the policy file says."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from unleak.cli import options
from unleak.cli.output import print_json, screen
from unleak.cli.terminal_person import at_terminal
from unleak.errors import ExitCode, NoConsent, UnreadableEvent, WrongUse

if TYPE_CHECKING:
    from unleak.apply.state import ClaimableState
    from unleak.flow.doors import AwsDoors
    from unleak.model.alert import Reading
    from unleak.respond.answer import Responded
    from unleak.respond.station import Station

EPILOG = """
\b
Examples:
  unleak respond --event finding.json --policy unleak.toml --dry-run
  unleak respond --event - --policy unleak.toml --yes < finding.json
  unleak respond --sweep --policy ssm:/unleak/policy --yes
                                         finish what a worker that died has begun

\b
UNLEAK_HOME=dynamodb:TABLE shares journal and claims with a deployed function, so that an event is
answered once, whoever gets it first.
"""
_LARGEST = 8 * 1024 * 1024


@click.command(name="respond", epilog=EPILOG)
@click.option("--event", "event", metavar="FILE", help="The event as JSON; - is stdin.")
@click.option("--sweep", "is_sweep", is_flag=True, help="Go on with what has come to no end.")
@click.option(
    "--policy",
    required=True,
    metavar="FILE",
    help="The policy file, or ssm:NAME or secretsmanager:NAME.",
)
@options.changing_options
@options.responder_options
@options.json_option
def command(
    *,
    event: str | None,
    is_sweep: bool,
    policy: str,
    changing: options.Changing,
    responder: options.Responder,
    as_json: bool,
) -> int:
    """Answer an alarm: contain, ask or tell, as the policy says, once for each thing that leaked.

    The event is what AWS Health, GuardDuty, Trusted Advisor, Security Hub, the quarantine or
    GitHub's webhook sends, or {"access_key_id": "AKIA..."}.
    """
    if (event is None) is not is_sweep or (is_sweep and changing.dry_run):
        message = "give --event FILE, or --sweep (which has no --dry-run)"
        raise WrongUse(message, hint="see `unleak respond --help`")
    may_ask = at_terminal(changing)
    station = _station(responder.doors(), policy)
    if event is None:
        responded = _swept(station, may_ask=may_ask)
    else:
        reading = _read(event)
        if may_ask:
            _accepted(_previewed(reading, station))
        answer = _previewed if changing.dry_run else _responded
        responded = answer(reading, station)
    _show(responded, as_json=as_json)
    return _exit_code(responded)


def _station(doors: AwsDoors, policy: str) -> Station:
    from unleak.respond.settings import policy_at, station_for  # noqa: PLC0415 - not for --help

    checked = policy_at(policy, doors.secrets())
    return station_for(doors, policy=checked, state=_state(doors))


def _state(doors: AwsDoors) -> ClaimableState:
    from unleak.apply.home import state_home  # noqa: PLC0415 - not for --help
    from unleak.apply.state import LocalState  # noqa: PLC0415 - as above
    from unleak.flow.state import named_table  # noqa: PLC0415 - as above

    table = named_table()
    return LocalState(state_home()) if table is None else doors.state_table(table)


def _read(path: str) -> Reading:
    from unleak.evidence.alerts.read import read_event  # noqa: PLC0415 - not for --help

    try:
        if path == "-":
            content = sys.stdin.buffer.read(_LARGEST + 1)
        else:
            with Path(path).open("rb") as file:
                content = file.read(_LARGEST + 1)
    except OSError as error:
        message = f"the event {path[:200]!a} cannot be read: {error.strerror or error}"
        raise UnreadableEvent(message, hint="name a file that exists, or - for stdin") from error
    if len(content) > _LARGEST:
        message = f"the event is larger than {_LARGEST // 1024 // 1024} MB"
        raise UnreadableEvent(message, hint="give one event, not a log of them")
    return read_event(content)


def _previewed(reading: Reading, station: Station) -> Responded:
    from unleak.respond.preview import preview  # noqa: PLC0415 - not for --help

    return preview(reading, station)


def _responded(reading: Reading, station: Station) -> Responded:
    from unleak.respond.respond import respond  # noqa: PLC0415 - not for --help

    return respond(reading, station)


def _swept(station: Station, *, may_ask: bool) -> Responded:
    from unleak.cli.question import confirm  # noqa: PLC0415 - only at a terminal
    from unleak.respond.sweep import sweep  # noqa: PLC0415 - not for --help

    if may_ask and not confirm("Go on with every response that came to no end?", default=False):
        message = "you said no; nothing was changed"
        raise NoConsent(message)
    return sweep(station)


def _accepted(responded: Responded) -> None:
    """Show what would be done, and ask.

    Raises:
        NoConsent: the person said no.
    """
    from unleak.cli.question import confirm  # noqa: PLC0415 - only at a terminal
    from unleak.respond.answer_words import answers_page  # noqa: PLC0415 - as above

    screen().talk(answers_page(responded))
    if not confirm("Answer it like this?", default=False):
        message = "you said no; nothing was changed"
        raise NoConsent(message)


def _show(responded: Responded, *, as_json: bool) -> None:
    if as_json:
        from unleak.respond.answer import document  # noqa: PLC0415 - only with --json

        print_json(document(responded))
        return
    from unleak.respond.answer_words import answers_page  # noqa: PLC0415 - not for --help

    screen().page(answers_page(responded))


def _exit_code(responded: Responded) -> int:
    """Return the gravest exit code of the answers."""
    from unleak.report.verdict import exit_code_of  # noqa: PLC0415 - only where something ended

    if responded.failed:
        return ExitCode.FAILED
    codes = {
        exit_code_of(each.status)
        for each in responded.answers
        if each.status is not None and each.verdict is not None
    }
    grave = (ExitCode.FAILED, ExitCode.PARTIAL, ExitCode.CONTESTED, ExitCode.UNPROVEN)
    return next((code for code in grave if code in codes), ExitCode.DONE)
