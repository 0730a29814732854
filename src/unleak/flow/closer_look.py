"""The closer look at a thief who may fight back: his grip, his other identities, the fence.

Before the question where a person reads the plan; with `--yes` right after the first deny, because
the thief's clock runs.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from unleak.contain.guards import is_of_root
from unleak.contain.reinforce import Suspects, hold_seconds, reinforce, with_rest, with_suspects
from unleak.flow.chase import chase_for
from unleak.flow.fencing import fence_for
from unleak.flow.reach import abilities_before, without_ours
from unleak.flow.sweeping import Sweeper, is_one_service
from unleak.flow.timing import REAL
from unleak.identify.facts import Need, gather
from unleak.identify.grip import asked_for_grip, grip_of, strongest_grip
from unleak.identify.leak import leak_since
from unleak.identify.questions import Told, answer
from unleak.identify.sweep import Swept
from unleak.identify.ways_in import read_ways_in
from unleak.model.frozen import dataclass
from unleak.model.plan import Grip, Strategy
from unleak.model.principal import PrincipalType
from unleak.model.reading import NOT_LOOKED_AT, Known

if TYPE_CHECKING:
    from datetime import datetime

    from unleak.contain.options import Options
    from unleak.contain.sessions import Draft
    from unleak.flow.chase import Chase
    from unleak.flow.timing import Timing
    from unleak.model.plan import Plan
    from unleak.model.ports import Reader, Simulation
    from unleak.model.reading import Reading
    from unleak.model.situation import PrincipalFacts, Situation
    from unleak.model.trail_doors import TraceDoors


@dataclass(frozen=True, slots=True, kw_only=True)
class CloserLook:
    """What was seen, and the eyes that go on watching."""

    situation: Situation
    """With the full facts."""
    grip: Grip
    fence: Draft | None
    sweeper: Sweeper
    since: datetime | None = None
    """When it may have leaked, as far as that is known before the search."""
    suspects: Suspects = Suspects()
    chase: Chase | None = None
    """The look into CloudTrail, where a cascade was asked for."""
    closes_all: bool = False
    """Whether a person has said that all suspects are contained too."""

    def reinforced(self, plan: Plan, options: Options) -> Plan:
        """Return a plan of the same leak with what this look makes necessary.

        Args:
            plan: the first cut, made already or not.
            options: what the person asked for.
        """
        plan = reinforce(plan, self.situation, options, grip=self.grip, fence=self.fence)
        plan = with_rest(plan, self.situation, options, since=self.since)
        closing = self.suspects.doors if options.cascade or self.closes_all else ()
        plan = with_suspects(plan, self.suspects, self.sweeper.closing(closing, plan))
        return plan if self.chase is None else self.chase.onto(plan)

    def spare(self, keys: frozenset[str]) -> None:
        """Take these keys for honest from now on: Vault made them in this response."""
        own = self.sweeper.options
        self.sweeper.options = replace(own, dismissed=own.dismissed | keys)
        if self.chase is not None:
            own = self.chase.options
            self.chase.options = replace(own, dismissed=own.dismissed | keys)


def look_closer(  # the doors and the clock are arguments, so that tests own them
    plan: Plan,
    situation: Situation,
    *,
    options: Options,
    doors: TraceDoors,
    timing: Timing = REAL,
) -> CloserLook:
    """Find out whether the thief can fight back; who else he is, sweeper and chase find.

    Args:
        plan: the first cut, made already or not.
        situation: what was read so far.
        options: what the person asked for.
        doors: the cloud, to read.
        timing: how to count seconds.

    Raises:
        ResponderCredentials: our own credentials stopped working.
    """
    reader = doors.reader()
    situation = replace(
        situation,
        principals=tuple(
            _with_rest(_in_full(each, reader), reader) for each in situation.principals
        ),
    )
    grip = _strongest(plan, situation, reader)
    since = _since(situation, options, reader)
    is_held = hold_seconds(plan, options, grip) > 0
    return CloserLook(
        situation=situation,
        grip=grip,
        since=since,
        chase=_chase(plan, situation, options, doors, timing, since),
        fence=fence_for(plan, situation, grip, reader=reader, is_held=is_held),
        sweeper=Sweeper(
            reader=reader, situation=situation, options=options, monotonic=timing.monotonic
        ),
    )


def _chase(
    plan: Plan,
    situation: Situation,
    options: Options,
    doors: TraceDoors,
    timing: Timing,
    since: datetime | None,
) -> Chase | None:
    """Return the chase where a cascade was asked for; what was a suspect once stays one."""
    since = min(filter(None, (since, plan.swept_since)), default=None)
    return chase_for(situation, options, doors=doors, since=since, timing=timing)


def _strongest(plan: Plan, situation: Situation, reader: Reader) -> Grip:
    """Return the most that any of the leaked principals could do about its containment."""
    grips: list[Grip] = []
    if not is_one_service(situation):
        grips.extend(_grip(each, plan, reader) for each in situation.principals)
    if any(is_of_root(each) for each in plan.credentials):
        grips.append(Grip.YES)
    if not situation.principals and not grips:
        return strongest_grip(())
    return strongest_grip(grips) if grips else Grip.NO


def with_abilities(plan: Plan, situation: Situation, reader: Reader) -> Plan:
    """Return the plan with the lines about what the leak can do, where nobody looked yet."""
    asks = plan.strategy is Strategy.REVOKE_SESSIONS
    told = plan.abilities or abilities_before(situation, reader if asks else None)
    return replace(plan, abilities=told)


def _in_full(facts: PrincipalFacts, reader: Reader) -> PrincipalFacts:
    """Read everything about a principal, unless that was done; what is gone stays as it was."""
    if isinstance(facts.inline, Known) and isinstance(facts.attached, Known):
        return facts
    told = answer(
        lambda: gather(
            facts.principal, reader=reader, quick=False, needs=frozenset({Need.EVERYTHING})
        )
    )
    return told.value if isinstance(told, Told) else facts


def _with_rest(facts: PrincipalFacts, reader: Reader) -> PrincipalFacts:
    """Read what a user signs in with beside access keys."""
    if facts.principal.type is not PrincipalType.USER:
        return facts
    return replace(facts, ways_in=read_ways_in(facts, reader=reader))


def _since(situation: Situation, options: Options, reader: Reader) -> datetime | None:
    now = reader.clock.now()
    if now is None:
        return options.since
    return leak_since(situation.credentials, Swept(), now=now, told=options.since)


def _grip(facts: PrincipalFacts, plan: Plan, reader: Reader) -> Grip:
    simulated: Reading[tuple[Simulation, ...]] = NOT_LOOKED_AT
    arn = facts.principal.arn
    actions = asked_for_grip(facts.principal.type)
    # after an unconditional deny of ours the simulator denies everything, because of us
    if (
        arn is not None
        and plan.strategy is Strategy.REVOKE_SESSIONS
        and facts.principal.type in (PrincipalType.ROLE, PrincipalType.USER)
    ):
        told = answer(lambda: reader.simulate(arn, actions, issued_at=None, context={}))
        if isinstance(told, Told):
            simulated = Known(told.value)
    return grip_of(without_ours(facts), simulated)
