"""What closes doors, planned with what is there just now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.contain.door_steps import DoorFacts, close_door
from unleak.contain.options import MARGIN
from unleak.errors import NoSuchPrincipal, UnleakError
from unleak.identify.questions import Failed, Told, answer
from unleak.model.action import Holder, HolderType
from unleak.model.door import DoorKind
from unleak.model.frozen import dataclass
from unleak.model.instant import round_up
from unleak.model.policy_names import CONSOLE_POLICY
from unleak.model.reading import Known
from unleak.model.ways_in import WaysIn

if TYPE_CHECKING:
    from datetime import datetime

    from unleak.model.door import Door
    from unleak.model.plan import Plan, Step
    from unleak.model.ports import Reader
    from unleak.model.situation import KeyFact, Situation

_WAYS = frozenset(
    {
        DoorKind.SERVICE_CREDENTIAL,
        DoorKind.SSH_KEY,
        DoorKind.CERTIFICATE,
        DoorKind.MFA_DEVICE,
    }
)


@dataclass(frozen=True, slots=True)
class Closer:
    """Reads what a door needs, in its own account, and plans what closes it.

    Args:
        reader: the responder's.
        situation: what leaked, with what was read of it already.
    """

    reader: Reader
    situation: Situation

    def closing(self, doors: tuple[Door, ...], plan: Plan) -> tuple[Step, ...]:
        """Return the steps that contain suspects, without ids.

        Args:
            doors: those that are not open come to nothing.
            plan: for the cut-off, the account and the partition.
        """
        stands = [step.action for step in plan.steps if not step.is_temporary]
        return tuple(
            step
            for door in doors
            if door.is_open and not door.by_hand
            for step in self._steps(door, plan)
            if step.action not in stands
        )

    def _steps(self, door: Door, plan: Plan) -> tuple[Step, ...]:
        holder, cutoff = door.holder, self._cutoff(plan)
        if holder is None or cutoff is None:
            return ()
        told = answer(lambda: self.reader.of_account(holder.account))
        if isinstance(told, Failed):
            return ()  # the door stays open, and that is told
        reader = told.value
        revoke = answer(lambda: reader.inline_policy(holder, CONSOLE_POLICY))
        return close_door(
            door,
            DoorFacts(
                keys=_keys(reader, holder),
                revoke_policy=revoke.value if isinstance(revoke, Told) else None,
                is_unread=isinstance(revoke, Failed) and _is_unread(revoke.error),
                ways_in=self._ways_in(reader, holder) if door.kind in _WAYS else None,
            ),
            cutoff=cutoff,
            account=self.situation.caller.account,
            partition=next((each.partition for each in plan.credentials if each.partition), None),
        )

    def _cutoff(self, plan: Plan) -> datetime | None:
        now = self.reader.clock.now()
        return plan.cutoff if now is None else round_up(now) + MARGIN

    def _ways_in(self, reader: Reader, holder: Holder) -> WaysIn | None:
        for facts in self.situation.principals:
            if holder.account is None and facts.principal.label == holder.label:
                return facts.ways_in
        told = answer(lambda: reader.service_credentials(holder.name))
        return WaysIn(services=Known(told.value)) if isinstance(told, Told) else None


def _keys(reader: Reader, holder: Holder) -> tuple[KeyFact, ...]:
    if holder.type is not HolderType.USER:
        return ()
    told = answer(lambda: reader.keys(holder.name))
    return told.value if isinstance(told, Told) else ()


def _is_unread(error: UnleakError) -> bool:
    """Whether there may be a text that we have not seen; who is gone has none."""
    return not isinstance(error, NoSuchPrincipal)
