"""What a responder works with: the people's policy, the clouds, the claims, and who is told."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from unleak.flow.timing import REAL, Timing
from unleak.model.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from unleak.apply.state import ClaimableState
    from unleak.flow.doors import Doors
    from unleak.model.claim import Claims
    from unleak.model.message import SecretSource, Teller
    from unleak.model.principal import Principal
    from unleak.respond.policy import Policy

LEASE_SECONDS = 60.0
"""A worker that has died is noticed after this; a living one renews its lease three times in it."""


class Clouds(Protocol):
    """The accounts that a responder gets into."""

    def own_account(self) -> str | None:
        """Return the account that the responder itself lives in, None where nobody can tell."""
        ...

    def account_of_key(self, key_id: str) -> str:
        """Ask AWS for the account of a key id.

        Raises:
            UnleakError: AWS does not know it, or did not answer.
        """
        ...

    def doors(self, account: str) -> Doors:
        """Return the doors of an account; nothing is asked before one of them is opened."""
        ...

    def tags(self, account: str, principal: Principal) -> tuple[tuple[str, str], ...]:
        """Return the tags of a role or user.

        Raises:
            UnleakError: they cannot be read.
        """
        ...

    def now(self) -> datetime:
        """Return the time, AWS's where it was heard."""
        ...


GRACE = timedelta(minutes=15)
"""How much later than a link's end what was pressed in time may still be carried out.

An event that a function hands to itself may wait for a free place, or for a third try.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """One responder, ready for events."""

    policy: Policy
    clouds: Clouds
    state: ClaimableState
    claims: Claims
    teller: Teller
    secrets: SecretSource
    worker: Callable[[], str]
    """Gives a worker's id that was never used before."""
    url: str | None = None
    """Where approvals are given, without a path; None: nobody can approve by a link."""
    home: str = ""
    """What `UNLEAK_HOME` has to be for the commands that messages name; empty: as it is."""
    is_late: bool = False
    """Whether this run works off what another one has put off: then links get `GRACE`."""
    seconds_left: Callable[[], float] = lambda: float("inf")
    """How long this process may still work."""
    timing: Timing = REAL
    later: Callable[[Mapping[str, object]], None] | None = None
    """Has an event worked on by another run, because nobody waits that long over HTTPS; None: the
    work is done before the answer."""
