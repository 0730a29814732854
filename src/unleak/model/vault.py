"""What Vault's (or OpenBao's) AWS secrets engine knows: roles, leases, its own key."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from unleak.model.frozen import dataclass

if TYPE_CHECKING:
    from datetime import datetime


class VaultPlace(StrEnum):
    """The parts of the engine that a target can name, as Vault spells them."""

    CREDS = "creds"
    STS = "sts"
    STATIC = "static-creds"
    ROOT = "config/root"


class VaultType(StrEnum):
    """The kinds of credential that a role of Vault's gives out.

    Source: https://developer.hashicorp.com/vault/api-docs/secret/aws
    """

    IAM_USER = "iam_user"
    ASSUMED_ROLE = "assumed_role"
    FEDERATION_TOKEN = "federation_token"  # noqa: S105 - Vault's name of a kind
    SESSION_TOKEN = "session_token"  # noqa: S105 - as above

    @property
    def is_sts(self) -> bool:
        """Whether revoking its lease does nothing in AWS."""
        return self is not VaultType.IAM_USER


@dataclass(frozen=True, slots=True, kw_only=True)
class VaultTarget:
    """What somebody pointed at in Vault."""

    mount: str
    place: VaultPlace
    name: str = ""
    """The role; empty for Vault's own key."""
    lease: str | None = None
    """The last part of a lease's id; None: every lease of the role."""

    @property
    def path(self) -> str:
        """`MOUNT/creds/ROLE`, without the lease."""
        return "/".join(part for part in (self.mount, str(self.place), self.name) if part)

    @property
    def label(self) -> str:
        """How the command line calls it."""
        lease = "" if self.lease is None else f"/{self.lease}"
        return f"vault:{self.path}{lease}"


@dataclass(frozen=True, slots=True, kw_only=True)
class VaultRole:
    """One role of Vault's, as far as containing it goes."""

    mount: str
    name: str
    types: tuple[VaultType, ...]
    """More than one only where it was made by a very old Vault."""
    role_arns: tuple[str, ...] = ()
    unknown_types: tuple[str, ...] = ()
    """Types that this version does not know: unknown is not "does nothing"."""

    def type_at(self, place: VaultPlace) -> VaultType | None:
        """Return what it gives out at a path, None where this version does not know.

        Source: https://developer.hashicorp.com/vault/api-docs/secret/aws
        """
        if len(self.types) > 1:
            wanted = VaultType.IAM_USER if place is VaultPlace.CREDS else VaultType.FEDERATION_TOKEN
            return wanted if wanted in self.types else None
        return self.types[0] if self.types and not self.unknown_types else None


@dataclass(frozen=True, slots=True, kw_only=True)
class VaultLease:
    """One lease."""

    id: str
    """`MOUNT/creds/ROLE/ID`."""
    issued_at: datetime | None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VaultRoot:
    """The engine's own way into AWS."""

    mount: str
    key_id: str | None
    """Its access key; None: it has none of its own (instance profile, web identity)."""
    username_template: str | None = None
    """None: not told, then it is the default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StaticRole:
    """One static role, as it has to be written to stand again."""

    mount: str
    name: str
    user: str
    key_id: str | None
    """The key that Vault has for it; None: it has none."""
    settings: tuple[tuple[str, str], ...] = ()
    """Every setting that Vault told, its value as JSON."""

    @property
    def label(self) -> str:
        """How the command line calls it."""
        return f"vault:{self.mount}/{VaultPlace.STATIC}/{self.name}"
