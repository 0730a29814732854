"""One response to one subject: who works on it, and what became of it.

Alerts repeat and come at the same time; whoever takes the claim answers, everybody else leaves.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, assert_never

from unleak.model.frozen import dataclass
from unleak.model.outcome import Status

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from datetime import datetime

LEASE_SECONDS = 60.0
"""How long a claim stays with a worker that gives no sign of life."""
UNFINISHED = frozenset({Status.PARTIAL, Status.FAILED})
"""A claim that ended like this is taken again by the next delivery, to go on with its incident."""


class ClaimState(StrEnum):
    """Where a response stands."""

    WORKING = "working"
    WAITING = "waiting"
    """For a person's approval."""
    DONE = "done"
    TOLD = "told"
    """People were told, and that was all that was to be done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The one response to a subject, as it stood when it was read."""

    subject: str
    state: ClaimState
    owner: str
    """Who has it or had it last: one worker's id, never used twice."""
    until: datetime | None
    """End of the lease (working) or of the time to approve (waiting)."""
    turn: int
    """Counts the changes of hands and states."""
    deliveries: int
    """How often an alert about the subject has come."""
    is_ours: bool
    """Whether the call that returned this has taken it: then act, else leave."""
    alert: str = ""
    """The alert that began it, as `take` or `retake` was told."""
    incident: str | None = None
    """The incident, once the journal holds one: go on with `resume`."""
    status: Status | None = None
    plan_words: str = ""
    """What a person is asked to approve."""
    token_hash: str = ""
    """Of the nonce in the one token that can approve it."""
    ended_at: datetime | None = None
    """When it was done or told."""
    tries: int = 0
    """How often somebody has begun to work on this response; deliveries that left do not count."""

    def is_free(self, now: datetime) -> bool:
        """Whether the next delivery may take it.

        Args:
            now: the time, AWS's where it is known.
        """
        match self.state:
            case ClaimState.WORKING | ClaimState.WAITING:
                return self.until is None or self.until < now
            case ClaimState.DONE:
                return self.status in UNFINISHED
            case ClaimState.TOLD:
                return False
            case _:
                assert_never(self.state)

    @property
    def next_try(self) -> int:
        """The number of the try of whoever takes it now; a new question begins at one."""
        return 1 if self.state in {ClaimState.WAITING, ClaimState.TOLD} else self.tries + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Lapsed:
    """What a sweep finds."""

    claims: tuple[Claim, ...] = ()
    """Those whose worker gives no sign of life."""
    unreadable: tuple[str, ...] = ()
    """Those that are damaged, each with the reason; a person has to look at them."""


class Claims(Protocol):
    """The claims of all subjects; every change is atomic, and refused to who is not the owner."""

    def take(self, subject: str, *, owner: str, seconds: float, alert: str) -> Claim:
        """Take the claim, or learn who has it; each call counts one delivery.

        Ours (`is_ours`) is: a new subject; one whose worker's lease or time to approve ran out; one
        that ended `partial` or `failed`. Its incident, if there is one, is kept: go on with it.

        Args:
            subject: what the response is about, `Alert.subject`.
            owner: this worker's id, new for each call (a UUID).
            seconds: the lease; keep it alive with `keeping`.
            alert: the alert, as text; kept where it begins the claim.

        Raises:
            StateFolder: the claims cannot be read or written: nothing may be done.
        """
        ...

    def retake(self, claim: Claim, *, owner: str, seconds: float, alert: str) -> Claim:
        """Take a claim that is done or told, as it was read, for a response of its own.

        For what the claim cannot know, for example that the subject has leaked a second time.

        Args:
            claim: as `take` returned it.
            owner: this worker's id, new for each call.
            seconds: the lease.
            alert: what begins it; takes the place of the old one.

        Raises:
            StateFolder: the claims cannot be read or written.
        """
        ...

    def keeping(self, claim: Claim, *, seconds: float) -> AbstractContextManager[None]:
        """Renew the lease from another thread for the length of a `with` block.

        It never raises for a lease that could not be renewed: what is written afterwards does.

        Args:
            claim: a claim that is ours.
            seconds: the lease.
        """
        ...

    def wait(self, claim: Claim, *, token_hash: str, until: datetime, plan_words: str) -> Claim:
        """Let it wait for an approval.

        Args:
            claim: a claim that is ours.
            token_hash: of the one-time token's nonce.
            until: when the token ends.
            plan_words: what is to be approved, for the page that asks.

        Raises:
            IncidentBusy: another worker has taken it over.
            StateFolder: it could not be written.
        """
        ...

    def approve(self, subject: str, *, token_hash: str, owner: str, seconds: float) -> Claim | None:
        """Turn a waiting claim into one that is worked on; one token counts once.

        Returns the claim, ours where this very call was the approval that counted, else as it
        stands; None where there is none of that subject.

        Args:
            subject: as in the token.
            token_hash: of the nonce in the token.
            owner: this worker's id.
            seconds: the lease.

        Raises:
            StateFolder: the claims cannot be read or written.
        """
        ...

    def finish(self, claim: Claim, *, incident: str | None, status: Status) -> Claim:
        """Note how the response ended; with `partial` and `failed` the next delivery goes on.

        Args:
            claim: a claim that is ours.
            incident: its incident; None keeps what is noted.
            status: the response's.

        Raises:
            IncidentBusy: another worker has taken it over.
            StateFolder: it could not be written.
        """
        ...

    def told(self, claim: Claim) -> Claim:
        """Note that people were told, and that nothing else was to be done.

        Args:
            claim: a claim that is ours.

        Raises:
            IncidentBusy: another worker has taken it over.
            StateFolder: it could not be written.
        """
        ...

    def release(self, claim: Claim) -> None:
        """End the lease now, so that the next delivery or sweep goes on at once.

        Args:
            claim: a claim that is ours; if it is not any more, nothing happens.

        Raises:
            StateFolder: it could not be written.
        """
        ...

    def look(self, subject: str) -> Claim | None:
        """Return the claim as it stands, None where there is none; counts no delivery.

        Args:
            subject: what the response is about.

        Raises:
            StateFolder: the claims cannot be read.
        """
        ...

    def lapsed(self) -> Lapsed:
        """Return the claims whose worker gives no sign of life, for the sweep to take.

        One that is damaged hides no other.

        Raises:
            StateFolder: the claims cannot be read.
        """
        ...
