"""Measure whether the cut holds: what may be signed with, a canary of ours, and for how long."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.flow.regions import RegionList
from unleak.flow.timing import REAL
from unleak.model.frozen import dataclass
from unleak.verify.baseline import Baseline
from unleak.verify.ladder import verify
from unleak.verify.subject import Subject

if TYPE_CHECKING:
    from unleak.flow.canaries import Canaries
    from unleak.flow.doors import Doors
    from unleak.flow.person import Person
    from unleak.flow.timing import Timing
    from unleak.model.credential import FoundCredential
    from unleak.model.plan import Plan
    from unleak.model.ports import Reader
    from unleak.model.proof import Level, Verification
    from unleak.verify.subject import Canary


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """What to measure and how."""

    plan: Plan
    """Its steps carry the states they have come to."""
    consented: tuple[FoundCredential, ...] = ()
    """Leaked credentials that may sign harmless calls."""
    accepted_at: float | None = None
    """The monotonic clock when the deny was accepted; None where that was in another process."""
    baseline: Baseline | None = None
    canaries: Canaries | None = None
    """Sessions of ours, being minted since the deny left; None where no deny was sent now."""
    wanted: Level | None = None
    timeout_seconds: float = 60.0


def start_baseline(
    doors: Doors, consented: tuple[FoundCredential, ...], *, region: str
) -> Baseline | None:
    """Begin to note, in the background, what the leaked credentials can still do before the cut.

    Nothing waits for it: the deny is worth more than the comparison.
    """
    if not consented:
        return None
    baseline = Baseline(doors.prober(), consented, regions=(region,))
    baseline.start()
    return baseline


def measure(
    measurement: Measurement, doors: Doors, person: Person, *, timing: Timing = REAL
) -> Verification:
    """Climb the ladder of proof and return what was seen.

    Args:
        measurement: what to measure.
        doors: reader and prober are opened, the writer never.
        person: hears of progress.
        timing: how to wait and count seconds.
    """
    reader = doors.reader()
    canaries: tuple[Canary, ...] = ()
    if measurement.canaries is not None:
        canaries, notes = measurement.canaries.result()
        for note in notes:
            person.hears(note)
    regions = RegionList(reader, measurement.consented, hears=person.hears)
    measured = verify(
        _subject(measurement.plan, measurement.consented, canaries),
        reader=reader,
        prober=doors.prober(),
        regions=(reader.region,),
        more_regions=regions.names,
        wanted=measurement.wanted,
        timeout_seconds=measurement.timeout_seconds,
        accepted_at=measurement.accepted_at,
        baseline=measurement.baseline,
        progress=person.hears,
        pause=timing.pause,
        monotonic=timing.monotonic,
    )
    return regions.noted(measured)


def _subject(
    plan: Plan, consented: tuple[FoundCredential, ...], canaries: tuple[Canary, ...]
) -> Subject:
    return Subject(
        credentials=plan.credentials,
        steps=plan.steps,
        cutoff=plan.cutoff,
        leaked=consented,
        canaries=canaries,
    )


def regions_to_ask(
    reader: Reader, leaked: tuple[FoundCredential, ...], person: Person
) -> tuple[str, ...]:
    """Return every enabled region, the home region first.

    Args:
        reader: lists them.
        leaked: sessions tell the region that issued them.
        person: is told where they could not be listed.
    """
    names = RegionList(reader, leaked, hears=person.hears).names()
    return tuple(dict.fromkeys((reader.region, *names)))
