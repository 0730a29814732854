"""The person at the terminal, as the flows see him."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from unleak.cli.question import ask, confirm
from unleak.errors import NoConsent, WrongUse
from unleak.evidence.clean import printable
from unleak.model.plan import StepState

if TYPE_CHECKING:
    from unleak.cli.options import Changing
    from unleak.model.credential import Credential, FoundCredential
    from unleak.model.door import Door
    from unleak.model.plan import Plan, Step
    from unleak.model.principal import Principal
    from unleak.report.terminal import Screen


class TerminalPerson:
    """Asks on stderr and answers from stdin; with `--yes` or without a terminal it asks nothing.

    Args:
        may_ask: whether there is somebody to ask.
        quiet: drop the progress (for `--json` on something that is no terminal).
    """

    def __init__(self, *, may_ask: bool, quiet: bool = False) -> None:
        self._drawn: Screen | None = None
        self._may_ask = may_ask
        self._quiet = quiet

    @property
    def _screen(self) -> Screen:
        """The screen, loaded when there is something to show: the deny does not wait for it."""
        from unleak.cli.output import screen  # noqa: PLC0415 - loads the words of all pages

        if self._drawn is None:
            self._drawn = screen()
        return self._drawn

    def accepts(self, plan: Plan) -> bool:
        """Show the plan and ask the one question."""
        self._screen.plan(plan, talk=True)
        return self._may_ask and confirm("Do this now?", default=False)

    def contains_too(self, doors: tuple[Door, ...]) -> bool:
        """Ask once for all suspects; whoever wants some of them names the others with --dismiss."""
        many = f"these {len(doors)} suspects" if len(doors) > 1 else "this suspect"
        names = ", ".join(each.target for each in doors[:5])
        more = ", ..." if len(doors) > 5 else ""  # noqa: PLR2004 - as many as fit on a line
        return self._may_ask and confirm(
            f"Contain {many} too ({printable(names + more, limit=300)})?", default=False
        )

    def allows_asking(self, found: FoundCredential) -> bool:
        """Ask whether the leaked credential may be used for harmless read-only calls."""
        if not self._may_ask:
            return False
        self._screen.progress(
            "Asking the leaked credential itself is the quickest way to see whose it is, and the "
            "only way to see it die. The calls only read; CloudTrail will show them."
        )
        question = f"May unleak sign such calls with {found.access_key_id}?"
        return confirm(question, default=True)

    def names_owner(self, credential: Credential) -> Principal | None:
        """Ask whose it is; an empty answer means that the person does not know."""
        from unleak.flow.wish import owner_of  # noqa: PLC0415 - rarely needed

        while self._may_ask:
            answer = ask(f"Whose is {credential.label}? (role/NAME, user/NAME, or empty)")
            if not answer:
                return None
            try:
                return owner_of(answer)
            except WrongUse as error:
                self.hears(f"{error.message}; {error.hint}")
        return None

    def hears(self, text: str) -> None:
        """Show progress."""
        if not self._quiet:
            self._screen.progress(text)

    def sees_step(self, step: Step, state: StepState) -> None:
        """Show that a step was tried; drawing before it was would keep the deny waiting."""
        if not self._quiet and state is not StepState.PLANNED:
            self._screen.step(step, state)


def at_terminal(changing: Changing) -> bool:
    """Whether there is somebody to ask.

    Args:
        changing: `--yes` and `--dry-run` need nobody.

    Raises:
        NoConsent: a question has to be asked and there is nobody.
    """
    if changing.assume_yes or changing.dry_run:
        return False
    if sys.stdin.isatty():
        return True
    message = "this command changes things and there is no terminal to ask on"
    raise NoConsent(
        message, hint="look at `unleak plan` first, then give --yes (or run it in a terminal)"
    )
