"""The changes that Vault makes for us; see `action` for what one is.  None has a way back."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, assert_never

from unleak.model.frozen import dataclass

if TYPE_CHECKING:
    from unleak.model.vault import StaticRole


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeLease:
    """Revoke one lease: an IAM user dies with it, a session of STS does not."""

    lease: str
    """`MOUNT/creds/ROLE/ID`."""
    users: tuple[str, ...] = ()
    """The IAM users that are deleted with it, as far as they are known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokePrefix:
    """Revoke every lease of one role of Vault's."""

    prefix: str
    """`MOUNT/creds/ROLE`."""
    users: tuple[str, ...] = ()
    """The IAM users that are deleted with them, as far as they are known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RotateVaultRoot:
    """Let Vault replace its own key: made with the old one, which it deletes afterwards."""

    mount: str
    user: str
    """The IAM user that Vault's key belongs to."""
    key_id: str
    """The key that Vault has now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RotateStaticRole:
    """Let Vault give the user of a static role a new key, by the endpoint that newer ones have."""

    role: StaticRole
    path: str
    """What is asked: `MOUNT/rotate-role/NAME`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteStaticRole:
    """Delete a static role; Vault deletes the key that it has for it, and nothing else."""

    role: StaticRole


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateStaticRole:
    """Create a static role again as it was; Vault makes a new key for its user."""

    role: StaticRole


@dataclass(frozen=True, slots=True, kw_only=True)
class TryNewLease:
    """Take one new lease, see that its credential is served, and revoke it again."""

    path: str
    """`MOUNT/creds/ROLE`."""
    role_arn: str | None = None
    """Which of several roles to assume; None: Vault's role has one, or needs none."""


StaticRoleAction: TypeAlias = RotateStaticRole | DeleteStaticRole | CreateStaticRole
VaultAction: TypeAlias = (
    RevokeLease | RevokePrefix | RotateVaultRoot | StaticRoleAction | TryNewLease
)


def kind_in_vault(action: VaultAction) -> str:  # noqa: PLR0911 - one case a type
    """Return the contract's `kind` of such a change; see `action.kind_of`."""
    match action:
        case RevokeLease():
            return "vault-revoke-lease"
        case RevokePrefix():
            return "vault-revoke-prefix"
        case RotateVaultRoot():
            return "vault-rotate-root"
        case RotateStaticRole():
            return "vault-rotate-static-role"
        case DeleteStaticRole():
            return "vault-delete-static-role"
        case CreateStaticRole():
            return "vault-create-static-role"
        case TryNewLease():
            return "vault-try-new-lease"
        case _:
            assert_never(action)


def target_in_vault(action: VaultAction) -> str:
    """Return what it changes, in the form of a target: `vault:MOUNT/creds/ROLE`."""
    match action:
        case RevokeLease(lease=thing) | RevokePrefix(prefix=thing) | TryNewLease(path=thing):
            return f"vault:{thing}"
        case RotateVaultRoot(mount=mount):
            return f"vault:{mount}/config/root"
        case (
            RotateStaticRole(role=role) | DeleteStaticRole(role=role) | CreateStaticRole(role=role)
        ):
            return role.label
        case _:
            assert_never(action)


def users_gone_with(action: object) -> tuple[str, ...]:
    """Return the IAM users that Vault deletes with this change; none for any other action."""
    return action.users if isinstance(action, RevokeLease | RevokePrefix) else ()
