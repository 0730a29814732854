"""What every changing flow works with: the journal, the doors, the person, and one lock."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import field, replace
from typing import TYPE_CHECKING

from unleak.apply.journal import Journal
from unleak.errors import ForeignAccount
from unleak.flow.clock import corrected_now
from unleak.flow.state import chosen_state
from unleak.flow.timing import REAL
from unleak.identify.caller import caller_or_unknown
from unleak.model.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from unleak.apply.state import Home, OpenState
    from unleak.flow.doors import Doors
    from unleak.flow.person import Person
    from unleak.flow.timing import Timing
    from unleak.model.incident import Incident
    from unleak.model.ports import Reader
    from unleak.model.principal import Principal
    from unleak.model.situation import Caller

CLAIM_SECONDS = 30.0
"""How long to wait for another process that is cutting off the same role or user."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workplace:
    """One state, one cloud, one person."""

    state: OpenState
    journal: Journal
    doors: Doors
    reader: Reader
    person: Person
    claims: ExitStack
    """Closed when the denies are sent."""
    claimed: set[str] = field(default_factory=set)
    timing: Timing = REAL

    def locked(self, incident: str) -> AbstractContextManager[None]:
        """Hold an incident against other processes; the lock dies with this one.

        Raises:
            IncidentBusy: another process holds it.
        """
        return self.state.hold(incident)

    def claim(self, principal: Principal) -> None:
        """Hold a role or user against other processes until its deny is sent.

        IAM has no compare-and-set: two that read the same policy, merge and write would lose one of
        the two. Held from before the reading, so that nothing read here can be stale.

        Args:
            principal: whose policies are about to be read and written.

        Raises:
            IncidentBusy: another process has worked on it for half a minute.
        """
        if principal.label not in self.claimed:
            lock = self.state.hold(f"principal {principal.label}", wait_seconds=CLAIM_SECONDS)
            self.claims.enter_context(lock)
            self.claimed.add(principal.label)

    def taken_up(self, incident: Incident) -> Incident:
        """Return an incident, other accounts now being entered by the role that it remembers.

        Args:
            incident: as the journal tells it; a role that was named now takes the place of its own.
        """
        role = self.doors.enter_by(incident.plan.member_role)
        return replace(incident, plan=replace(incident.plan, member_role=role))

    def caller_for(self, incident: Incident) -> Caller:
        """Return who we are now, if that is the account of the incident (or one is unknown).

        Raises:
            ForeignAccount: another account; a change there would hit a stranger of the same name.
        """
        caller, _ = caller_or_unknown(self.reader)
        then = incident.caller.account
        if None not in (caller.account, then) and caller.account != then:
            message = (
                f"incident {incident.id} is about account {then}, but you are signed in to "
                f"{caller.account}"
            )
            raise ForeignAccount(message, hint=f"sign in to {then} (--profile) and run it again")
        return caller


@contextmanager
def workplace(
    doors: Doors, person: Person, home: Home | None, timing: Timing = REAL
) -> Iterator[Workplace]:
    """Open the journal beside the doors, and close it afterwards.

    Args:
        doors: the cloud; the reader is opened, nothing else.
        person: asked and told.
        home: the state folder or table; what `UNLEAK_HOME` names, else the platform's, where None.
        timing: how to wait and count seconds.

    Raises:
        StateFolder: nothing could be journaled, so nothing may be begun.
    """
    with chosen_state(home, doors).open() as state, ExitStack() as claims:
        reader = doors.reader()
        journal = Journal(state.entries, now=lambda: corrected_now(reader.clock))
        yield Workplace(
            state=state,
            journal=journal,
            doors=doors,
            reader=reader,
            person=person,
            claims=claims,
            timing=timing,
        )
