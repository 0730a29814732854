"""`unleak drill`: rehearse on a throw-away role, and measure how long a deny takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from unleak.cli import options
from unleak.cli.bundle import bundled
from unleak.cli.drill_person import DrillTerminal, show_clean, show_drill
from unleak.cli.output import print_json, screen
from unleak.cli.terminal_person import at_terminal
from unleak.errors import ExitCode
from unleak.model.frozen import dataclass

if TYPE_CHECKING:
    from unleak.flow.doors import AwsDoors
    from unleak.flow.drill import DrillWish

EPILOG = """
\b
Examples:
  unleak drill
  unleak drill --in-region eu-west-1 --yes --json
  unleak drill --dry-run
  unleak drill --clean                   remove what a killed drill has left

\b
Exit codes: 0 it bites everywhere, a new session works, and the role is gone; 1 failed; 2 refused
before any change; 3 not seen to bite everywhere in time; 5 the role is still there
(unleak drill --clean); 130 interrupted, and tidied up.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """How to rehearse, as the command line spells it."""

    regions: tuple[str, ...]
    timeout: float
    only_clean: bool


rehearsal_options = bundled(
    "rehearsal",
    Rehearsal,
    click.option(
        "--in-region",
        "regions",
        multiple=True,
        metavar="REGION",
        help="Measure in this region only; repeatable. Default: every enabled one.",
    ),
    click.option(
        "--timeout",
        type=click.FloatRange(min=0, max=3600),
        default=60.0,
        show_default=True,
        metavar="SECONDS",
        help="How long to wait for a region to refuse.",
    ),
    click.option(
        "--clean", "only_clean", is_flag=True, help="Only remove what earlier drills have left."
    ),
)


@click.command(name="drill", epilog=EPILOG)
@rehearsal_options
@options.changing_options
@options.responder_options
@options.json_option
def command(
    *,
    rehearsal: Rehearsal,
    changing: options.Changing,
    responder: options.Responder,
    as_json: bool,
) -> int:
    """Make a role, cut it off for real, measure how long that takes, and remove the role.

    The role trusts you alone and may list queues, nothing else. The result is kept, and compared
    with the next one.
    """
    may_ask = at_terminal(changing)
    person = DrillTerminal(may_ask=may_ask, quiet=as_json)
    doors = responder.doors()
    if rehearsal.only_clean:
        return _clean(doors, person, changing, as_json=as_json)
    from unleak.flow.drill import DrillWish, drill  # noqa: PLC0415 - not for --help

    wish = DrillWish(
        regions=rehearsal.regions,
        timeout_seconds=rehearsal.timeout,
        assume_yes=changing.assume_yes,
    )
    if changing.dry_run:
        return _show_plan(wish, doors, person, as_json=as_json)
    return show_drill(drill(wish, doors, person), as_json=as_json)


def _show_plan(
    wish: DrillWish, doors: AwsDoors, person: DrillTerminal, *, as_json: bool
) -> ExitCode:
    from unleak.flow.drill import plan_drill  # noqa: PLC0415 - not for --help

    plan = plan_drill(wish, doors, person)
    if as_json:
        from unleak.report.json_drill import drill_plan_document  # noqa: PLC0415 - only with --json

        print_json(drill_plan_document(plan))
    else:
        from unleak.report.drill_words import drill_plan_page  # noqa: PLC0415 - only without it

        screen().page(drill_plan_page(plan))
    return ExitCode.DONE


def _clean(
    doors: AwsDoors, person: DrillTerminal, changing: options.Changing, *, as_json: bool
) -> ExitCode:
    from unleak.flow.drill_clean import CleanResult, clean, leftovers  # noqa: PLC0415 - as above

    if changing.dry_run:
        found = leftovers(doors)
        result = CleanResult(removed=found.roles, not_ours=found.not_ours)
    else:
        result = clean(doors, person, assume_yes=changing.assume_yes)
    return show_clean(result, is_dry=changing.dry_run, as_json=as_json)
