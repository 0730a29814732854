"""From a cut to a held cut: what is asked, who is watched for, and one time of holding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.flow.hold import Hold
from unleak.flow.measure import regions_to_ask
from unleak.verify.bite import Bite
from unleak.verify.subject import Subject
from unleak.verify.suspects import canary_suspects, live_suspects

if TYPE_CHECKING:
    from unleak.flow.canaries import Canaries
    from unleak.flow.chase import Chase
    from unleak.flow.cut import Cutter
    from unleak.flow.sweeping import Sweeper
    from unleak.flow.workplace import Workplace
    from unleak.model.credential import FoundCredential
    from unleak.model.plan import Plan
    from unleak.model.watch import Watch
    from unleak.verify.panel import Suspect
    from unleak.verify.subject import Canary


def hold(
    plan: Plan,
    *,
    cutter: Cutter,
    place: Workplace,
    consented: tuple[FoundCredential, ...],
    canaries: Canaries | None,
    sweeper: Sweeper,
    chase: Chase | None = None,
) -> tuple[Plan, Watch]:
    """Hold an incident for as long as its plan says; returns the plan as it stands then.

    Args:
        plan: the cut.
        cutter: sends changes, under the incident's lock.
        place: doors, journal, person and timing.
        consented: leaked credentials that may sign.
        canaries: sessions of ours from before the cut-off.
        sweeper: knows what was there before.
        chase: the look into CloudTrail, if any.

    Raises:
        Interrupted: Ctrl-C; the journal is whole and `resume` holds on.
    """
    place.person.hears(f"holding for {plan.hold_seconds:.0f} s: watching every second")
    return Hold(
        plan=plan,
        cutter=cutter,
        place=place,
        bite=Bite(
            _suspects(plan, consented, canaries.result()[0] if canaries else ()),
            prober=place.doors.prober(),
            regions=regions_to_ask(place.reader, consented, place.person),
            monotonic=place.timing.monotonic,
        ),
        sweeper=sweeper,
        chase=chase,
        late=lambda: _suspects(plan, (), canaries.mint_late() if canaries else ()),
        seconds=plan.hold_seconds,
    ).run()


def _suspects(
    plan: Plan, consented: tuple[FoundCredential, ...], canaries: tuple[Canary, ...]
) -> tuple[Suspect, ...]:
    subject = Subject(
        credentials=plan.credentials,
        steps=plan.steps,
        cutoff=plan.cutoff,
        leaked=consented,
        canaries=canaries,
    )
    return (*live_suspects(subject)[0], *canary_suspects(subject)[0])
