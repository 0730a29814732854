"""How sure we are that a credential is dead: checks, each on its rung of the ladder."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from unleak.model.frozen import dataclass

if TYPE_CHECKING:
    from datetime import datetime

    from unleak.model.watch import Watch


EVERY_REGION = "every-region"
"""The name of the check that is there where the enabled regions could not be listed."""

TRAIL_PREFIX = "trail"
"""Checks whose name begins so are about what CloudTrail tells; they never prove a death."""


class Level(StrEnum):
    """The rungs of proof, weakest first.

    read-back proves the write, simulated the text of the policies, canary that a session of ours
    from before the cut-off is refused, live that the leaked credential itself is refused.
    """

    NONE = "none"
    READ_BACK = "read-back"
    SIMULATED = "simulated"
    CANARY = "canary"
    LIVE = "live"

    @property
    def rank(self) -> int:
        """Its place on the ladder, 0 for none."""
        return list(Level).index(self)


class CheckOutcome(StrEnum):
    """What one check showed."""

    PROVEN = "proven"
    """Seen to be refused by a deny, or the credential seen to be dead."""
    REFUTED = "refuted"
    """Seen to work still: the credential is alive."""
    INCONCLUSIVE = "inconclusive"
    """Answered, but the answer proves nothing either way."""
    SKIPPED = "skipped"
    """Not tried; the detail says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One measurement."""

    name: str
    level: Level
    target: str
    outcome: CheckOutcome
    detail: str
    region: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionProof:
    """What one region showed: each enforces from a replica of its own.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/disaster-recovery-resiliency.html
    """

    region: str
    outcome: CheckOutcome
    """The weakest among those who were asked there."""
    seconds_to_effect: float | None = None
    """From the deny's acceptance to the first lasting refusal there; at most so long, where the
    region refused from the first question on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """All that was measured after the cut.

    `effective` is True only when some rung above read-back proved it and no check saw the
    credential alive, False when one did, None when nothing tells.
    """

    level: Level
    effective: bool | None
    seconds_to_effect: float | None
    """From the deny's acceptance to the first refusal of the run of refusals that lasted.

    In the home region, and in every other one that was seen to lag.
    """
    new_sessions_work: bool | None
    """None: we may not mint one, so it was not tried."""
    checks: tuple[Check, ...] = ()
    watch: Watch | None = None
    """What was seen while the containment was held; None: it was not held."""
    regions: tuple[RegionProof, ...] = ()
    """Where real calls were tried, the home region first."""
