"""What the steps of a running rotation share: its record, the doors, the new key in memory."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from unleak.errors import ExitCode, UnleakError
from unleak.evidence.clean import redact
from unleak.model.plan import StepState
from unleak.model.rotation import RotationKind
from unleak.stores.interface import Reach

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from unleak.model.ports import Reader, Writer
    from unleak.model.rotation import Rotation, RotationStep, Spot, Written
    from unleak.rotate.doors import Pace, RotationDoors, RotationPerson
    from unleak.rotate.journal import RotationJournal
    from unleak.stores.interface import Destination, KeyPair
    from unleak.stores.registry import Registry
    from unleak.stores.reloading import Reloader

_DETAIL = 500


class Stuck(UnleakError):
    """A rotation cannot go on by itself: a person has to decide."""

    code = "stuck"
    exit_code = ExitCode.PARTIAL


class Workbench:
    """The workbench of one rotation.

    Args:
        rotation: as the journal tells it.
        journal: every step is noted in it before it is done, and its outcome after.
        doors: the cloud.
        registry: the destinations.
        person: told of progress.
        pace: how to wait.
        environment: for destinations outside AWS.
    """

    def __init__(
        self,
        rotation: Rotation,
        *,
        journal: RotationJournal,
        doors: RotationDoors,
        registry: Registry,
        person: RotationPerson,
        pace: Pace,
        environment: Mapping[str, str],
    ) -> None:
        self.rotation = rotation
        self.journal = journal
        self.doors = doors
        self.person = person
        self.pace = pace
        self.pair: KeyPair | None = None
        """The new key with its secret; gone with the process."""
        self._registry = registry
        self._environment = environment
        self._writer: Writer | None = None
        self._reach: Reach | None = None

    @property
    def id(self) -> str:
        """The rotation's id."""
        return self.rotation.id

    @property
    def user(self) -> str:
        """Whose keys they are."""
        return self.rotation.plan.user

    @property
    def old_key_id(self) -> str:
        """The key that is replaced."""
        return self.rotation.plan.old_key_id

    @property
    def reader(self) -> Reader:
        """The door that cannot change a thing."""
        return self.doors.reader()

    @property
    def writer(self) -> Writer:
        """The door to IAM that can, opened at its first use."""
        if self._writer is None:
            self._writer = self.doors.writer()
        return self._writer

    @property
    def reach(self) -> Reach:
        """With what destinations are read and written."""
        if self._reach is None:
            self._reach = Reach(
                cloud=self.doors.writing_desk(),
                account=self.rotation.plan.account,
                environment=self._environment,
            )
        return self._reach

    @property
    def writes(self) -> tuple[RotationStep, ...]:
        """The steps that write the new key somewhere."""
        return tuple(s for s in self.rotation.plan.steps if s.kind is RotationKind.WRITE)

    @property
    def reloads(self) -> tuple[RotationStep, ...]:
        """The steps that let a workload read it anew."""
        return tuple(s for s in self.rotation.plan.steps if s.kind is RotationKind.RELOAD)

    def destination(self, spot: Spot) -> Destination:
        """Return the store of a place.

        Raises:
            WrongUse: it is not installed (any more).
        """
        return self._registry.destination(spot.store)

    def reloader(self, workload: Spot) -> Reloader:
        """Return the store that can let a workload start anew.

        Raises:
            WrongUse: it is not installed (any more).
        """
        return self._registry.reloader(workload.store)

    def begin(self, step: RotationStep) -> None:
        """Note that a step is about to be done.

        Raises:
            StateFolder: it could not be noted, so the step may not be done.
        """
        self.journal.intend(self.id, step)
        self.refresh()

    def end(
        self,
        step: RotationStep,
        state: StepState = StepState.DONE,
        *,
        detail: str = "",
        written: Written | None = None,
    ) -> bool:
        """Note what a step has come to, and tell the person; True where it is as it should be."""
        shown = redact(detail)[:_DETAIL]
        self.journal.outcome(self.id, step, state, detail=shown, written=written)
        self.refresh()
        self.person.sees_rotation(replace(step, state=state, detail=shown, written=written))
        return state in {StepState.DONE, StepState.ALREADY}

    def fail(self, step: RotationStep, error: UnleakError) -> bool:
        """Note that a step has failed; False."""
        hint = f" ({error.hint})" if error.hint else ""
        return self.end(step, StepState.FAILED, detail=f"{error.message}{hint}")

    def refresh(self) -> None:
        """Read the rotation anew from its journal, which alone says how it stands."""
        self.rotation = self.journal.rotation(self.id)

    def ended_at(self, step_id: str) -> datetime | None:
        """Return when a step came to its last outcome, None where it has none."""
        return dict(self.rotation.ended).get(step_id)
