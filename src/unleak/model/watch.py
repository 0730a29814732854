"""What was seen while the containment was held: who touched it, and what appeared meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.model.frozen import dataclass

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Touch:
    """One control that somebody else removed or changed while we watched."""

    step_id: str
    target: str
    what: str
    """Words without secrets: what was seen."""
    at: datetime | None = None
    is_mended: bool = True
    """Whether the control was put back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """One time of holding."""

    seconds: float
    """How long it was watched."""
    rounds: int
    """How many times everything was looked at."""
    enforced_after: float | None = None
    """Seconds until the deny was seen to bite everywhere; None: it was never seen."""
    touches: tuple[Touch, ...] = ()
    caught: tuple[str, ...] = ()
    """What appeared meanwhile and was contained as well: `user/NAME`, `role/NAME`, key ids."""
    is_fenced: bool = False
    """Whether an organization's policy stood over it the whole time."""
    touched_after_fence: bool = False
    """Whether anything was touched after the fence was seen to bite."""
    is_settled: bool = True
    """Whether the lasting denies stood by themselves in the end, and nothing new appeared."""
    is_frozen: bool = False
    """Whether the unconditional denies still stand: the fight was not over."""
    unread: tuple[str, ...] = ()
    """What could not be looked at, each with the reason."""

    @property
    def is_contested(self) -> bool:
        """Whether the containment rests on a control that was touched, or the fight is not over."""
        if self.is_fenced and not self.touched_after_fence and self.is_settled:
            return False
        return bool(self.touches) or (bool(self.caught) and not self.is_settled)
