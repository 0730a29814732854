"""The person at the terminal, as a drill sees him; and what a drill shows in the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.cli.output import print_json, screen
from unleak.cli.question import confirm
from unleak.cli.terminal_person import TerminalPerson
from unleak.errors import ExitCode
from unleak.model.outcome import Status

if TYPE_CHECKING:
    from unleak.flow.drill import DrillResult
    from unleak.flow.drill_clean import CleanResult
    from unleak.model.drill import DrillPlan


class DrillTerminal(TerminalPerson):
    """Asks on stderr and answers from stdin; with `--yes` or without a terminal it asks nothing.

    Args:
        may_ask: whether there is somebody to ask.
        quiet: drop the progress.
    """

    def __init__(self, *, may_ask: bool, quiet: bool = False) -> None:
        super().__init__(may_ask=may_ask, quiet=quiet)
        self._may_answer = may_ask

    def accepts_drill(self, plan: DrillPlan) -> bool:
        """Show the plan and ask the one question."""
        from unleak.report.drill_words import drill_plan_page  # noqa: PLC0415 - only where asked

        screen().talk(drill_plan_page(plan))
        return self._may_answer and confirm("Do this now?", default=False)

    def accepts_clean(self, roles: tuple[str, ...]) -> bool:
        """Show what would be removed and ask the one question."""
        from unleak.report.drill_words import to_remove_page  # noqa: PLC0415 - only where asked

        screen().talk(to_remove_page(roles))
        return self._may_answer and confirm("Remove them now?", default=False)


def show_drill(result: DrillResult, *, as_json: bool) -> ExitCode:
    """Show what a drill has come to, and return the exit code."""
    if as_json:
        from unleak.report.json_drill import drill_document  # noqa: PLC0415 - only with --json

        print_json(drill_document(result.drill, result.comparison, result.leftover))
    else:
        from unleak.report.drill_words import drill_page  # noqa: PLC0415 - only without it

        page = drill_page(result.drill, result.comparison, result.leftover, result.unreadable)
        screen().page(page)
    return drill_exit(result)


def drill_exit(result: DrillResult) -> ExitCode:
    """Return the exit code: what is left over counts most, then what was seen."""
    from unleak.report.verdict import exit_code_of  # noqa: PLC0415 - not for --help

    drill = result.drill
    if result.leftover is not None:
        return ExitCode.PARTIAL
    if drill.status is None or drill.new_sessions_work is False:
        return ExitCode.FAILED
    if drill.status is not Status.CONTAINED:
        return exit_code_of(drill.status)
    is_seen = drill.seconds_to_bite is not None and drill.new_sessions_work
    return ExitCode.DONE if is_seen else ExitCode.UNPROVEN


def show_clean(result: CleanResult, *, is_dry: bool, as_json: bool) -> ExitCode:
    """Show what became of what drills have left, and return the exit code."""
    kept = tuple((each.role, each.why) for each in result.kept)
    not_ours = tuple((each.role, each.why) for each in result.not_ours)
    if as_json:
        from unleak.report.json_drill import clean_document  # noqa: PLC0415 - only with --json

        print_json({**clean_document(result.removed, kept, not_ours), "dry_run": is_dry})
    else:
        from unleak.report.drill_words import clean_page  # noqa: PLC0415 - only without it

        screen().page(clean_page(result.removed, kept, not_ours, is_dry=is_dry))
    return ExitCode.PARTIAL if kept else ExitCode.DONE
