"""What is to be proven: the leaked credentials, the steps taken, and what we may sign with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.model.action import (
    DeleteKey,
    DeleteRootKey,
    Holder,
    HolderType,
    KeyState,
    SetKeyStatus,
)
from unleak.model.credential import CredentialKind
from unleak.model.frozen import dataclass
from unleak.model.plan import StepState
from unleak.model.principal import PrincipalType
from unleak.model.vault_action import RotateVaultRoot

if TYPE_CHECKING:
    from datetime import datetime

    from unleak.model.credential import Credential, FoundCredential
    from unleak.model.plan import Step

_HOLDERS = {PrincipalType.ROLE: HolderType.ROLE, PrincipalType.USER: HolderType.USER}


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """A session of ours, minted to watch a deny take effect."""

    holder: Holder
    session: FoundCredential
    minted_at: datetime | None
    """An upper bound of its issue time by AWS's clock; None where that clock was never seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """All that a verification starts from."""

    credentials: tuple[Credential, ...]
    steps: tuple[Step, ...]
    """With the states that they have come to; those that are in place are read back."""
    cutoff: datetime | None
    leaked: tuple[FoundCredential, ...] = ()
    """Only those that we may sign with: consent is the caller's business."""
    canaries: tuple[Canary, ...] = ()
    may_mint: bool = True
    """Whether a session of ours may be minted as the control group."""

    @property
    def in_place(self) -> tuple[Step, ...]:
        """The steps whose change is in place, in the order in which they were carried out."""
        done = (each for each in self.steps if each.state in {StepState.DONE, StepState.ALREADY})
        return tuple(sorted(done, key=lambda step: step.stage))

    def kills_key(self, key_id: str) -> bool:
        """Whether a step that is in place takes this very key out of service."""
        return any(
            isinstance(step.action, SetKeyStatus | DeleteKey | DeleteRootKey | RotateVaultRoot)
            and step.action.key_id == key_id
            and not (isinstance(step.action, SetKeyStatus) and step.action.after is KeyState.ACTIVE)
            for step in self.in_place
        )

    def identified(self, key_id: str | None) -> Credential | None:
        """Return what is known of the credential with this id."""
        for credential in self.credentials:
            if key_id is not None and credential.access_key_id == key_id:
                return credential
        return None


def holder_of(credential: Credential) -> Holder | None:
    """Return the role or user that a deny for this credential sits on, None where there is none.

    A federated session is denied on the user that made it; root can't be denied at all.
    """
    is_federated = credential.kind is CredentialKind.FEDERATED_SESSION
    principal = credential.parent if is_federated else credential.principal
    if principal is None or principal.type not in _HOLDERS:
        return None
    return Holder(type=_HOLDERS[principal.type], name=principal.name)


def session_label(holder: Holder, session_name: str) -> str:
    """Return how one session is called: `session/ROLE/NAME`."""
    return f"session/{holder.name}/{session_name}"
