"""A rehearsal: what it makes, what it measured, and how that compares with earlier ones."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from unleak.model.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from unleak.model.outcome import Status

PATH = "/unleak-drill/"
"""The path of every role that a drill makes, so that what is left over can be listed."""
NAME_PREFIX = "unleak-drill-"
TAG = "unleak:drill"
"""The tag that says which drill made a role; its value is the drill's id."""
COMPARED = 5
"""With how many earlier drills of the same account the last one is compared."""
_MUCH_SLOWER = 1.5
_SLOWER_SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillPlan:
    """What a drill will do, to be shown before the one question."""

    id: str
    role: str
    role_arn: str
    account: str
    trusted: str
    """The ARN of our own principal, the only one that the role trusts."""
    action: str
    """The only action that the role is allowed."""
    regions: tuple[str, ...]
    leftovers: tuple[str, ...] = ()
    """Roles that earlier drills have left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionBite:
    """How one region took the deny; seconds count from its acceptance."""

    region: str
    was_served: bool
    """Whether the canary was served there before: without that a refusal tells nothing."""
    first_refusal: float | None
    lasting: float | None
    """When enough refusals in a row had come; None: they had not when the time was over."""
    relapses: int
    """How often it was served again after a refusal."""
    asked: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Drill:
    """One drill as it is kept on disk: begun before the first change, completed afterwards."""

    id: str
    role: str
    account: str
    at: datetime
    is_removed: bool = False
    incident: str | None = None
    status: Status | None = None
    new_sessions_work: bool | None = None
    regions: tuple[RegionBite, ...] = ()

    @property
    def seconds_to_bite(self) -> float | None:
        """When every region that can be told of had refused for good; None where one had not."""
        telling = [each.lasting for each in self.regions if each.was_served]
        found = [each for each in telling if each is not None]
        return max(found) if found and len(found) == len(telling) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """How long a drill took beside earlier ones of the same account."""

    median: float
    of: int
    is_slower: bool
    """Slower by half and by a second at least: less is the noise of polling."""


def compared(drill: Drill, earlier: Sequence[Drill]) -> Comparison | None:
    """Compare a drill with the last ones; None where there is nothing to compare.

    Args:
        drill: the one of now.
        earlier: others, newest first; those of other accounts are left out.
    """
    seconds = drill.seconds_to_bite
    found = [
        each.seconds_to_bite
        for each in earlier
        if each.account == drill.account and each.id != drill.id
    ]
    known = [each for each in found if each is not None][:COMPARED]
    if seconds is None or not known:
        return None
    middle = median(known)
    is_slower = seconds > middle * _MUCH_SLOWER and seconds > middle + _SLOWER_SECONDS
    return Comparison(median=middle, of=len(known), is_slower=is_slower)
