"""The search for other identities of the thief: once before, and again while it is held."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from unleak.contain.braces import numbered
from unleak.contain.door_steps import DoorFacts, close_door, with_closed_doors
from unleak.contain.options import MARGIN
from unleak.contain.reinforce import Suspects, with_suspects
from unleak.errors import UnleakError
from unleak.flow.fencing import widened
from unleak.identify.leak import leak_of, leak_since
from unleak.identify.lineage import home_region
from unleak.identify.makers import NO_MAKERS, read_makers
from unleak.identify.questions import Told, answer
from unleak.identify.suspects import rank
from unleak.identify.sweep import Depth, Swept, gather_sweep
from unleak.model.action import Holder, HolderType, SetInlinePolicy, kind_of, target_of
from unleak.model.door import Door, DoorKind, DoorState
from unleak.model.instant import round_up
from unleak.model.policy_names import CONSOLE_POLICY
from unleak.model.principal import PrincipalType
from unleak.model.reading import Gap, Known, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from unleak.contain.options import Options
    from unleak.flow.cut import Cutter
    from unleak.identify.leak import Leak
    from unleak.identify.makers import Makers
    from unleak.model.plan import Plan, Step
    from unleak.model.ports import Reader
    from unleak.model.situation import KeyFact, Situation

THOROUGH_EVERY = 5
"""Rounds of a hold between two searches that also list keys, passwords and providers."""
_LASTING = frozenset({DoorKind.ROLE_SESSION})
"""Listed in a hold, not contained: an old role that is used is no new identity."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """One thorough look at the account, and what leaked."""

    swept: Swept
    leak: Leak


class Trail:
    """CloudTrail's answer to one look, under way.

    Args:
        seen: the look.
        ask: asks; its failures are in its answer.
    """

    def __init__(self, seen: _Seen, ask: Callable[[], Makers]) -> None:
        self.seen = seen
        self._answer: Makers | None = None
        self._error: UnleakError | None = None
        self._names = frozenset(_name(each) for each in rank(seen.swept, seen.leak).doors)
        self._thread = threading.Thread(target=self._run, args=(ask,), daemon=True)
        self._thread.start()

    @property
    def is_told(self) -> bool:
        """Whether it has answered."""
        return not self._thread.is_alive()

    def knew(self, name: str) -> bool:
        """Whether that look had a suspect of this name before CloudTrail spoke."""
        return name in self._names

    def result(self) -> Makers:
        """Wait for the answer.

        Raises:
            UnleakError: our own credentials stopped working.
        """
        self._thread.join()
        if self._error is not None:
            raise self._error
        return self._answer or NO_MAKERS

    def _run(self, ask: Callable[[], Makers]) -> None:
        try:
            self._answer = ask()
        except UnleakError as error:
            self._error = error


@dataclass(slots=True, kw_only=True)
class Sweeper:
    """Knows what was there, and tells what appears.

    Args:
        reader: reads only.
        situation: what leaked, with the full facts.
        options: `since`, whether suspects are contained, and whom the person has dismissed.
    """

    reader: Reader
    situation: Situation
    options: Options
    _leak: Leak | None = field(default=None, init=False)
    _known: set[str] = field(default_factory=set, init=False)
    _rounds: int = field(default=0, init=False)
    _closed: int = field(default=0, init=False)
    _trail: Trail | None = field(default=None, init=False)

    def first(self) -> Suspects:
        """Search for what was made since the leak; CloudTrail clears what others have made.

        Raises:
            ResponderCredentials: our own credentials stopped working.
            WrongUse: `--since` lies in the future.
        """
        seen = self._look()
        if isinstance(seen, Suspects):
            return seen
        return self._ranked(seen, self._ask_trail(seen).result())

    def search(self, plan: Plan, cutter: Cutter) -> Plan:
        """Search after the first deny, and contain what is newer than that.

        CloudTrail answers slowly (two look-ups a second), so it is asked in the background:
        `revised` takes in what it says.

        Args:
            plan: as it stands.
            cutter: knows when the first deny was accepted, and sends the changes.
        """
        seen = self._look()
        if isinstance(seen, Suspects):
            return self._noted(with_suspects(plan, seen, ()), cutter)
        self._trail = self._ask_trail(seen)
        found = self._ranked(seen, None)
        newer = tuple(
            each
            for each in found.doors
            if cutter.cut_at is not None
            and each.made_at is not None
            and each.made_at >= cutter.cut_at
            and each.kind not in _LASTING
        )
        return self._closing(with_suspects(plan, found, self.closing(newer, plan)), cutter)

    def revised(self, plan: Plan, cutter: Cutter, *, is_last: bool = False) -> Plan:
        """Take in what CloudTrail says of the suspects, once it has answered.

        Args:
            plan: as it stands.
            cutter: sends the changes, where suspects are to be contained.
            is_last: wait for the answer.
        """
        trail = self._trail
        if trail is None or not (is_last or trail.is_told):
            return plan
        self._trail = None
        found = self._ranked(trail.seen, trail.result())
        ranked = {_name(each) for each in found.doors}
        later = tuple(
            each for each in plan.doors if _name(each) not in ranked and not trail.knew(_name(each))
        )
        closing = self.closing(found.doors, plan) if self.options.cascade else ()
        done = {_thing(step) for step in plan.steps}
        closing = tuple(each for each in closing if _thing(each) not in done)
        doors = (*found.doors, *later)
        return self._closing(with_suspects(plan, replace(found, doors=doors), closing), cutter)

    def closing(self, doors: tuple[Door, ...], plan: Plan) -> tuple[Step, ...]:
        """Return the steps that contain suspects, without ids.

        Args:
            doors: those that are not open come to nothing.
            plan: for the cut-off, the account and the partition.
        """
        return tuple(step for door in doors if door.is_open for step in self._steps(door, plan))

    def appeared(self, *, is_thorough: bool, until: datetime | None) -> tuple[Door, ...]:
        """Return the suspects that were not there at first.

        Args:
            is_thorough: also list keys, passwords and providers now.
            until: what was made later cannot be the thief's any more; None: anything can.
        """
        if self._leak is None:
            return ()
        self._rounds += 1
        is_full = is_thorough or self._rounds % THOROUGH_EVERY == 0
        swept = gather_sweep(self.reader, depth=Depth.FULL if is_full else Depth.LIGHT)
        found = [
            each
            for each in self._judged((*rank(swept, self._leak).doors, *self._new_keys()))
            if _name(each) not in self._known and not _is_after(each, until)
        ]
        new = tuple({_name(each): each for each in found}.values())
        self._known.update(map(_name, new))
        return new

    def close(
        self, doors: tuple[Door, ...], plan: Plan, cutter: Cutter
    ) -> tuple[Plan, tuple[str, ...]]:
        """Contain what has appeared; returns the plan and what was contained.

        Args:
            doors: from `appeared`.
            plan: as it stands.
            cutter: sends the changes.
        """
        wanted = tuple(each for each in doors if each.is_open and each.kind not in _LASTING)
        steps = numbered(self.closing(wanted, plan), letter="h", taken=self._closed)
        self._closed += len(steps)
        plan = replace(plan, steps=(*plan.steps, *steps), doors=(*plan.doors, *doors))
        plan = widened(plan, wanted, self.situation.caller)
        plan = self._closing(plan, cutter)
        return plan, tuple(each.target for each in wanted if each.holder is not None)

    def _look(self) -> _Seen | Suspects:
        now = self.reader.clock.now()
        if now is None:
            return Suspects(unread=("other identities: AWS's time is not known",))
        swept = gather_sweep(self.reader)
        since = leak_since(self.situation.credentials, swept, now=now, told=self.options.since)
        return _Seen(swept=swept, leak=leak_of(self.situation, since=since))

    def _ask_trail(self, seen: _Seen) -> Trail:
        leak = seen.leak
        return Trail(
            seen,
            lambda: read_makers(
                self.reader,
                since=leak.since,
                region=home_region(self.reader.region),
                key_ids=leak.key_ids,
            ),
        )

    def _ranked(self, seen: _Seen, makers: Makers | None) -> Suspects:
        leak = seen.leak if makers is None else replace(seen.leak, makers=makers)
        ranking = rank(seen.swept, leak)
        self._leak = replace(leak, cleared=ranking.cleared)
        doors = self._judged(ranking.doors)
        self._known |= {_name(each) for each in doors}
        return Suspects(
            doors=doors,
            since=leak.since,
            unread=_blocking(seen.swept),
            notes=(*ranking.notes, *(() if makers is None else makers.unread)),
        )

    def _closing(self, plan: Plan, cutter: Cutter) -> Plan:
        """Send what closes doors, and mark those that are closed."""
        journal = cutter.place.journal
        if plan.pending:
            journal.replanned(cutter.incident, plan)
            plan = cutter.cut(plan)
        return self._noted(with_closed_doors(plan), cutter)

    def _noted(self, plan: Plan, cutter: Cutter) -> Plan:
        cutter.place.journal.replanned(cutter.incident, plan)
        return plan

    def _judged(self, found: tuple[Door, ...]) -> tuple[Door, ...]:
        return tuple(
            replace(each, state=DoorState.DISMISSED)
            if {each.target, "" if each.holder is None else each.holder.label}
            & self.options.dismissed
            else each
            for each in found
        )

    def _new_keys(self) -> tuple[Door, ...]:
        """Return the keys that leaked users have got since: a short list, so it is read often."""
        doors: list[Door] = []
        for facts in self.situation.principals:
            if facts.principal.type is not PrincipalType.USER or not isinstance(facts.keys, Known):
                continue
            before = {key.key_id for key in facts.keys.value}
            holder = Holder(type=HolderType.USER, name=facts.principal.name)
            doors += [
                Door(
                    kind=DoorKind.ACCESS_KEY,
                    target=key.key_id,
                    reason=f"a key that {holder.label} did not have before the cut",
                    weight=2,
                    holder=holder,
                    made_at=key.created_at,
                )
                for key in self._keys(holder.name)
                if key.key_id not in before
            ]
        return tuple(doors)

    def _steps(self, door: Door, plan: Plan) -> tuple[Step, ...]:
        """Return what closes one door, with what is there just now."""
        holder = door.holder
        if holder is None:
            return ()
        now = self.reader.clock.now()
        cutoff = plan.cutoff if now is None else round_up(now) + MARGIN
        if cutoff is None:
            return ()
        return close_door(
            door,
            DoorFacts(
                keys=self._keys(holder.name) if holder.type is HolderType.USER else (),
                revoke_policy=self._revoke_policy(holder),
            ),
            cutoff=cutoff,
            account=self.situation.caller.account,
            partition=next((each.partition for each in plan.credentials if each.partition), None),
        )

    def _keys(self, user: str) -> tuple[KeyFact, ...]:
        told = answer(lambda: self.reader.keys(user))
        return told.value if isinstance(told, Told) else ()

    def _revoke_policy(self, holder: Holder) -> str | None:
        told = answer(lambda: self.reader.inline_policy(holder, CONSOLE_POLICY))
        return told.value if isinstance(told, Told) else None


def _name(door: Door) -> str:
    return f"{door.kind} {door.target}"


def _thing(step: Step) -> tuple[str, str]:
    name = step.action.policy_name if isinstance(step.action, SetInlinePolicy) else ""
    return f"{kind_of(step.action)} {name}", target_of(step.action)


def _is_after(door: Door, until: datetime | None) -> bool:
    return until is not None and door.made_at is not None and door.made_at > until


def _blocking(swept: Swept) -> tuple[str, ...]:
    """Return what could not be searched; a cloud without the API has no such things either."""
    details = swept.details
    if isinstance(details, Unknown) and details.gap is Gap.UNSUPPORTED:
        return ()
    return swept.unread
