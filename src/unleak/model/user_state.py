"""What AWS shows of the things that a user signs in with beside access keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from unleak.model.user_action import (
    DeactivateMfa,
    DeleteLoginProfile,
    SetCertificateStatus,
    SetServiceCredentialStatus,
    SetSshKeyStatus,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from unleak.model.action import KeyState
    from unleak.model.ports import Reader
    from unleak.model.user_action import StatusAction


def status_of(action: StatusAction, reader: Reader) -> KeyState | None:
    """Ask for the status of what an action switches, None where it is gone.

    Raises:
        UnleakError: it could not be read; a user who is gone is `NoSuchPrincipal`.
    """
    match action:
        case SetServiceCredentialStatus(user=user, credential_id=wanted):
            states = ((one.credential_id, one.state) for one in reader.service_credentials(user))
        case SetSshKeyStatus(user=user, key_id=wanted):
            states = ((one.key_id, one.state) for one in reader.ssh_keys(user))
        case SetCertificateStatus(user=user, certificate_id=wanted):
            states = ((one.certificate_id, one.state) for one in reader.certificates(user))
        case _:
            assert_never(action)
    return _state(wanted, states)


def is_gone(action: DeleteLoginProfile | DeactivateMfa, reader: Reader) -> bool:
    """Ask whether the password is deleted, or the device off the user.

    Raises:
        UnleakError: it could not be read.
    """
    match action:
        case DeleteLoginProfile(user=user):
            return reader.login_profile(user) is None
        case DeactivateMfa(user=user, serial=serial):
            return all(device.serial != serial for device in reader.mfa_devices(user))
        case _:
            assert_never(action)


def _state(wanted: str, states: Iterable[tuple[str, KeyState]]) -> KeyState | None:
    return next((state for name, state in states if name == wanted), None)
