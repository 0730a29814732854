"""What a trace has come to: the credentials that were minted, what was done, how much was read."""

from __future__ import annotations

from dataclasses import field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from unleak.model.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from unleak.model.credential import CredentialKind
    from unleak.model.principal import Principal


class Confidence(StrEnum):
    """How sure it is that a credential is the thief's."""

    PROVEN = "proven"
    """An event says so: who asked, and what was answered."""
    INFERRED = "inferred"
    """No event links the two; the reason says what speaks for it."""


class Tactic(StrEnum):
    """What a call is good for, from a thief's point of view."""

    RECON = "recon"
    NEW_CREDENTIALS = "new-credentials"
    PERSISTENCE = "persistence"
    PRIVILEGE_ESCALATION = "privilege-escalation"
    DEFENCE_EVASION = "defence-evasion"
    DATA_ACCESS = "data-access"
    IMPACT = "impact"
    OTHER = "other"


class Outcome(StrEnum):
    """What came of a call."""

    SUCCEEDED = "succeeded"
    DENIED = "denied"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedCredential:
    """One credential that what leaked has led to."""

    access_key_id: str
    kind: CredentialKind
    principal: Principal | None
    minted_by: str | None
    """The key id whose call made it; None where the caller had none."""
    via: str
    """The call that made it, `AssumeRole` for example."""
    event_id: str
    at: datetime | None
    expires_at: datetime | None = None
    confidence: Confidence = Confidence.PROVEN
    reason: str = ""
    """What speaks for it, where it is inferred."""
    events: int = 0
    """How many calls it made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedPrincipal:
    """A user or role that was made, given a new way in, or taken over."""

    name: str
    type: str
    arn: str | None
    via: str
    event_id: str
    at: datetime | None
    confidence: Confidence = Confidence.PROVEN


class Presence(StrEnum):
    """Whether something is there now, asked of AWS and not read from the trail."""

    THERE = "there"
    GONE = "gone"
    UNKNOWN = "unknown"
    """AWS was asked, and did not tell."""
    NOT_LOOKED_AT = "not-looked-at"


@dataclass(frozen=True, slots=True, kw_only=True)
class Persisting:
    """Something that was made or changed, and may still be there."""

    via: str
    what: str
    """What it is, as far as the event tells: a name, an ARN, an id."""
    region: str
    event_id: str
    at: datetime | None
    by: str | None
    fix: str
    """How to look at it or take it away, in one line."""
    was_used: bool = False
    """Whether the trail shows it in use afterwards."""
    removed_at: datetime | None = None
    """When the trail shows it deleted again."""
    call: str = ""
    """The call that made it, without the date that Lambda puts behind it."""
    name: str = ""
    """Its name as the event has it: hostile."""
    detail: str = ""
    """Its id or ARN, where the event tells one: hostile."""
    account: str | None = None
    """The account of whoever made it."""
    now: Presence = Presence.NOT_LOOKED_AT
    now_detail: str = ""
    """What was seen, or why nobody looked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineItem:
    """One call."""

    at: datetime | None
    event_id: str
    name: str
    source: str
    region: str
    key_id: str | None
    tactic: Tactic
    outcome: Outcome
    error_code: str | None
    source_ip: str
    user_agent: str
    target: str
    confidence: Confidence = Confidence.PROVEN


@dataclass(frozen=True, slots=True, kw_only=True)
class TacticCount:
    """How many calls served one tactic."""

    succeeded: int = 0
    denied: int = 0
    failed: int = 0

    @property
    def attempted(self) -> int:
        """All of them."""
        return self.succeeded + self.denied + self.failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """What was done, counted in full, listed as far as it is bearable."""

    first: datetime | None = None
    last: datetime | None = None
    events: int = 0
    """Calls made with credentials that are proven to be of the leak."""
    inferred_events: int = 0
    denied: int = 0
    by_tactic: Mapping[Tactic, TacticCount] = field(default_factory=dict)
    items: tuple[TimelineItem, ...] = ()
    inferred_items: tuple[TimelineItem, ...] = ()
    items_left_out: int = 0
    regions: Mapping[str, int] = field(default_factory=dict)
    new_regions: tuple[str, ...] | None = None
    """Those that nobody had used before; None: nothing was read from before the leak."""
    tampering: tuple[TimelineItem, ...] = ()
    """Calls that touched the trail, the detectors or the log buckets."""
    costs: Mapping[str, int] = field(default_factory=dict)
    """Calls that succeeded and cost money, by name."""
    data: Mapping[str, int] = field(default_factory=dict)
    """Calls that succeeded and gave out data or secrets, by name and target."""
    fixes: Mapping[str, str] = field(default_factory=dict)
    """One line for each call that succeeded and cost money, gave out data or blinded a log."""
    quarantine: tuple[TimelineItem, ...] = ()
    """AWS's own quarantine of the leaked key: not the thief's doing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A file, or a region, that was not read to its end."""

    path: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How much was read: a trace is worth no more than this."""

    files: int = 0
    events: int = 0
    duplicates: int = 0
    skipped: tuple[Skipped, ...] = ()
    first: datetime | None = None
    last: datetime | None = None
    regions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """The answer."""

    seeds: tuple[str, ...]
    credentials: tuple[TracedCredential, ...]
    principals: tuple[TracedPrincipal, ...]
    persistence: tuple[Persisting, ...]
    timeline: Timeline
    coverage: Coverage
