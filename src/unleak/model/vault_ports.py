"""The doors to Vault, as protocols: one that looks, one that changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from unleak.model.outcome import Receipt
    from unleak.model.vault import StaticRole, VaultLease, VaultRole, VaultRoot
    from unleak.model.vault_action import TryNewLease


class VaultReader(Protocol):
    """What is asked of Vault before anything is changed; every method may raise `UnleakError`."""

    def mounts(self) -> tuple[str, ...]:
        """Return the paths of the AWS engines that the token can see."""
        ...

    def roles(self, mount: str) -> tuple[str, ...]:
        """Return the names of an engine's roles."""
        ...

    def role(self, mount: str, name: str) -> VaultRole | None:
        """Return one role, None where there is none."""
        ...

    def leases(self, path: str) -> tuple[str, ...]:
        """Return the ids of the leases below `MOUNT/creds/ROLE`."""
        ...

    def lease(self, lease_id: str) -> VaultLease | None:
        """Return one lease, None where Vault has none of that id."""
        ...

    def root(self, mount: str) -> VaultRoot:
        """Return what an engine signs in to AWS with."""
        ...

    def static_roles(self, mount: str) -> tuple[str, ...]:
        """Return the names of an engine's static roles."""
        ...

    def static_role(self, mount: str, name: str) -> StaticRole | None:
        """Return one static role, None where there is none."""
        ...

    def rotate_path(self, mount: str, name: str) -> str | None:
        """Return where this server rotates a static role at once, None where it cannot."""
        ...


class VaultWriter(VaultReader, Protocol):
    """What changes something; only an accepted plan opens it."""

    def revoke_lease(self, lease_id: str) -> Receipt:
        """Revoke one lease and wait until Vault has done it."""
        ...

    def revoke_prefix(self, path: str) -> Receipt:
        """Revoke every lease below a path and wait until Vault has done it."""
        ...

    def rotate_root(self, mount: str) -> Receipt:
        """Let an engine replace its own key."""
        ...

    def rotate_static_role(self, path: str) -> Receipt:
        """Let a static role have a new key."""
        ...

    def delete_static_role(self, role: StaticRole) -> Receipt:
        """Delete a static role, and with it the key that Vault has for it."""
        ...

    def create_static_role(self, role: StaticRole) -> Receipt:
        """Write a static role as it was; Vault makes a key for it."""
        ...

    def try_new_lease(self, wish: TryNewLease) -> Receipt:
        """Take a lease, see that its credential is served, and revoke it; its secret stays here."""
        ...
