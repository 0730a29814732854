"""What became of each step, and of the whole."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from unleak.model.frozen import dataclass

if TYPE_CHECKING:
    from datetime import datetime

    from unleak.model.plan import StepState


class Status(StrEnum):
    """The word for the whole incident, in the contract's spelling."""

    CONTAINED = "contained"
    UNPROVEN = "unproven"
    CONTESTED = "contested"
    PARTIAL = "partial"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """AWS's answer to a write."""

    request_id: str
    at: datetime | None
    """AWS's own clock (`Date` header) when it answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one step; `error_code` is AWS's where there is one."""

    step_id: str
    state: StepState
    detail: str = ""
    error_code: str = ""
    receipt: Receipt | None = None
