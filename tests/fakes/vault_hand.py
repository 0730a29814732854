"""A door to Vault that notes what it is told and keeps a few things in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.model.outcome import Receipt
from unleak.model.vault import StaticRole, VaultLease, VaultRole, VaultRoot

if TYPE_CHECKING:
    from unleak.errors import UnleakError
    from unleak.model.vault_action import TryNewLease

ROLE = StaticRole(mount="aws", name="ci", user="ci", key_id="AKIAOLDOLDOLDOLDOLD1")


class VaultHand:
    """Implements `VaultWriter`; `held` are the leases, `calls` the changes in their order."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.held: set[str] = set()
        self.own_key: str | None = None
        self.static: dict[str, StaticRole] = {}
        self.failing: dict[str, UnleakError] = {}

    def mounts(self) -> tuple[str, ...]:
        return ("aws",)

    def roles(self, mount: str) -> tuple[str, ...]:
        del mount
        return ()

    def role(self, mount: str, name: str) -> VaultRole | None:
        return VaultRole(mount=mount, name=name, types=())

    def leases(self, path: str) -> tuple[str, ...]:
        return tuple(each for each in self.held if each.startswith(f"{path}/"))

    def lease(self, lease_id: str) -> VaultLease | None:
        return VaultLease(id=lease_id, issued_at=None) if lease_id in self.held else None

    def root(self, mount: str) -> VaultRoot:
        return VaultRoot(mount=mount, key_id=self.own_key)

    def static_roles(self, mount: str) -> tuple[str, ...]:
        del mount
        return tuple(self.static)

    def static_role(self, mount: str, name: str) -> StaticRole | None:
        del mount
        return self.static.get(name)

    def rotate_path(self, mount: str, name: str) -> str | None:
        del mount, name
        return None

    def revoke_lease(self, lease_id: str) -> Receipt:
        return self._noted("revoke_lease", lease_id)

    def revoke_prefix(self, path: str) -> Receipt:
        return self._noted("revoke_prefix", path)

    def rotate_root(self, mount: str) -> Receipt:
        return self._noted("rotate_root", mount)

    def rotate_static_role(self, path: str) -> Receipt:
        return self._noted("rotate_static_role", path)

    def delete_static_role(self, role: StaticRole) -> Receipt:
        return self._noted("delete_static_role", role.name)

    def create_static_role(self, role: StaticRole) -> Receipt:
        return self._noted("create_static_role", role.name)

    def try_new_lease(self, wish: TryNewLease) -> Receipt:
        return self._noted("try_new_lease", wish.path)

    def _noted(self, method: str, target: str) -> Receipt:
        self.calls.append(f"{method} {target}")
        if method in self.failing:
            raise self.failing[method]
        return Receipt(request_id="r", at=None)
