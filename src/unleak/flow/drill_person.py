"""The person at a drill, and the stop watch that starts when the deny is accepted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from unleak.flow.person import Person
from unleak.model.plan import StepState

if TYPE_CHECKING:
    from unleak.flow.timing import Timing
    from unleak.model.credential import Credential, FoundCredential
    from unleak.model.door import Door
    from unleak.model.drill import DrillPlan
    from unleak.model.plan import Plan, Step
    from unleak.model.principal import Principal


class DrillPerson(Person, Protocol):
    """Somebody who can be shown what a drill would do."""

    def accepts_drill(self, plan: DrillPlan) -> bool:
        """Show the plan and ask the one question."""
        ...

    def accepts_clean(self, roles: tuple[str, ...]) -> bool:
        """Show what would be removed and ask the one question."""
        ...


class StopWatch:
    """Hears what the person hears, and notes when the first change was accepted.

    The plan was accepted with the drill, so nothing is asked any more.

    Args:
        person: who hears.
        timing: counts the seconds.
    """

    def __init__(self, person: Person, timing: Timing) -> None:
        self._person = person
        self._timing = timing
        self.accepted_at: float | None = None
        """The monotonic time of that; None: nothing was accepted."""

    def accepts(self, plan: Plan) -> bool:
        """Accept: it is part of the drill."""
        return bool(plan)

    def contains_too(self, doors: tuple[Door, ...]) -> bool:
        """Leave them: a drill contains its own role and nothing else."""
        del doors
        return False

    def allows_asking(self, found: FoundCredential) -> bool:
        """Allow it: the session is our own."""
        return bool(found)

    def names_owner(self, credential: Credential) -> Principal | None:
        """Name nobody: the drill said whose it is."""
        del credential
        return None

    def hears(self, text: str) -> None:
        """Pass it on."""
        self._person.hears(text)

    def sees_step(self, step: Step, state: StepState) -> None:
        """Note the time of the first change, and pass it on."""
        if state is StepState.DONE and self.accepted_at is None:
            self.accepted_at = self._timing.monotonic()
        self._person.sees_step(step, state)
