"""The changes that Vault makes, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from unleak.model.vault_action import (
    CreateStaticRole,
    DeleteStaticRole,
    RevokeLease,
    RevokePrefix,
    RotateStaticRole,
    RotateVaultRoot,
    TryNewLease,
    target_in_vault,
)

if TYPE_CHECKING:
    from unleak.model.vault_action import VaultAction


def vault_order(action: VaultAction) -> str:  # noqa: PLR0911 - one case a type
    """Return what the action does, as an order: `Let Vault revoke the lease vault:...`."""
    where = target_in_vault(action)
    match action:
        case RevokeLease():
            return f"Let Vault revoke the lease {where}"
        case RevokePrefix():
            return f"Let Vault revoke every lease of {where}"
        case RotateVaultRoot(key_id=key_id, user=user):
            return f"Let Vault replace its own key {key_id} of user/{user} ({where})"
        case RotateStaticRole(role=role):
            return f"Let Vault rotate the key of user/{role.user} ({where})"
        case DeleteStaticRole(role=role):
            return f"Let Vault delete {where}, and its key of user/{role.user}"
        case CreateStaticRole(role=role):
            return f"Let Vault create {where} again, with a new key of user/{role.user}"
        case TryNewLease():
            return f"Take one new lease of {where}, and revoke it again"
        case _:
            assert_never(action)


def vault_before_and_after(action: VaultAction) -> tuple[str, str]:
    """Return the state before and after the action, each in a few words."""
    match action:
        case RevokeLease() | RevokePrefix():
            return "leased", "revoked in Vault"
        case RotateVaultRoot() | RotateStaticRole():
            return "the leaked key", "a new key"
        case DeleteStaticRole():
            return "there", "deleted"
        case CreateStaticRole():
            return "deleted", "there, with a new key"
        case TryNewLease():
            return "not tried", "served, and revoked"
        case _:
            assert_never(action)
