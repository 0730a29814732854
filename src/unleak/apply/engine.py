"""The interpreter of a plan: intents to disk, calls out together, outcomes to disk.

Stages go one after the other, and in a stage what stands nearer to the leak; the rest goes out at
the same time.  A step that fails is
written down and never stops the containment that follows.
"""

from __future__ import annotations

from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING

from unleak.apply.interrupt import StopFlag, deferred_ctrl_c
from unleak.apply.perform import failure_of, perform
from unleak.errors import Interrupted, StateFolder, TakenOver, UnleakError
from unleak.model.action import DeleteKey, SetKeyStatus, target_of
from unleak.model.elsewhere import home_of
from unleak.model.outcome import Outcome
from unleak.model.plan import Stage, StepState

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Future
    from typing import TypeAlias

    from unleak.apply.journal import Journal
    from unleak.model.action import Action
    from unleak.model.outcome import Receipt
    from unleak.model.plan import Step
    from unleak.model.ports import Writer
    from unleak.model.vault_ports import VaultWriter

    Progress: TypeAlias = Callable[[Step, StepState], None]

MAX_CALLS = 8
"""Calls in flight at once: below botocore's pool of ten connections, and IAM throttles anyway."""
_POLL_SECONDS = 0.2
"""Windows cannot interrupt a wait without a limit."""


def apply(
    steps: Sequence[Step],
    *,
    incident: str,
    journal: Journal,
    writer: Writer,
    vault: VaultWriter | None = None,
    progress: Progress | None = None,
    should_stop: Callable[[], bool] = lambda: False,
) -> tuple[Outcome, ...]:
    """Do the steps that are planned and return what became of each, in the order given.

    A step that `should_stop` kept from starting has no outcome; `resume` takes it up.

    Args:
        steps: the steps; those in another state than `planned` are left out.
        incident: the id under which all of it is journaled.
        journal: an intent is durable in it before the call leaves, an outcome before this returns.
        writer: the door to AWS.
        vault: the door to Vault; needed only where a step goes there.
        progress: hears, in this thread, of a step when it starts (`planned`) and when it ends.
        should_stop: asked before each step, from any thread.

    Raises:
        StateFolder: nothing could be journaled, so no call was made.
        UnleakError: calls were made, but the journal could not be written to the end.
        Interrupted: Ctrl-C; calls in flight were waited for and journaled.
    """
    run = _Run(incident, journal, partial(perform, vault=vault), writer, progress, should_stop)
    ordered = sorted((step for step in steps if step.state is StepState.PLANNED), key=turn_of)
    with deferred_ctrl_c() as flag:
        run.flag = flag
        for _, group in groupby(ordered, key=turn_of):
            if run.must_stop():
                break
            run.stage(tuple(group))
    run.raise_what_is_left()
    return tuple(run.outcomes[step.id] for step in steps if step.id in run.outcomes)


def turn_of(step: Step) -> tuple[Stage, int]:
    """Return what decides when a step goes out: its stage, and there parents before children."""
    return step.stage, step.depth


