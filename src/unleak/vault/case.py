"""What a leak has to do with Vault, as data: what Vault told, before anything is planned."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from unleak.model.frozen import dataclass

if TYPE_CHECKING:
    from unleak.model.credential import Credential
    from unleak.model.vault import StaticRole, VaultType


@dataclass(frozen=True, slots=True, kw_only=True)
class Leased:
    """Credentials that a role of Vault's gave out under leases."""

    path: str
    """`MOUNT/creds/ROLE`: where consumers read."""
    type: VaultType | None
    """None: not known, or a kind that this version does not know."""
    lease: str | None = None
    """The one lease that leaked; None: all of the role."""
    prefixes: tuple[str, ...] = ()
    """Where the role's leases lie, if all of them are meant."""
    users: tuple[str, ...] = ()
    """IAM users that the leases made, as far as their names tell."""
    role_arns: tuple[str, ...] = ()
    consumers: tuple[str, ...] = ()
    """Display names of the tokens that asked for them."""

    lease_count: int | None = None
    """How many leases are meant; None: they could not be listed."""

    @property
    def is_cut_in_aws(self) -> bool:
        """Whether every user is known, so that AWS's own cut comes before Vault deletes it.

        What a user can do, and what it has made, can be read only while it is there.
        """
        return bool(self.users) and self.lease_count == len(self.users)

    @property
    def role(self) -> str:
        """The name of Vault's role."""
        return self.path.rsplit("/", 1)[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Static:
    """The key of a static role."""

    role: StaticRole
    rotate_path: str | None = None
    """Where this server rotates it at once; None: it has to be deleted and created again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnKey:
    """The key that Vault itself works with."""

    mount: str
    user: str
    key_id: str
    trial: str | None = None
    """`MOUNT/creds/ROLE` of a role that can show whether Vault still works."""


VaultFinding: TypeAlias = Leased | Static | OwnKey


@dataclass(frozen=True, slots=True, kw_only=True)
class VaultCase:
    """All that Vault told of one leak."""

    findings: tuple[VaultFinding, ...] = ()
    credentials: tuple[Credential, ...] = ()
    """What leaked, where nothing but a place in Vault was named."""
    notes: tuple[str, ...] = ()
    """What could not be read or told, and what it looks like: unknown is not no."""
    told: tuple[tuple[str, str], ...] = ()
    """What is known of a credential now, by its label."""
