"""A plan: an ordered tuple of steps as data; nothing has been done yet."""

from __future__ import annotations

from dataclasses import replace
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

from unleak.model.frozen import dataclass

if TYPE_CHECKING:
    from datetime import datetime

    from unleak.model.action import Action
    from unleak.model.credential import Credential
    from unleak.model.door import Door


class Strategy(StrEnum):
    """The ways to cut a principal off, the least disruptive first."""

    REVOKE_SESSIONS = "revoke-sessions"
    DENY_ALL = "deny-all"
    STRIP_PERMISSIONS = "strip-permissions"
    DELETE = "delete"


class Scope(StrEnum):
    """Whom a deny hits: one session name, or all sessions of the principal."""

    SESSION = "session"
    PRINCIPAL = "principal"


class Grip(StrEnum):
    """Whether the principal can take its own containment off again, or open new sessions of itself.

    Everything but NO is held as if it were yes: unknown is not no.
    """

    NO = "no"
    MAYBE = "maybe"
    YES = "yes"
    UNKNOWN = "unknown"
    NOT_LOOKED_AT = "not-looked-at"


class StepState(StrEnum):
    """How far a step has come, in the contract's spelling."""

    PLANNED = "planned"
    DONE = "done"
    ALREADY = "already"
    SKIPPED = "skipped"
    FAILED = "failed"
    UNDONE = "undone"


class Stage(IntEnum):
    """When a step goes out; steps of one stage are independent and go out together."""

    CONTAIN = 0
    AFTER_CONTAIN = 1
    """Needs a containing step to have succeeded: a role is deleted after it was emptied."""
    LAST = 2
    OWN_SESSION = 9
    """Cuts the responder off as well, so everything else has to be through."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One action of a plan with what a person needs to judge it."""

    id: str
    action: Action
    account: str | None
    reason: str
    impact: str
    reversible: bool
    safe_date: datetime | None
    """The earliest instant at which the inverse revives nothing; None: never by itself."""
    stage: Stage = Stage.CONTAIN
    state: StepState = StepState.PLANNED
    is_fallback_of: str | None = None
    """The id of the step that a policy quota refused and that this one stands in for."""
    revives_leak: bool = False
    """The inverse gives the leak its power back whatever the date: `undo` wants force."""
    waits_for_proof: bool = False
    """Made only once all else is proven: it gives something back."""
    is_temporary: bool = False
    """Lifted by unleak itself once the lasting deny is proven: undone then is as it should be."""
    depth: int = 0
    """How far from the leak what it closes is: parents go out before their children."""
    has_stood: bool = False
    """It was in place and is made once more: an undo puts back what was there before the first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What `revoke` would do, why, what it costs whom and what it cannot do."""

    credentials: tuple[Credential, ...]
    steps: tuple[Step, ...]
    cutoff: datetime | None
    strategy: Strategy
    scope: Scope
    abilities: tuple[str, ...] = ()
    """What the credential can do, in three lines; empty where it was not read before the deny."""
    warnings: tuple[str, ...] = ()
    manual: tuple[str, ...] = ()
    not_contained: tuple[str, ...] = ()
    """Credentials that cannot be contained from here, each with its reason; also in `manual`."""
    next: tuple[str, ...] = ()
    self_lockout: bool = False
    grip: Grip = Grip.NOT_LOOKED_AT
    """Whether the leaked principal could edit its own containment."""
    hold_seconds: float = 0.0
    """How long the containment is watched and mended after the first cut."""
    hold_wish: float | None = None
    """What the person said about holding; None: nothing.  For `resume`, which asks no more."""
    cascade: bool = False
    """Whether the person wants the suspects contained too."""
    doors: tuple[Door, ...] = ()
    """Other identities that the thief may have made, the strongest suspicion first."""
    swept_since: datetime | None = None
    """Since when new identities count as suspects; None: nobody looked."""
    unswept: tuple[str, ...] = ()
    """What could not be looked through for such identities: unknown is not "there is none"."""
    since: datetime | None = None
    """Since when it may have leaked, as the person said; None: he did not."""
    trails: tuple[str, ...] = ()
    """Where the trace reads, for `resume`, which asks no more; empty: the event history."""
    accounts: tuple[str, ...] = ()
    """Other accounts that the person has said may be entered."""
    member_role: str | None = None
    """The role by which they are entered, as the person said; None: the one that Organizations
    makes.  For `resume`, `verify`, `undo` and `cleanup`, which ask no more."""
    traced_at: datetime | None = None
    """When the last look into CloudTrail began; None: what the leak minted was not traced."""
    chased_at: datetime | None = None
    """When something that the trail shows was last contained."""
    untraced: tuple[str, ...] = ()
    """What of the trail could not be read: unknown is not "there is nothing in it"."""

    @property
    def pending(self) -> tuple[Step, ...]:
        """The steps that still have to be done."""
        return tuple(step for step in self.steps if step.state is StepState.PLANNED)

    @property
    def due(self) -> tuple[Step, ...]:
        """The pending steps that wait for no proof."""
        return tuple(step for step in self.pending if not step.waits_for_proof)

    @property
    def waiting(self) -> tuple[Step, ...]:
        """The pending steps that are made once the containment is proven."""
        return tuple(step for step in self.pending if step.waits_for_proof)

    @property
    def open_doors(self) -> tuple[Door, ...]:
        """The other identities that still let somebody in, for all we know."""
        return tuple(door for door in self.doors if door.is_open)

    def with_steps(self, steps: tuple[Step, ...]) -> Plan:
        """Return the same plan with other steps."""
        return replace(self, steps=steps)
