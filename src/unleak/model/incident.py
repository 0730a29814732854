"""One response to one leak, as the journal tells it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.model.frozen import dataclass

if TYPE_CHECKING:
    from datetime import datetime

    from unleak.model.credential import Credential
    from unleak.model.outcome import Outcome, Status
    from unleak.model.plan import Plan
    from unleak.model.proof import Verification
    from unleak.model.situation import Caller


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """One line of the append-only journal; `at` is the responder's clock, corrected by AWS's."""

    number: int
    at: datetime
    kind: str
    """created, accepted, intent, outcome, replanned, verified, closed, note ..."""
    step_id: str | None
    summary: str
    """Words without secrets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """The state of an incident, folded from its journal entries."""

    id: str
    created_at: datetime
    status: Status | None
    """None while it was never brought to an end (planned, or killed on the way)."""
    caller: Caller
    region: str
    credentials: tuple[Credential, ...]
    plan: Plan
    """Its steps carry the states they have come to."""
    outcomes: tuple[Outcome, ...]
    verification: Verification | None
    asked_leaked: tuple[str, ...]
    """Key ids of leaked credentials that we signed with: those calls show in CloudTrail."""
    entries: tuple[JournalEntry, ...]
    is_interrupted: bool
    """Whether a step has an intent without an outcome, or accepted steps were never tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentSummary:
    """One row of `unleak incidents`."""

    id: str
    created_at: datetime
    status: Status | None
    key_ids: tuple[str, ...]
    principals: tuple[str, ...]
