"""What leaked and whose it is: the first half of the river, and no further."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from unleak.contain.guards import holder_principal
from unleak.contain.quarantine import quarantine_lines
from unleak.flow.in_vault import at_target, of_leak, told_of
from unleak.flow.look import look

if TYPE_CHECKING:
    from unleak.flow.doors import Doors
    from unleak.flow.person import Person
    from unleak.flow.request import Request
    from unleak.model.credential import Credential


def identify_leak(request: Request, doors: Doors, person: Person) -> tuple[Credential, ...]:
    """Return what leaked, identified as far as it can be; nothing is changed.

    Args:
        request: the evidence and what may be asked of it.
        doors: the cloud; only its reader is opened.
        person: asked for consent or an owner where the request leaves that open.

    Raises:
        UnleakError: our own credentials, clock or network do not let us ask.
    """
    request, case = at_target(request, doors)
    situation = look(request, doors.reader(), person, quick=False).situation
    if request.vault is None:
        case = of_leak(situation.credentials, doors)
    told = {facts.principal.label: quarantine_lines(facts) for facts in situation.principals}
    return tuple(told_of(_noted(each, told), case) for each in situation.credentials)


def _noted(credential: Credential, told: dict[str, tuple[str, ...]]) -> Credential:
    """Say of a credential what AWS itself has done to its user."""
    holder = holder_principal(credential)
    lines = () if holder is None else told.get(holder.label, ())
    return replace(credential, notes=(*credential.notes, *lines)) if lines else credential
