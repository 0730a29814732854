"""What `revoke` would do: the same look and the same planner, and no writer anywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.flow.prepare import prepare

if TYPE_CHECKING:
    from unleak.flow.doors import Doors
    from unleak.flow.person import Person
    from unleak.flow.request import Request
    from unleak.model.plan import Plan


def plan(request: Request, doors: Doors, person: Person) -> Plan:
    """Return the plan that `revoke` would carry out now; nothing is changed.

    Args:
        request: what is wanted.
        doors: the cloud; only its reader is opened.
        person: asked for consent or an owner where the request leaves that open.

    Raises:
        UnleakError: nothing can be contained from here, with what to do instead.
    """
    return prepare(request, doors, person, quick=False).plan
