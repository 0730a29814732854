"""`verify --watch`: look into CloudTrail until it would have told; changes nothing."""

from __future__ import annotations

import time
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from unleak.errors import UnleakError
from unleak.flow.clock import corrected_now
from unleak.identify.questions import Failed, Round, Told, explain
from unleak.model.frozen import dataclass
from unleak.model.proof import CheckOutcome
from unleak.report.verdict import contains
from unleak.verify.level import with_more_checks
from unleak.verify.subject import Subject
from unleak.verify.trail_call import read_call
from unleak.verify.trail_watch import LATE, Look, judge_trail, quarries_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from unleak.flow.person import Person
    from unleak.model.incident import Incident
    from unleak.model.ports import Reader, TrailEvent
    from unleak.model.proof import Check, Verification
    from unleak.verify.trail_call import TrailCall
    from unleak.verify.trail_watch import Quarry

EVERY = 30.0
"""Seconds between two looks: CloudTrail is asked twice a second and region at most."""
BLIND = 60.0
"""Seconds until a deny is held to bite everywhere, where that was not measured."""
MARGIN = timedelta(seconds=5)
_MOST_REGIONS_AT_ONCE = 8
_GLOBAL = "us-east-1"
"""Where calls to IAM and to the global endpoint of STS are told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hunt:
    """What stays the same from look to look."""

    quarries: tuple[Quarry, ...]
    regions: tuple[str, ...]
    cutoff: datetime
    enforced_at: datetime

    @property
    def is_hopeless(self) -> bool:
        """Whether there is nothing that CloudTrail could be asked for."""
        return not any(quarry.lookups for quarry in self.quarries)


def watch_trail(
    incident: Incident,
    measured: Verification,
    reader: Reader,
    person: Person,
    *,
    pause: Callable[[float], None] = time.sleep,
    monotonic: Callable[[], float] = time.monotonic,
) -> Verification:
    """Look for calls that were served after the cut, until CloudTrail would have told of them.

    Ends at once when one was served, and looks once where fifteen minutes have passed already.

    Args:
        incident: what leaked and what was done about it.
        measured: what was measured; the trail's checks are added to it.
        reader: asks `cloudtrail:LookupEvents`.
        person: hears of progress.
        pause: sleeps that many seconds.
        monotonic: a clock that never goes back, in seconds.
    """
    subject = Subject(
        credentials=incident.credentials, steps=incident.plan.steps, cutoff=incident.plan.cutoff
    )
    hunt = _Hunt(
        quarries=quarries_of(subject),
        regions=_regions(reader, measured, person),
        cutoff=incident.plan.cutoff or incident.created_at,
        enforced_at=enforced_at(incident),
    )
    began = monotonic()
    wait = (hunt.cutoff + LATE - corrected_now(reader.clock)).total_seconds()
    while True:
        left = wait - (monotonic() - began)
        checks = _look(hunt, reader)
        if left <= 0 or hunt.is_hopeless or _is_over(checks):
            return with_more_checks(measured, checks, subject)
        person.hears(_so_far(checks, left))
        pause(min(EVERY, left))


def enforced_at(incident: Incident) -> datetime:
    """Return when the deny was in force everywhere, going by what was measured then.

    Args:
        incident: its outcomes carry AWS's own time of acceptance.
    """
    states = {step.id: contains(step) for step in incident.plan.steps}
    accepted = [
        outcome.receipt.at
        for outcome in incident.outcomes
        if states.get(outcome.step_id) and outcome.receipt and outcome.receipt.at is not None
    ]
    cutoff = incident.plan.cutoff or incident.created_at
    began = max(accepted, default=cutoff)
    return max(cutoff, began + timedelta(seconds=_propagation(incident.verification)) + MARGIN)


def _propagation(then: Verification | None) -> float:
    """Return the slowest region's seconds to effect, or a careful guess."""
    if then is None or then.seconds_to_effect is None:
        return BLIND
    regions = [each.seconds_to_effect for each in then.regions]
    return max(then.seconds_to_effect, *(each for each in regions if each is not None), 0.0)


def _regions(reader: Reader, measured: Verification, person: Person) -> tuple[str, ...]:
    try:
        found = reader.regions()
    except UnleakError as error:
        found = tuple(each.region for each in measured.regions)
        why = explain(error, operation="account:ListRegions")
        person.hears(f"CloudTrail is asked in a few regions only: {why}")
    extra = [] if reader.region.startswith(("cn-", "us-gov-")) else [_GLOBAL]
    return tuple(dict.fromkeys([reader.region, *extra, *found]))


def _look(hunt: _Hunt, reader: Reader) -> tuple[Check, ...]:
    """Ask every region, many at once and the questions of one region one after another."""
    lookups = sorted({lookup for quarry in hunt.quarries for lookup in quarry.lookups})
    with Round(_MOST_REGIONS_AT_ONCE) as asking:
        answers = {
            region: asking.ask(
                partial(_events, reader, region=region, lookups=lookups, since=hunt.enforced_at)
            )
            for region in (hunt.regions if lookups else ())
        }
    calls: dict[str, TrailCall] = {}
    missed: dict[str, str] = {}
    for region, future in answers.items():
        match future.result():
            case Told(value=events):
                found = (read_call(each) for each in events)
                calls |= {each.event_id: each for each in found if each is not None}
            case Failed(error=error):
                missed[region] = explain(error, operation="cloudtrail:LookupEvents")
    look = Look(
        enforced_at=hunt.enforced_at,
        until=max(corrected_now(reader.clock), hunt.enforced_at),
        cutoff=hunt.cutoff,
        regions=tuple(each for each in answers if each not in missed),
        missed=missed,
    )
    return judge_trail(hunt.quarries, calls.values(), look)


def _events(
    reader: Reader, *, region: str, lookups: list[tuple[str, str]], since: datetime
) -> tuple[TrailEvent, ...]:
    return tuple(
        event
        for attribute, value in lookups
        for event in reader.trail_events(
            attribute=attribute, value=value, region=region, since=since
        )
    )


def _is_over(checks: tuple[Check, ...]) -> bool:
    """Whether looking on is pointless: it is alive, or nobody lets us look."""
    is_alive = any(check.outcome is CheckOutcome.REFUTED for check in checks)
    return is_alive or all(check.outcome is CheckOutcome.SKIPPED for check in checks)


def _so_far(checks: tuple[Check, ...], left: float) -> str:
    minutes, seconds = divmod(round(left), 60)
    tries = [check.detail for check in checks if check.name.endswith("-attempts")]
    seen = "; ".join(tries) or "nothing was served so far"
    return f"CloudTrail: {seen}. Looking on for {minutes} min {seconds:02d} s (Ctrl-C ends it)"
