"""The search for other identities of the thief: once before, and again while it is held."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from unleak.contain.braces import numbered
from unleak.contain.door_steps import with_closed_doors
from unleak.contain.reinforce import Suspects, with_suspects
from unleak.contain.rest_of_user import new_ways_in, unread_accounts, unread_ways_in
from unleak.flow.closing import Closer
from unleak.flow.fencing import widened
from unleak.flow.inquiry import Inquiry, Seen
from unleak.identify.leak import leak_of, leak_since
from unleak.identify.lineage import home_region
from unleak.identify.makers import NO_MAKERS, read_makers
from unleak.identify.questions import Told, answer
from unleak.identify.suspects import rank
from unleak.identify.sweep import Depth, Swept, gather_sweep
from unleak.model.action import Holder, HolderType, SetInlinePolicy, kind_of, target_of
from unleak.model.credential import CredentialKind
from unleak.model.door import Door, DoorKind, DoorState
from unleak.model.principal import PrincipalType
from unleak.model.reading import Gap, Known, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from unleak.contain.options import Options
    from unleak.flow.cut import Cutter
    from unleak.identify.leak import Leak
    from unleak.model.plan import Plan, Step
    from unleak.model.ports import Reader
    from unleak.model.situation import KeyFact, Situation

THOROUGH_EVERY = 5
"""Rounds of a hold between two searches that also list keys, passwords and providers."""
PATIENCE = 15.0
"""Seconds that a plan waits for key lists and CloudTrail before it is shown without."""
_SLOW = 0.5
"""Seconds of a search from which on it is made more seldom."""
_STILL_LISTING = (
    "keys, passwords and CloudTrail are still being searched: what they show comes after the cut"
)
_LASTING = frozenset({DoorKind.ROLE_SESSION})
"""Listed in a hold, not contained: an old role that is used is no new identity."""


@dataclass(slots=True, kw_only=True)
class Sweeper:
    """Knows what was there, and tells what appears.

    Args:
        reader: reads only.
        situation: what leaked, with the full facts.
        options: `since`, whether suspects are contained, and whom the person has dismissed.
        monotonic: a clock that never goes back, in seconds: a slow search is made more seldom.
    """

    reader: Reader
    situation: Situation
    options: Options
    monotonic: Callable[[], float]
    _leak: Leak | None = field(default=None, init=False)
    _known: set[str] = field(default_factory=set, init=False)
    _rounds: int = field(default=0, init=False)
    _closed: int = field(default=0, init=False)
    _inquiry: Inquiry | None = field(default=None, init=False)
    _due: dict[Depth, float] = field(default_factory=dict, init=False)

    def first(self) -> Suspects:
        """Search before the question; what takes longer goes on while the person reads.

        Raises:
            ResponderCredentials: our own credentials stopped working.
            WrongUse: `--since` lies in the future.
        """
        if not self._is_worth_it():
            return Suspects(unread=self._unread())
        inquiry = self._begin()
        seen = inquiry.result(PATIENCE)
        if seen is not None:
            return self._ranked(seen)
        self._inquiry = inquiry
        found = self._ranked(self._look(Depth.LIGHT))
        return replace(found, notes=(*found.notes, _STILL_LISTING))

    def search(self, plan: Plan, cutter: Cutter) -> Plan:
        """Search after the first deny, and contain what is newer than that.

        Args:
            plan: as it stands.
            cutter: knows when the first deny was accepted, and sends the changes.
        """
        if not self._is_worth_it():
            unread = self._unread()
            if not unread:
                return plan
            return self._noted(replace(plan, unswept=(*plan.unswept, *unread)), cutter)
        self._inquiry = self._begin()
        found = self._ranked(self._look(Depth.LIGHT))
        newer = tuple(each for each in found.doors if self._is_newer(each, cutter))
        return self._closing(with_suspects(plan, found, self.closing(newer, plan)), cutter)

    def revised(self, plan: Plan, cutter: Cutter, *, is_last: bool = False) -> Plan:
        """Take in what the thorough look has seen, once it is through.

        Args:
            plan: as it stands.
            cutter: sends the changes, where suspects are to be contained.
            is_last: wait for it.
        """
        if self._inquiry is None:
            return plan
        seen = self._inquiry.result(None if is_last else 0)
        if seen is None:
            return plan
        self._inquiry = None
        before = {
            _name(each) for each in rank(seen.swept, replace(seen.leak, makers=NO_MAKERS)).doors
        }
        known = set(self._known)
        found = self._ranked(seen)
        ranked = {_name(each) for each in found.doors}
        later = tuple(
            each for each in plan.doors if _name(each) not in ranked and _name(each) not in before
        )
        wanted = tuple(
            each
            for each in found.doors
            if self.options.cascade or (_name(each) not in known and self._is_newer(each, cutter))
        )
        done = {_thing(step) for step in plan.steps}
        steps = tuple(each for each in self.closing(wanted, plan) if _thing(each) not in done)
        doors = (*found.doors, *later)
        return self._closing(with_suspects(plan, replace(found, doors=doors), steps), cutter)

    def closing(self, doors: tuple[Door, ...], plan: Plan) -> tuple[Step, ...]:
        """Return the steps that contain suspects, without ids.

        Args:
            doors: those that are not open come to nothing.
            plan: for the cut-off, the account and the partition.
        """
        return Closer(self.reader, self.situation).closing(doors, plan)

    def appeared(self, *, is_thorough: bool, until: datetime | None) -> tuple[Door, ...]:
        """Return the suspects that were not there at first.

        Args:
            is_thorough: also list keys, passwords and providers now.
            until: what was made later cannot be the thief's any more; None: anything can.
        """
        if self._leak is None:
            return ()
        self._rounds += 1
        swept = self._swept(is_thorough=is_thorough)
        ranked = () if swept is None else rank(swept, self._leak).doors
        found = [
            each
            for each in self._judged((*ranked, *self._new_keys()))
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

    def _is_worth_it(self) -> bool:
        """Whether the leaked principals could have made, or become, anything at all."""
        if is_one_service(self.situation) or unread_accounts(self.situation):
            return False
        now = self.reader.clock.now()
        return now is None or bool(leak_of(self.situation, since=now).could_make())

    def _unread(self) -> tuple[str, ...]:
        """Return what was not looked through where no sweep is worth it."""
        return (*unread_ways_in(self.situation), *unread_accounts(self.situation))

    def _begin(self) -> Inquiry:
        return Inquiry(
            lambda: self._look(Depth.FULL),
            lambda seen: read_makers(
                self.reader,
                since=seen.leak.since,
                region=home_region(self.reader.region),
                key_ids=seen.leak.key_ids,
            ),
        )

    def _look(self, depth: Depth) -> Seen:
        swept = gather_sweep(self.reader, depth=depth)
        now = self.reader.clock.now() or datetime.now(UTC)
        since = leak_since(self.situation.credentials, swept, now=now, told=self.options.since)
        if self.options.since is None:
            since = max(since, self._oldest() or since)
        return Seen(swept=swept, leak=leak_of(self.situation, since=since))

    def _oldest(self) -> datetime | None:
        """Return when the first of the leaked principals was made, also where it is gone by now."""
        made = [facts.created_at for facts in self.situation.principals]
        known = [each for each in made if each is not None]
        return min(known).replace(microsecond=0) if known and len(known) == len(made) else None

    def _swept(self, *, is_thorough: bool) -> Swept | None:
        """Look as deep as is due; a search that took long is given four times as long a rest."""
        began = self.monotonic()
        depth = Depth.LIGHT
        if is_thorough or self._rounds % THOROUGH_EVERY == 0:
            depth = Depth.FULL
        if not is_thorough and began < self._due.get(depth, began):
            return None
        swept = gather_sweep(self.reader, depth=depth)
        took = self.monotonic() - began
        self._due[depth] = began + (5 * took if took > _SLOW else 0)
        return swept

    def _is_newer(self, door: Door, cutter: Cutter) -> bool:
        return (
            cutter.cut_at is not None
            and door.made_at is not None
            and door.made_at >= cutter.cut_at
            and door.kind not in _LASTING
        )

    def _ranked(self, seen: Seen) -> Suspects:
        leak = seen.leak
        ranking = rank(seen.swept, leak)
        self._leak = replace(leak, cleared=ranking.cleared)
        doors = self._judged(
            (*ranking.doors, *self._new_ways_in(leak, {door.target for door in ranking.doors}))
        )
        self._known |= {_name(each) for each in doors}
        unread = () if leak.makers is NO_MAKERS else leak.makers.unread
        return Suspects(
            doors=doors,
            since=leak.since,
            unread=(*_blocking(seen.swept), *unread_ways_in(self.situation)),
            notes=(*ranking.notes, *unread),
        )

    def _closing(self, plan: Plan, cutter: Cutter) -> Plan:
        """Send what closes doors, and mark those that are closed."""
        journal = cutter.place.journal
        if plan.due:
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

    def _keys(self, user: str) -> tuple[KeyFact, ...]:
        told = answer(lambda: self.reader.keys(user))
        return told.value if isinstance(told, Told) else ()

    def _new_ways_in(self, leak: Leak, known: set[str]) -> tuple[Door, ...]:
        kinds = leak.could_make()
        new = new_ways_in(self.situation, since=leak.since, kinds=kinds)
        return tuple(door for door in new if door.target not in known)


def is_one_service(situation: Situation) -> bool:
    """Whether all that leaked is taken by one service only, so that it makes no identity.

    An API key of Bedrock, for one, is good for Bedrock's own calls and nothing else.
    Source: https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys.html
    """
    kinds = {each.kind for each in situation.credentials}
    return kinds == {CredentialKind.SERVICE_KEY}


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