class _Run:
    """One call of `apply`."""

    def __init__(
        self,
        incident: str,
        journal: Journal,
        perform: Callable[[Action, Writer], Receipt],
        writer: Writer,
        progress: Progress | None,
        should_stop: Callable[[], bool],
    ) -> None:
        self._incident = incident
        self._journal = journal
        self._perform = perform
        self._writer = writer
        self._progress = progress
        self._should_stop = should_stop
        self._failed: list[Step] = []
        self._unwritten: StateFolder | None = None
        self.flag = StopFlag()
        self.outcomes: dict[str, Outcome] = {}

    def must_stop(self) -> bool:
        return self.flag.is_set or self._unwritten is not None or self._should_stop()

    def stage(self, steps: tuple[Step, ...]) -> None:
        """Try all steps of one stage."""
        ready = tuple(step for step in steps if not self._is_skipped(step))
        if not ready:
            return
        try:
            self._journal.intend(self._incident, ready)
        except StateFolder as error:
            if not self.outcomes:
                raise
            self._unwritten = error
            return
        try:
            if len(ready) == 1:
                self._started(ready[0])
                self._ended(ready[0], self._do(ready[0]))
            else:
                self._together(ready)
        except KeyboardInterrupt:
            self.flag.set()

    def raise_what_is_left(self) -> None:
        """Tell what a tuple of outcomes cannot tell."""
        goes_on = f"`unleak resume {self._incident}` goes on from here"
        if isinstance(self._unwritten, TakenOver):
            raise self._unwritten
        if self._unwritten is not None:
            done = [each.step_id for each in self.outcomes.values() if each.state == StepState.DONE]
            message = (
                f"the journal cannot be written any more ({self._unwritten.message}); "
                f"done so far: {', '.join(done) or 'nothing'}"
            )
            hint = f"make room for the journal, then {goes_on}"
            raise UnleakError(message, hint=hint) from self._unwritten
        if self.flag.is_set:
            message = f"interrupted; steps done before: {len(self.outcomes)}; the journal is whole"
            raise Interrupted(message, hint=goes_on)

    def _is_skipped(self, step: Step) -> bool:
        """Leave out a step that builds on one that failed, and write that down."""
        if step.stage is not Stage.AFTER_CONTAIN:
            return False
        blocker = next((each for each in self._failed if _builds_on(step, each)), None)
        if blocker is None:
            return False
        detail = f"{blocker.id} failed, and this step builds on it"
        outcome = Outcome(step_id=step.id, state=StepState.SKIPPED, detail=detail)
        self._write_down(outcome)
        self._ended(step, outcome)
        return True

    def _together(self, steps: tuple[Step, ...]) -> None:
        """Send the calls of several steps at once and wait for all of them, whatever happens."""
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - one step needs no threads

        with ThreadPoolExecutor(max_workers=min(len(steps), MAX_CALLS)) as pool:
            futures = {pool.submit(self._do, step): step for step in steps}
            for step in steps:
                self._started(step)
            while futures:
                try:
                    self._collect(futures)
                except KeyboardInterrupt:
                    self.flag.set()

    def _collect(self, futures: dict[Future[Outcome | None], Step]) -> None:
        from concurrent.futures import FIRST_COMPLETED, wait  # noqa: PLC0415 - see above

        finished, _ = wait(futures, timeout=_POLL_SECONDS, return_when=FIRST_COMPLETED)
        for future in finished:
            self._ended(futures[future], future.result())
            del futures[future]

    def _do(self, step: Step) -> Outcome | None:
        """Make one call and write down what came of it; None: it was not started."""
        if self.flag.is_set or self._should_stop() or isinstance(self._unwritten, TakenOver):
            return None
        try:
            receipt = self._perform(step.action, self._writer.into_account(home_of(step)))
        except UnleakError as error:
            outcome = failure_of(step.id, error)
        else:
            outcome = Outcome(step_id=step.id, state=StepState.DONE, receipt=receipt)
        self._write_down(outcome)
        return outcome

    def _write_down(self, outcome: Outcome) -> None:
        """Journal an outcome; a full disk must not stop the calls whose intents are durable."""
        try:
            self._journal.outcome(self._incident, outcome)
        except StateFolder as error:
            self._unwritten = error

    def _started(self, step: Step) -> None:
        self._tell(step, StepState.PLANNED)

    def _ended(self, step: Step, outcome: Outcome | None) -> None:
        if outcome is None:
            return
        self.outcomes[step.id] = outcome
        if outcome.state is StepState.FAILED:
            self._failed.append(step)
        self._tell(step, outcome.state)

    def _tell(self, step: Step, state: StepState) -> None:
        """Report progress; a terminal that has gone away must not stop containment."""
        if self._progress is None:
            return
        try:
            self._progress(step, state)
        except OSError:
            self._progress = None


def _builds_on(step: Step, earlier: Step) -> bool:
    """Whether a step is of no use, or harmful, after an earlier one has failed.

    A stand-in builds on the other parts of the same stand-in only; everything else builds on all
    that was to happen to the same principal.
    """
    if step.is_fallback_of is not None:
        return step.is_fallback_of == earlier.is_fallback_of
    return _owner(step.action) == _owner(earlier.action)


def _owner(action: Action) -> str:
    match action:
        case SetKeyStatus(user=user) | DeleteKey(user=user):
            return f"user/{user}"
        case _:
            return target_of(action)
