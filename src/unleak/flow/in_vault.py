"""Vault beside AWS: what a target in it names, whether it issued a leak, and what comes after."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from unleak.errors import UnleakError
from unleak.flow.errand import Errand
from unleak.model.action import KeyState, SetKeyStatus
from unleak.model.plan import Step, StepState
from unleak.model.vault_action import (
    CreateStaticRole,
    RotateStaticRole,
    RotateVaultRoot,
    VaultAction,
)
from unleak.stores.interface import NotSetUp
from unleak.vault.case import VaultCase
from unleak.vault.issued import Issued, is_worth_asking, names_vault
from unleak.vault.look import VaultLook
from unleak.vault.plan import late_deactivation, with_vault

if TYPE_CHECKING:
    from collections.abc import Iterable

    from unleak.flow.cut import Cutter
    from unleak.flow.doors import Doors
    from unleak.flow.person import Person
    from unleak.flow.request import Request
    from unleak.flow.workplace import Workplace
    from unleak.model.credential import Credential
    from unleak.model.plan import Plan
    from unleak.model.vault_ports import VaultReader

__all__ = [
    "at_target",
    "finished",
    "new_keys",
    "of_leak",
    "settled",
    "told_of",
    "vault_of",
    "with_vault",
]

PATIENCE: Final = 5.0
"""Seconds that a deny waits for a Vault that may know nothing of the leak."""
_LOOKS: Final = 4
_PAUSE: Final = 1.0
"""IAM lists a deleted key for some seconds more."""


def at_target(request: Request, doors: Doors) -> tuple[Request, VaultCase]:
    """Look up what a target in Vault names; the request then knows what leaked.

    Raises:
        NotSetUp: there is no address or no token.
        WrongUse: Vault has nothing there.
        UnleakError: Vault, or AWS, does not let us look.
    """
    if request.vault is None:
        return request, VaultCase()
    case = VaultLook(doors.vault(), doors.reader()).at(request.vault)
    return replace(request, known=case.credentials), case


def of_leak(
    credentials: tuple[Credential, ...], doors: Doors, *, patience: float = PATIENCE
) -> VaultCase:
    """Ask Vault whether it issued what leaked, where there is one; it is not waited for long.

    Args:
        credentials: as AWS identified them.
        doors: Vault's is opened only where it could know one of them.
        patience: seconds to wait for Vault.
    """
    asked = tuple(filter(is_worth_asking, credentials))
    if not asked:
        return VaultCase()
    try:
        vault = doors.vault()
    except UnleakError as error:
        named = [each.label for each in asked if names_vault(each) is not None]
        words = "its name looks as if Vault had issued it, but Vault was not asked"
        told = tuple((label, f"{words}: {error.message}") for label in named)
        notes = tuple(f"{label}: {said}" for label, said in told)
        if not isinstance(error, NotSetUp):  # somebody has a Vault, and it could not be asked
            notes = (*notes, f"whether Vault issued it is not known: {error.message}")
        return VaultCase(told=told, notes=notes)
    issued = Issued(vault, doors.reader())
    answer = Errand(lambda: issued.among(asked), name="unleak-vault").result(patience)
    if isinstance(answer, VaultCase):
        return answer
    why = f"no answer in {patience:.0f} s" if answer is None else answer.message
    return VaultCase(notes=(f"whether Vault issued it is not known: {why}",))


def vault_of(
    steps: Iterable[Step], doors: Doors, person: Person | None = None
) -> VaultReader | None:
    """Return the door to Vault where one of the steps went there and it can be opened.

    Args:
        steps: of an incident.
        doors: Vault's is opened only where it is needed.
        person: hears why it cannot be opened.
    """
    if not any(isinstance(step.action, VaultAction) for step in steps):
        return None
    try:
        return doors.vault()
    except UnleakError as error:
        if person is not None:
            person.hears(f"what Vault has to do is left: {error.message}; {error.hint}")
        return None  # whoever looks without it says that there is no way to Vault


def settled(plan: Plan, cutter: Cutter, place: Workplace) -> Plan:
    """See that the key that Vault was to replace is dead, and kill it where Vault left it alive.

    Args:
        plan: as it stands after the cut.
        cutter: sends what is missing.
        place: reader, journal and timing.
    """
    for rotation in plan.steps:
        action = rotation.action
        if not isinstance(action, RotateVaultRoot) or rotation.state is StepState.PLANNED:
            continue
        is_planned = any(_turns_off(step, action.key_id) for step in plan.steps)
        if is_planned or not _is_active(action, place):
            continue
        plan = late_deactivation(plan, rotation)
        place.journal.replanned(cutter.incident, plan)
        plan = cutter.cut(plan)
    return plan


def finished(plan: Plan, cutter: Cutter) -> Plan:
    """Let Vault delete the users that are cut, and show that it still works, when all is held.

    Args:
        plan: as it stands after the hold: nothing freezes Vault's own user any more.
        cutter: sends what was waiting.
    """
    waiting = tuple(step for step in plan.waiting if isinstance(step.action, VaultAction))
    return cutter.send(plan, waiting) if waiting else plan


def new_keys(plan: Plan, doors: Doors) -> frozenset[str]:
    """Return the keys that Vault has made in this response: they are no thief's.

    Args:
        plan: as it stands.
        doors: Vault's is opened only where it rotated something.
    """
    vault = vault_of(plan.steps, doors)
    if vault is None:
        return frozenset()
    found: set[str | None] = set()
    for step in plan.steps:
        action = step.action
        if step.state not in {StepState.DONE, StepState.ALREADY}:
            continue
        try:
            if isinstance(action, RotateVaultRoot):
                found.add(vault.root(action.mount).key_id)
            elif isinstance(action, CreateStaticRole | RotateStaticRole):
                role = vault.static_role(action.role.mount, action.role.name)
                found.add(None if role is None else role.key_id)
        except UnleakError:
            continue  # not swallowed: its new key then shows among the suspects
    return frozenset(each for each in found if each is not None)


def told_of(credential: Credential, case: VaultCase) -> Credential:
    """Return a credential with what Vault told of it."""
    label = credential.label
    lines = tuple(words for whose, words in case.told if whose == label)
    return replace(credential, notes=(*credential.notes, *lines)) if lines else credential


def _turns_off(step: Step, key_id: str) -> bool:
    return isinstance(step.action, SetKeyStatus) and step.action.key_id == key_id


def _is_active(action: RotateVaultRoot, place: Workplace) -> bool:
    """Whether the old key is there and active still; one that cannot be looked at counts as it."""
    for look in range(_LOOKS):
        if look:
            place.timing.pause(_PAUSE)
        try:
            keys = place.reader.keys(action.user)
        except UnleakError:
            continue  # not swallowed: the deactivation that follows fails, or works, aloud
        states = {key.key_id: key.state for key in keys}
        if states.get(action.key_id) is not KeyState.ACTIVE:
            return False
    return True
