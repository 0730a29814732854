"""A rotation as data: the places, the steps in their order, and what has become of each.

Nothing in here holds a secret: all of it is journaled.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from unleak.model.frozen import dataclass
from unleak.model.plan import StepState

if TYPE_CHECKING:
    from datetime import datetime

    from unleak.model.situation import Caller


class Mode(StrEnum):
    """In which order the old key goes and the new one comes."""

    OVERLAP = "overlap"
    """Both work until nobody uses the old one: for a key that has not leaked."""
    LEAKED = "leaked"
    """The old one is deactivated first: whoever depends on it is down until it is replaced."""


class RotationKind(StrEnum):
    """What a step of a rotation does."""

    MAKE_ROOM = "delete-inactive-key"
    DEACTIVATE_LEAKED = "deactivate-leaked-key"
    CREATE = "create-access-key"
    AUTHENTICATE = "authenticate"
    WRITE = "write"
    RELOAD = "reload"
    SILENCE = "watch-silence"
    DEACTIVATE = "deactivate-old-key"
    DELETE = "delete-old-key"


class RotationStatus(StrEnum):
    """The word for the whole rotation."""

    ROTATED = "rotated"
    """The new key is everywhere, and the old one is inactive, or deleted where that was asked."""
    WAITING = "waiting"
    """The new key is everywhere; the old one is still used, or its time of grace still runs."""
    PARTIAL = "partial"
    """A place could not be written, or who reads it did not come up with the new key; so the old
    key was left as it was."""
    FAILED = "failed"
    """There is no new key in use."""
    UNDONE = "undone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """One place to write a key to."""

    store: str
    location: str
    region: str | None = None
    field: str | None = None
    """What to write within the place where that is not all of it: a profile, a name's prefix."""

    @property
    def label(self) -> str:
        """The place in one line, as `lambda:orders@eu-west-1`."""
        at = f"@{self.region}" if self.region else ""
        part = f"#{self.field}" if self.field else ""
        return f"{self.store}:{self.location}{at}{part}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a write has left."""

    version: str | None
    """The version that the write made."""
    way_back: str | None
    """What `restore` needs to put back what was there, a version for example; None: no way back."""
    reload: str = ""
    """What has to be done so that the readers take it up; empty: nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationStep:
    """One step, with what a person needs to judge it."""

    id: str
    kind: RotationKind
    target: str
    """A key id, or the label of a place."""
    reason: str
    impact: str
    reversible: bool
    spot: Spot | None = None
    """The place to write to; of a reload, the workload."""
    state: StepState = StepState.PLANNED
    detail: str = ""
    written: Written | None = None
    """What a finished write has left."""
    after: tuple[str, ...] = ()
    """Of a reload: the places that the workload reads, by their labels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationPlan:
    """What `rotate` would do."""

    user: str
    account: str | None
    old_key_id: str
    mode: Mode
    region: str
    steps: tuple[RotationStep, ...]
    silence_seconds: float
    """How long the old key has to be unused before it is deactivated; 0: nobody looks."""
    patience_seconds: float
    """How long to wait for that in one run."""
    grace_seconds: float
    """How long it stays inactive before it is deleted."""
    keys_before: tuple[str, ...] = ()
    """All keys of the user when it was planned."""
    regions: tuple[str, ...] = ()
    """Where the new key has to authenticate before it is handed out."""
    warnings: tuple[str, ...] = ()
    manual: tuple[str, ...] = ()
    """What a person has to look at: what a search could not look into, and so on."""
    holders: tuple[str, ...] = ()
    """Places that hold the old key and cannot be written to: it stays until they are done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """A rotation as its journal tells it."""

    id: str
    created_at: datetime
    plan: RotationPlan
    """Its steps carry what they have come to."""
    caller: Caller
    keys_before: tuple[str, ...] = ()
    """The user's keys right before the new one was made."""
    new_key_id: str | None = None
    open_steps: tuple[str, ...] = ()
    """Steps with an intent and no outcome: begun when the process died."""
    began: tuple[tuple[str, datetime], ...] = ()
    """When each step was first begun."""
    ended: tuple[tuple[str, datetime], ...] = ()
    """When each step came to its last outcome."""
    status: RotationStatus | None = None
    notes: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    """Places that a person has done by hand, or has given up."""

    @property
    def waits_for(self) -> tuple[str, ...]:
        """The places that a person still has to do by hand before the old key may go."""
        return tuple(each for each in self.plan.holders if each not in self.left)

    def step(self, kind: RotationKind) -> RotationStep | None:
        """Return the first step of a kind, None where the plan has none."""
        return next((each for each in self.plan.steps if each.kind is kind), None)
