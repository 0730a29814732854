"""Reads what a user signs in with beside access keys, each list to its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.aws.answer import instant, some_text, text
from unleak.errors import AwsFailure
from unleak.model.action import KeyState
from unleak.model.ways_in import Certificate, MfaDevice, ServiceCredential, SshKey

if TYPE_CHECKING:
    from unleak.aws.asking import Asking


def service_credentials(asking: Asking, user: str | None) -> tuple[ServiceCredential, ...]:
    """List the credentials for single services of a user, or of all users where None.

    Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListServiceSpecificCredentials.html

    Raises:
        AwsFailure: one has a status that we do not know.
    """
    whose: dict[str, object] = {"AllUsers": True} if user is None else {"UserName": user}
    found = asking.iam_pages(
        "list_service_specific_credentials", "ServiceSpecificCredentials", **whose
    )
    return tuple(
        ServiceCredential(
            credential_id=text(each, "ServiceSpecificCredentialId"),
            user=some_text(each, "UserName") or user or "",
            service=text(each, "ServiceName"),
            state=_state(text(each, "Status"), "ListServiceSpecificCredentials"),
            alias=some_text(each, "ServiceCredentialAlias") or some_text(each, "ServiceUserName"),
            made_at=instant(each, "CreateDate"),
            expires_at=instant(each, "ExpirationDate"),
        )
        for each in found
    )


def ssh_keys(asking: Asking, user: str) -> tuple[SshKey, ...]:
    """List the SSH public keys of a user."""
    return tuple(
        SshKey(
            key_id=text(each, "SSHPublicKeyId"),
            state=_state(text(each, "Status"), "ListSSHPublicKeys"),
            made_at=instant(each, "UploadDate"),
        )
        for each in asking.iam_pages("list_ssh_public_keys", "SSHPublicKeys", UserName=user)
    )


def certificates(asking: Asking, user: str) -> tuple[Certificate, ...]:
    """List the signing certificates of a user."""
    return tuple(
        Certificate(
            certificate_id=text(each, "CertificateId"),
            state=_state(text(each, "Status"), "ListSigningCertificates"),
            made_at=instant(each, "UploadDate"),
        )
        for each in asking.iam_pages("list_signing_certificates", "Certificates", UserName=user)
    )


def mfa_devices(asking: Asking, user: str) -> tuple[MfaDevice, ...]:
    """List the MFA devices that are on for a user."""
    return tuple(
        MfaDevice(serial=text(each, "SerialNumber"), made_at=instant(each, "EnableDate"))
        for each in asking.iam_pages("list_mfa_devices", "MFADevices", UserName=user)
    )


def _state(status: str, operation: str) -> KeyState:
    try:
        return KeyState(status)
    except ValueError as error:
        message = f"{operation}: one has the unknown status {status[:40]!a}"
        raise AwsFailure(message, error_code="UnknownKeyStatus", operation=operation) from error
