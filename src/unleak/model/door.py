"""A way back in that the thief may have made: a second identity beside the one that leaked.

Cutting the leaked principal does nothing to a user, role, key or password that was made with it, so
while one of these is open the leak is not contained.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from unleak.model.frozen import dataclass

if TYPE_CHECKING:
    from datetime import datetime

    from unleak.model.action import Holder


class DoorKind(StrEnum):
    """What the way in is."""

    USER = "user"
    ROLE = "role"
    ACCESS_KEY = "access-key"
    LOGIN_PROFILE = "login-profile"
    TRUST_POLICY = "trust-policy"
    ROLE_SESSION = "role-session"
    """A role that was there before, and was used since: a session of it may be the thief's."""
    POLICY_VERSION = "policy-version"
    PROVIDER = "provider"
    SERVICE_CREDENTIAL = "service-credential"
    SSH_KEY = "ssh-key"
    CERTIFICATE = "certificate"
    MFA_DEVICE = "mfa-device"


class DoorState(StrEnum):
    """Whether it still lets somebody in."""

    OPEN = "open"
    CONTAINED = "contained"
    DISMISSED = "dismissed"
    """A person has said that it is none of the thief's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One suspect, with the reason, the strongest first where they stand in a list."""

    kind: DoorKind
    target: str
    """`user/NAME`, `role/NAME`, a key id, or an ARN."""
    reason: str
    weight: int
    """How strong the suspicion is: 3 the trail names the leak as its maker, 2 it is newer than the
    leak, 1 the leaked principal could have touched it."""
    holder: Holder | None = None
    """The user or role that has to be denied to close it; None: a person has to close it."""
    made_at: datetime | None = None
    state: DoorState = DoorState.OPEN

    @property
    def is_open(self) -> bool:
        """Whether it still lets somebody in, for all we know."""
        return self.state is DoorState.OPEN
