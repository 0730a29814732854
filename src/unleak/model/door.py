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
    USER_SESSION = "user-session"
    """A session that a user opened (`GetSessionToken`, `GetFederationToken`), or a sign-in."""
    SESSION = "session"
    """A session that no deny of ours reaches: root's, or one whose owner nobody tells."""
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
    GONE = "gone"
    """IAM knows it no more: what was deleted lets nobody in."""


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
    """Of sessions: when the last one was opened that is known."""
    state: DoorState = DoorState.OPEN
    account: str | None = None
    """The account it is in, where that is another one than the responder's."""
    via: str = ""
    """The call that led to it, where CloudTrail shows one; empty: nobody traced it."""
    depth: int = 0
    """How many steps it is away from the leak; parents are closed before their children."""
    key_ids: tuple[str, ...] = ()
    """The credentials through which the trail shows it."""
    is_inferred: bool = False
    """Whether only circumstances speak for it: then it gets nothing harsher than a cut-off."""
    is_mild: bool = False
    """Whether its old sessions are cut off and nothing else, because more could hit honest work."""
    is_off: bool = False
    """Of a key: whether it was inactive when it was looked at; what it opened may live on."""
    by_hand: str = ""
    """Why unleak does not close it by itself, and what a person can do; empty: it does."""

    @property
    def is_traced(self) -> bool:
        """Whether CloudTrail led to it."""
        return bool(self.via)

    @property
    def is_open(self) -> bool:
        """Whether it still lets somebody in, for all we know."""
        return self.state is DoorState.OPEN
