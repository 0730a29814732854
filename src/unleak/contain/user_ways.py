"""Everything that a user signs in with beside access keys, each with the change that closes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.model.action import Holder, KeyState
from unleak.model.door import DoorKind
from unleak.model.frozen import dataclass
from unleak.model.reading import Known
from unleak.model.user_action import (
    DeactivateMfa,
    DeleteLoginProfile,
    SetCertificateStatus,
    SetServiceCredentialStatus,
    SetSshKeyStatus,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from unleak.model.user_action import UserAction
    from unleak.model.ways_in import ServiceCredential, WaysIn

_OFF = KeyState.INACTIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One thing that a user signs in with and that works, and what closes it."""

    kind: DoorKind
    target: str
    action: UserAction
    made_at: datetime | None


def ways_of(holder: Holder, ways_in: WaysIn) -> tuple[Way, ...]:
    """Return everything that works, as far as it could be read."""
    return (
        *_password(holder, ways_in),
        *_devices(holder, ways_in),
        *_services(holder, ways_in),
        *_ssh_keys(holder, ways_in),
        *_certificates(holder, ways_in),
    )


def service_off(
    credential: ServiceCredential, *, user: str, after: KeyState = _OFF
) -> SetServiceCredentialStatus:
    """Return what turns a credential for one service off, or into another state."""
    return SetServiceCredentialStatus(
        user=user,
        credential_id=credential.credential_id,
        service=credential.service,
        before=credential.state,
        after=after,
    )


def _password(holder: Holder, ways_in: WaysIn) -> Iterator[Way]:
    if isinstance(ways_in.password, Known):
        yield Way(
            kind=DoorKind.LOGIN_PROFILE,
            target=holder.label,
            action=DeleteLoginProfile(user=holder.name),
            made_at=ways_in.password.value,
        )


def _devices(holder: Holder, ways_in: WaysIn) -> Iterator[Way]:
    for each in ways_in.devices.value if isinstance(ways_in.devices, Known) else ():
        yield Way(
            kind=DoorKind.MFA_DEVICE,
            target=each.serial,
            action=DeactivateMfa(user=holder.name, serial=each.serial),
            made_at=each.made_at,
        )


def _services(holder: Holder, ways_in: WaysIn) -> Iterator[Way]:
    for each in ways_in.services.value if isinstance(ways_in.services, Known) else ():
        if each.state is KeyState.ACTIVE:
            yield Way(
                kind=DoorKind.SERVICE_CREDENTIAL,
                target=each.credential_id,
                action=service_off(each, user=holder.name),
                made_at=each.made_at,
            )


def _ssh_keys(holder: Holder, ways_in: WaysIn) -> Iterator[Way]:
    for each in ways_in.ssh_keys.value if isinstance(ways_in.ssh_keys, Known) else ():
        if each.state is KeyState.ACTIVE:
            yield Way(
                kind=DoorKind.SSH_KEY,
                target=each.key_id,
                action=SetSshKeyStatus(
                    user=holder.name, key_id=each.key_id, before=each.state, after=_OFF
                ),
                made_at=each.made_at,
            )


def _certificates(holder: Holder, ways_in: WaysIn) -> Iterator[Way]:
    for each in ways_in.certificates.value if isinstance(ways_in.certificates, Known) else ():
        if each.state is KeyState.ACTIVE:
            yield Way(
                kind=DoorKind.CERTIFICATE,
                target=each.certificate_id,
                action=SetCertificateStatus(
                    user=holder.name,
                    certificate_id=each.certificate_id,
                    before=each.state,
                    after=_OFF,
                ),
                made_at=each.made_at,
            )
