"""What a user signs in with beside access keys: each a leak of its own, as IAM lists it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.model.frozen import dataclass
from unleak.model.reading import NOT_LOOKED_AT

if TYPE_CHECKING:
    from datetime import datetime

    from unleak.model.action import KeyState
    from unleak.model.reading import Listing, Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceCredential:
    """A credential for one service, from `ListServiceSpecificCredentials`.

    CodeCommit, Keyspaces, Bedrock's long-term API keys and CloudWatch Logs' API keys are of this
    kind, at most two a service and user.
    Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_ServiceSpecificCredentialMetadata.html
    """

    credential_id: str
    user: str
    service: str
    state: KeyState
    alias: str | None = None
    """How the service calls it: the user name of CodeCommit, the alias of a Bedrock key."""
    made_at: datetime | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SshKey:
    """An SSH public key for CodeCommit, from `ListSSHPublicKeys`."""

    key_id: str
    state: KeyState
    made_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """An X.509 signing certificate, from `ListSigningCertificates`."""

    certificate_id: str
    state: KeyState
    made_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MfaDevice:
    """An MFA device that is switched on for the user, from `ListMFADevices`."""

    serial: str
    made_at: datetime | None = None
    """When it was switched on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaysIn:
    """All of it, each part as far as it could be read."""

    password: Reading[datetime] = NOT_LOOKED_AT
    """When the console password was made."""
    devices: Listing[tuple[MfaDevice, ...]] = NOT_LOOKED_AT
    services: Listing[tuple[ServiceCredential, ...]] = NOT_LOOKED_AT
    ssh_keys: Listing[tuple[SshKey, ...]] = NOT_LOOKED_AT
    certificates: Listing[tuple[Certificate, ...]] = NOT_LOOKED_AT
    mail_keys: tuple[str, ...] = ()
    """Access keys that were last used for mail (SES): as SMTP user name an id signs no calls."""
