"""One of everything that a user signs in with beside access keys, and what turns each off."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from fakes.cloud import LONG_AGO, START, FakeCloud
from fakes.people import FakeDoors, FakePerson
from unleak.contain.options import Options
from unleak.flow.plan import plan
from unleak.flow.wish import wish
from unleak.model.action import KeyState
from unleak.model.user_action import (
    DeactivateMfa,
    DeleteLoginProfile,
    SetCertificateStatus,
    SetServiceCredentialStatus,
    SetSshKeyStatus,
    StatusAction,
    UserAction,
)
from unleak.model.ways_in import Certificate, MfaDevice, ServiceCredential, SshKey

if TYPE_CHECKING:
    from unleak.model.plan import Plan

BEDROCK = ServiceCredential(
    credential_id="ACCABEDROCKBEDROCK01",
    user="ci",
    service="bedrock.amazonaws.com",
    state=KeyState.ACTIVE,
    alias="ci-at-123456789012",
    made_at=LONG_AGO,
)
SSH = SshKey(key_id="APKASSHSSHSSHSSHSSH01", state=KeyState.ACTIVE, made_at=LONG_AGO)
CERTIFICATE = Certificate(
    certificate_id="CERTCERTCERTCERTCERTCERT", state=KeyState.ACTIVE, made_at=LONG_AGO
)
OLD_DEVICE = MfaDevice(serial="arn:aws:iam::123456789012:mfa/ci-phone", made_at=LONG_AGO)
NEW_DEVICE = MfaDevice(
    serial="arn:aws:iam::123456789012:mfa/thief", made_at=START - timedelta(hours=2)
)
ALL = (BEDROCK, SSH, CERTIFICATE, OLD_DEVICE, NEW_DEVICE)


def switches(user: str, *, after: KeyState = KeyState.INACTIVE) -> tuple[StatusAction, ...]:
    """Return the changes of status of `ALL`, from the other status to `after`."""
    before = KeyState.INACTIVE if after is KeyState.ACTIVE else KeyState.ACTIVE
    return (
        SetServiceCredentialStatus(
            user=user,
            credential_id=BEDROCK.credential_id,
            service=BEDROCK.service,
            before=before,
            after=after,
        ),
        SetSshKeyStatus(user=user, key_id=SSH.key_id, before=before, after=after),
        SetCertificateStatus(
            user=user, certificate_id=CERTIFICATE.certificate_id, before=before, after=after
        ),
    )


def all_off(user: str) -> tuple[UserAction, ...]:
    """Return one of each change that closes something."""
    return (
        *switches(user),
        DeleteLoginProfile(user=user),
        DeactivateMfa(user=user, serial=NEW_DEVICE.serial),
    )


def whole_user_plan() -> Plan:
    """Return the plan for a named user who has everything, quarantined by AWS."""
    cloud = FakeCloud()
    user = cloud.at(cloud.add_user("ci", keys=["AKIALEAKEDUSERKEY001"]))
    user.password_made_at = LONG_AGO
    user.attached.append("arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3")
    cloud.rest_of("ci").add(*ALL)
    cloud.key_services["AKIALEAKEDUSERKEY001"] = "ses"
    wanted = wish("user/ci", options=Options(detach_quarantine=True))
    return plan(wanted, FakeDoors(cloud), FakePerson())
