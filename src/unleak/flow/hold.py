"""Hold a containment against a thief who fights back: look, mend, catch, and move the cut-off.

Once a second everything is looked at.  What was taken away is put back, what appeared is contained
as well, and a few questions tell whether the denies are enforced yet.  When they are, the cut-off
moves to now: whatever the thief opened in the window is older than that.  The unconditional denies
stand until the moved cut-off has had time to be enforced too, so that there is no gap between them.

Only what leaked can be asked.  Where other identities were contained too, or controls were touched,
the last of these changes is given time first: until AWS enforces it, an identity that nobody asks
opens sessions of what leaked, and they would be newer than the moved cut-off.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING

from unleak.flow.controls import IN_PLACE, Gone, look_over, mended
from unleak.flow.fencing import has_fence
from unleak.flow.thaw import freeze_again, is_frozen, lift, move_cutoff
from unleak.model.action import target_of
from unleak.model.door import DoorState
from unleak.model.watch import Touch, Watch

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from unleak.flow.chase import Chase
    from unleak.flow.cut import Cutter
    from unleak.flow.sweeping import Sweeper
    from unleak.flow.workplace import Workplace
    from unleak.model.plan import Plan
    from unleak.verify.bite import Bite
    from unleak.verify.panel import Suspect

ROUND = 1.0
"""Seconds between two looks."""
FIGHT = 0.25
"""Seconds between two looks while somebody takes controls away: a public tool strips twice a
second.  Source: https://hackingthe.cloud/aws/post_exploitation/iam_persistence_eventual_consistency/
"""
LEAST_REST = 5.0
"""Seconds that a change is given to be enforced, at the least; else twice what was measured."""
LEAST_WATCH = 3.0
"""Seconds that what lasts is watched by itself, at the least."""
BLIND = 20.0
"""Seconds that a change is given where nothing can be asked whether it is enforced."""
GRACE = 60.0
"""Seconds that a hold goes on beyond its time while something is not settled yet."""
_DOUBT = 3.0
"""Seconds after a write in which a reading that lacks it may be stale, and is repeated first."""
_REREAD = 0.2
_SAY_EVERY = 5.0


class Phase(Enum):
    """How far the hold has come."""

    BITING = auto()
    """Waiting until everything is refused everywhere."""
    SETTLING = auto()
    """The cut-off was moved, and is given time to be enforced under the freeze."""
    WATCHING = auto()
    """The freeze is lifted; what lasts has to hold by itself."""


@dataclass(slots=True)
class _Log:
    """What a hold has seen so far."""

    rounds: int = 0
    enforced_after: float | None = None
    fence_bites: bool = False
    touched_after_fence: bool = False
    touches: list[Touch] = field(default_factory=list)
    caught: dict[str, None] = field(default_factory=dict)
    unread: dict[str, None] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Hold:
    """One time of holding one incident.

    Args:
        plan: as it stands after the cut.
        cutter: sends changes, under the incident's lock.
        place: doors, journal, person and timing.
        bite: asks whether the denies are enforced.
        sweeper: sees what appears.
        late: mints sessions of ours that the first cut-off misses and the moved one has to hit.
        seconds: how long.
        chase: follows what leaked through CloudTrail.
    """

    plan: Plan
    cutter: Cutter
    place: Workplace
    bite: Bite
    sweeper: Sweeper
    late: Callable[[], tuple[Suspect, ...]]
    seconds: float
    chase: Chase | None = None
    phase: Phase = field(default=Phase.BITING, init=False)
    _log: _Log = field(default_factory=_Log, init=False)
    _began: float = field(default=0.0, init=False)
    _changed_at: float = field(default=0.0, init=False)
    _phase_at: float = field(default=0.0, init=False)
    _said_at: float = field(default=0.0, init=False)
    _lag: float | None = field(default=None, init=False)
    _is_at_rest: bool = field(default=False, init=False)
    _power_until: datetime | None = field(default=None, init=False)

    def run(self) -> tuple[Plan, Watch]:
        """Hold until the time is over and everything has settled.

        Raises:
            Interrupted: Ctrl-C; the journal is whole and `resume` holds on.
        """
        self._began = self._changed_at = self._phase_at = self._said_at = self._now()
        while True:
            is_fight = self._round()
            left = self.seconds - (self._now() - self._began)
            self._is_at_rest = left <= 0 and self._is_over()
            if self._is_at_rest or left <= -GRACE:
                return self.plan, self._watch()
            self._say(left)
            self.place.timing.pause(FIGHT if is_fight else ROUND)

    def _round(self, *, is_thorough: bool = False) -> bool:
        """Look once, mend, catch, ask; returns whether somebody works against us."""
        self._log.rounds += 1
        touched = self._mend()
        caught = self._catch(is_thorough=is_thorough)
        self.bite.ask()
        if touched or caught:
            self.bite.forget()
            self._changed_at = self._now()
            self._back_to_biting()
        else:
            self._step_on()
        return touched or caught

    def _is_over(self) -> bool:
        """Whether nothing is left to wait for, after one last thorough look."""
        if self.phase is not Phase.WATCHING or self._now() - self._phase_at < LEAST_WATCH:
            return False
        return not self._round(is_thorough=True)

    def _mend(self) -> bool:
        """Put back what is gone; a reading that may be stale is repeated first."""
        reader = self.place.reader
        seen = look_over(self.plan, reader)
        if seen.gone and self._now() - self._changed_at < _DOUBT:
            self.place.timing.pause(_REREAD)
            seen = look_over(self.plan, reader)
        self._log.unread.update(dict.fromkeys(seen.unread))
        if not seen.gone:
            return False
        self._log.touched_after_fence |= self._log.fence_bites
        self.plan = self.cutter.cut(mended(seen.gone, self.plan, cutoff=self.plan.cutoff))
        self._log.touches += [self._touch(each) for each in seen.gone]
        return True

    def _touch(self, gone: Gone) -> Touch:
        state = next(each.state for each in self.plan.steps if each.id == gone.step.id)
        return Touch(
            step_id=gone.step.id,
            target=target_of(gone.step.action),
            what=gone.what,
            at=self.place.reader.clock.now(),
            is_mended=state in IN_PLACE,
        )

    def _catch(self, *, is_thorough: bool) -> bool:
        """Contain what has appeared since the first cut, and what the thorough look has found."""
        before = len(self.plan.steps)
        self.plan = self.sweeper.revised(self.plan, self.cutter, is_last=is_thorough)
        if self.chase is not None:
            self.plan = self.chase.revised(self.plan, self.cutter, is_last=is_thorough)
        has_more = len(self.plan.steps) > before
        found = self.sweeper.appeared(is_thorough=is_thorough, until=self._power_until)
        if not found:
            return has_more
        self.plan, caught = self.sweeper.close(found, self.plan, self.cutter)
        self._log.caught.update(dict.fromkeys(caught))
        return has_more or bool(caught)

    def _back_to_biting(self) -> None:
        self._power_until = None
        if self.phase is Phase.WATCHING:
            self.plan = freeze_again(self.plan, self.cutter, self.place)
        self._enter(Phase.BITING)

    def _step_on(self) -> None:
        now = self._now()
        match self.phase:
            case Phase.BITING if self._bites(now):
                self._log.fence_bites = has_fence(self.plan)
                for suspect in self.late():
                    self.bite.watch(suspect)
                self.plan = move_cutoff(self.plan, self.cutter, self.place)
                self._enter(Phase.SETTLING)
            case Phase.SETTLING if now - self._phase_at >= self._rest:
                self.plan = lift(self.plan, self.cutter, self.place)
                self._power_until = self.place.reader.clock.now()
                self._enter(Phase.WATCHING)
            case Phase.WATCHING if self.bite.served_in:
                self.place.person.hears("the moved cut-off is not enforced yet: freezing again")
                self.bite.forget()
                self._changed_at = now
                self._back_to_biting()
            case Phase.BITING | Phase.SETTLING | Phase.WATCHING:
                pass

    def _bites(self, now: float) -> bool:
        """Whether the denies are seen to be enforced; blind, only time can tell."""
        bites = self.bite.bites
        if bites is None:
            return now - self._changed_at >= BLIND
        if not bites:
            return False
        # Which change is seen to be enforced nobody can tell: it may be one that came before the
        # last.  Counted from the first, the lag comes out too long at worst.
        cut_at = self._began if self.cutter.accepted_at is None else self.cutter.accepted_at
        since = now if self.bite.refused_since is None else self.bite.refused_since
        self._lag = max(0.0, since - cut_at, self._lag or 0.0)
        if self._log.enforced_after is None:
            self._log.enforced_after = now - self._began
        return not self._has_unseen_changes or now - self._changed_at >= self._rest

    @property
    def _has_unseen_changes(self) -> bool:
        """Whether something was changed of which no answer tells that it is enforced."""
        return bool(self._log.touches) or any(
            door.state is DoorState.CONTAINED for door in self.plan.doors
        )

    @property
    def _rest(self) -> float:
        """How long a change is given: twice what the slowest has taken, or long when blind."""
        return BLIND if self._lag is None else max(LEAST_REST, 2 * self._lag)

    def _enter(self, phase: Phase) -> None:
        self.phase, self._phase_at = phase, self._now()

    def _now(self) -> float:
        return self.place.timing.monotonic()

    def _say(self, left: float) -> None:
        now = self._now()
        if now - self._said_at < _SAY_EVERY:
            return
        self._said_at = now
        touches, served = len(self._log.touches), self.bite.served_in
        words = f"holding, {max(0.0, left):.0f} s left: "
        words += f"touched {touches} times, mended" if touches else "nothing was touched"
        if served:
            words += f"; still served in {', '.join(served)}"
        self.place.person.hears(words)

    def _watch(self) -> Watch:
        log = self._log
        return Watch(
            seconds=self._now() - self._began,
            rounds=log.rounds,
            enforced_after=log.enforced_after,
            touches=tuple(log.touches),
            caught=tuple(log.caught),
            is_fenced=has_fence(self.plan),
            touched_after_fence=log.touched_after_fence,
            is_settled=self._is_at_rest,
            is_frozen=is_frozen(self.plan),
            unread=tuple(log.unread),
        )
