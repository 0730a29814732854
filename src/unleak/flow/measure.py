"""Measure whether the cut holds: what may be signed with, a canary of ours, and for how long."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.model.action import HolderType, SetInlinePolicy
from unleak.model.frozen import dataclass
from unleak.model.plan import Scope, StepState
from unleak.model.principal import PrincipalType
from unleak.model.proof import Level
from unleak.model.reading import Unknown
from unleak.verify.baseline import Baseline
from unleak.verify.canary import CANARY_NAME, mint_canary
from unleak.verify.ladder import verify
from unleak.verify.subject import Canary, Subject

if TYPE_CHECKING:
    from datetime import datetime

    from unleak.flow.doors import Doors
    from unleak.flow.person import Person
    from unleak.model.credential import Credential, FoundCredential
    from unleak.model.plan import Plan
    from unleak.model.ports import Reader
    from unleak.model.proof import Verification

OTHER_REGIONS = ("us-east-1", "eu-west-1")
"""Each region enforces from a replica of its own, so one region's refusal is not all regions'.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/disaster-recovery-resiliency.html
"""


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


def measure(measurement: Measurement, doors: Doors, person: Person) -> Verification:
    """Climb the ladder of proof and return what was seen.

    Args:
        measurement: what to measure.
        doors: reader and prober are opened, the writer never.
        person: hears of progress.
    """
    reader = doors.reader()
    plan = measurement.plan
    canaries = _canaries(measurement, reader, person)
    subject = Subject(
        credentials=plan.credentials,
        steps=plan.steps,
        cutoff=plan.cutoff,
        leaked=measurement.consented,
        canaries=canaries,
    )
    return verify(
        subject,
        reader=reader,
        prober=doors.prober(),
        regions=_regions(reader.region, measurement.consented),
        wanted=measurement.wanted,
        timeout_seconds=measurement.timeout_seconds,
        accepted_at=measurement.accepted_at,
        baseline=measurement.baseline,
        progress=person.hears,
    )


def _canaries(measurement: Measurement, reader: Reader, person: Person) -> tuple[Canary, ...]:
    """Mint a session of ours from before the cut-off, for each role that was cut off just now.

    The cut-off lies a second or two ahead of the deny, so a session minted right after the deny was
    accepted is still older than the cut-off, and costs the deny no time.
    """
    wants_more = measurement.wanted is None or measurement.wanted.rank > Level.SIMULATED.rank
    if measurement.accepted_at is None or not wants_more:
        return ()
    minted: list[Canary] = []
    for credential in _one_a_role(measurement.plan):
        if not _is_before(reader.clock.now(), measurement.plan.cutoff):
            break
        principal = credential.principal
        if principal is None:
            continue
        is_single = measurement.plan.scope is Scope.SESSION
        name = credential.session_name if is_single else None
        found = mint_canary(reader, principal, name=name or CANARY_NAME)
        if isinstance(found, Unknown):
            person.hears(f"no canary for {principal.label}: {found.detail}")
        else:
            minted.append(found)
    return tuple(minted)


def _one_a_role(plan: Plan) -> tuple[Credential, ...]:
    """Return one credential for each role that the plan put a deny on."""
    denied = {
        step.action.holder.name
        for step in plan.steps
        if isinstance(step.action, SetInlinePolicy)
        and step.action.holder.type is HolderType.ROLE
        and step.state in (StepState.DONE, StepState.ALREADY)
    }
    by_role = {
        credential.principal.name: credential
        for credential in plan.credentials
        if credential.principal is not None and credential.principal.type is PrincipalType.ROLE
    }
    return tuple(credential for name, credential in by_role.items() if name in denied)


def _is_before(now: datetime | None, cutoff: datetime | None) -> bool:
    return now is not None and cutoff is not None and now < cutoff


def _regions(home: str, leaked: tuple[FoundCredential, ...]) -> tuple[str, ...]:
    """Return the regions to probe: ours, the one that issued the session, and others to compare.

    Other partitions have other regions, so the extra ones are for the `aws` partition alone.
    """
    hinted = [each.region_hint for each in leaked if each.region_hint is not None]
    is_aws = not home.startswith(("cn-", "us-gov-", "us-iso", "eu-iso", "eusc-"))
    extra = list(OTHER_REGIONS) if is_aws else []
    return tuple(dict.fromkeys([home, *hinted, *extra]))[:3]
