"""The search for other identities of the thief: once before, and again while it is held."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from unleak.contain.braces import numbered
from unleak.contain.door_steps import DoorFacts, close_door, with_closed_doors
from unleak.contain.options import MARGIN
from unleak.flow.fencing import widened
from unleak.identify.leak import leak_of, leak_since
from unleak.identify.lineage import home_region
from unleak.identify.makers import read_makers
from unleak.identify.questions import Told, answer
from unleak.identify.suspects import rank
from unleak.identify.sweep import Depth, Swept, gather_sweep
from unleak.model.action import Holder, HolderType
from unleak.model.door import Door, DoorKind, DoorState
from unleak.model.instant import round_up
from unleak.model.policy_names import CONSOLE_POLICY
from unleak.model.principal import PrincipalType
from unleak.model.reading import Gap, Known, Unknown

if TYPE_CHECKING:
    from datetime import datetime

    from unleak.contain.options import Options
    from unleak.flow.cut import Cutter
    from unleak.identify.leak import Leak
    from unleak.model.plan import Plan, Step
    from unleak.model.ports import Reader
    from unleak.model.situation import KeyFact, Situation

THOROUGH_EVERY = 5
"""Rounds of a hold between two searches that also list keys, passwords and providers."""
_LASTING = frozenset({DoorKind.ROLE_SESSION})
"""Listed in a hold, not contained: an old role that is used is no new identity."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstSweep:
    """What stood there when we began to look."""

    doors: tuple[Door, ...] = ()
    since: datetime | None = None
    unread: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class Sweeper:
    """Knows what was there, and tells what appears.

    Args:
        reader: reads only.
        situation: what leaked, with the full facts.
        options: `since`, and what the person has dismissed.
    """

    reader: Reader
    situation: Situation
    options: Options
    _leak: Leak | None = field(default=None, init=False)
    _known: set[str] = field(default_factory=set, init=False)
    _rounds: int = field(default=0, init=False)
    _closed: int = field(default=0, init=False)

    def first(self) -> FirstSweep:
        """Search for what was made since the leak; CloudTrail clears what others have made.

        Raises:
            ResponderCredentials: our own credentials stopped working.
            WrongUse: `--since` lies in the future.
        """
        now = self.reader.clock.now()
        if now is None:
            return FirstSweep(unread=("other identities: AWS's time is not known",))
        swept = gather_sweep(self.reader)
        since = leak_since(self.situation.credentials, swept, now=now, told=self.options.since)
        leak = leak_of(self.situation, since=since)
        ranking = rank(swept, leak)
        if ranking.doors:
            region = home_region(self.reader.region)
            makers = read_makers(self.reader, since=since, region=region)
            leak = replace(leak, makers=makers)
            ranking = rank(swept, leak)
        self._leak = leak
        doors = self._judged(ranking.doors)
        self._known = {_name(each) for each in doors}
        return FirstSweep(doors=doors, since=since, unread=_blocking(swept), notes=ranking.notes)

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
        plan = widened(plan, wanted)
        cutter.place.journal.replanned(cutter.incident, plan)
        plan = with_closed_doors(cutter.cut(plan))
        cutter.place.journal.replanned(cutter.incident, plan)
        return plan, tuple(each.target for each in wanted if each.holder is not None)

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


def _is_after(door: Door, until: datetime | None) -> bool:
    return until is not None and door.made_at is not None and door.made_at > until


def _blocking(swept: Swept) -> tuple[str, ...]:
    """Return what could not be searched; a cloud without the API has no such things either."""
    details = swept.details
    if isinstance(details, Unknown) and details.gap is Gap.UNSUPPORTED:
        return ()
    return swept.unread
