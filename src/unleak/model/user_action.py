"""The changes to what a user signs in with beside access keys; see `action` for what one is."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, assert_never

from unleak.model.frozen import dataclass

if TYPE_CHECKING:
    from unleak.model.action import KeyState


@dataclass(frozen=True, slots=True, kw_only=True)
class SetServiceCredentialStatus:
    """Move a credential for one service (Bedrock, CodeCommit, ...) from `before` to `after`."""

    user: str
    credential_id: str
    """`ACCA...`."""
    service: str
    """`bedrock.amazonaws.com`, for the words only."""
    before: KeyState
    after: KeyState


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSshKeyStatus:
    """Move one SSH public key (CodeCommit) from `before` to `after`."""

    user: str
    key_id: str
    """`APKA...`."""
    before: KeyState
    after: KeyState


@dataclass(frozen=True, slots=True, kw_only=True)
class SetCertificateStatus:
    """Move one X.509 signing certificate from `before` to `after`."""

    user: str
    certificate_id: str
    before: KeyState
    after: KeyState


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteLoginProfile:
    """Delete a user's console password; nobody can put it back, because nobody can read it."""

    user: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeactivateMfa:
    """Take an MFA device off a user; its owner alone could put it on again, with two codes."""

    user: str
    serial: str
    """Its serial number, the ARN of a virtual one."""


StatusAction: TypeAlias = SetServiceCredentialStatus | SetSshKeyStatus | SetCertificateStatus
UserAction: TypeAlias = StatusAction | DeleteLoginProfile | DeactivateMfa


def kind_on_user(action: UserAction) -> str:
    """Return the contract's `kind` of such a change; see `action.kind_of`."""
    match action:
        case SetServiceCredentialStatus():
            return "update-service-specific-credential"
        case SetSshKeyStatus():
            return "update-ssh-public-key"
        case SetCertificateStatus():
            return "update-signing-certificate"
        case DeleteLoginProfile():
            return "delete-login-profile"
        case DeactivateMfa():
            return "deactivate-mfa-device"
        case _:
            assert_never(action)
