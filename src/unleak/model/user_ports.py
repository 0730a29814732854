"""The part of the doors to AWS that is about what a user signs in with beside access keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime

    from unleak.model.action import KeyState
    from unleak.model.outcome import Receipt
    from unleak.model.ways_in import Certificate, MfaDevice, ServiceCredential, SshKey


class UserReader(Protocol):
    """Questions about a user that change nothing."""

    def login_profile(self, user: str) -> datetime | None:
        """Return when a user's password was made (`iam:GetLoginProfile`), None: no password."""
        ...

    def service_credentials(self, user: str | None) -> tuple[ServiceCredential, ...]:
        """List the credentials for single services (`iam:ListServiceSpecificCredentials`).

        Args:
            user: whose; None asks for those of all users at once.
        """
        ...

    def ssh_keys(self, user: str) -> tuple[SshKey, ...]:
        """List the SSH public keys of a user (`iam:ListSSHPublicKeys`)."""
        ...

    def certificates(self, user: str) -> tuple[Certificate, ...]:
        """List the signing certificates of a user (`iam:ListSigningCertificates`)."""
        ...

    def mfa_devices(self, user: str) -> tuple[MfaDevice, ...]:
        """List the MFA devices of a user (`iam:ListMFADevices`)."""
        ...


class UserWriter(Protocol):
    """Changes to a user."""

    def set_service_credential_status(
        self, *, user: str, credential_id: str, state: KeyState
    ) -> Receipt:
        """Call `iam:UpdateServiceSpecificCredential`."""
        ...

    def set_ssh_key_status(self, *, user: str, key_id: str, state: KeyState) -> Receipt:
        """Call `iam:UpdateSSHPublicKey`."""
        ...

    def set_certificate_status(self, *, user: str, certificate_id: str, state: KeyState) -> Receipt:
        """Call `iam:UpdateSigningCertificate`."""
        ...

    def delete_login_profile(self, user: str) -> Receipt:
        """Call `iam:DeleteLoginProfile`."""
        ...

    def deactivate_mfa(self, *, user: str, serial: str) -> Receipt:
        """Call `iam:DeactivateMFADevice`."""
        ...
