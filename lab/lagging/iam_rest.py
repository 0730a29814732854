"""The rest of IAM's users: credentials for single services, SSH keys, certificates, MFA devices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from lab.lagging.estate import Extra, User
from lab.lagging.iam_people import named_user
from lab.lagging.refusal import no_such

if TYPE_CHECKING:
    from collections.abc import Callable

    from lab.lagging.asked import Asked, Operation
    from lab.lagging.estate import Answer

_SERVICE: Final = "service credential"
_SSH: Final = "SSH key"
_CERTIFICATE: Final = "certificate"
_DEVICE: Final = "MFA device"


def _create_service_credential(asked: Asked) -> Answer:
    user, service = named_user(asked), asked.text("ServiceName")
    made = _made(asked, _SERVICE, "ACCA", service=service)
    _keep(asked, user, made)
    secret = {"ServiceCredentialSecret": "ABSK-of-the-lab"}
    return {"ServiceSpecificCredential": {**_service(user, made), **secret}}


def _list_service_credentials(asked: Asked) -> Answer:
    users = (
        asked.account.users.values()
        if asked.parameters.get("AllUsers") is True
        else [named_user(asked)]
    )
    rows = [_service(user, each) for user in users for each in _of(user, _SERVICE)]
    return {"ServiceSpecificCredentials": rows, "IsTruncated": False}


def _upload_ssh_key(asked: Asked) -> Answer:
    user, made = named_user(asked), _made(asked, _SSH, "APKA")
    _keep(asked, user, made)
    body = {"Fingerprint": "0" * 47, "SSHPublicKeyBody": asked.text("SSHPublicKeyBody")}
    return {"SSHPublicKey": {**_ssh_key(user, made), **body}}


def _list_ssh_keys(asked: Asked) -> Answer:
    user = named_user(asked)
    rows = [_ssh_key(user, each) for each in _of(user, _SSH)]
    return {"SSHPublicKeys": rows, "IsTruncated": False}


def _upload_certificate(asked: Asked) -> Answer:
    user, made = named_user(asked), _made(asked, _CERTIFICATE, "CERTIFICATE")
    _keep(asked, user, made)
    return {"Certificate": _certificate(user, made)}


def _list_certificates(asked: Asked) -> Answer:
    user = named_user(asked)
    rows = [_certificate(user, each) for each in _of(user, _CERTIFICATE)]
    return {"Certificates": rows, "IsTruncated": False}


def _enable_device(asked: Asked) -> Answer:
    made = replace(_made(asked, _DEVICE, "MFA"), name=asked.text("SerialNumber"))
    _keep(asked, named_user(asked), made)
    return {}


def _list_devices(asked: Asked) -> Answer:
    user = named_user(asked)
    rows = [
        {"UserName": user.name, "SerialNumber": each.name, "EnableDate": each.created}
        for each in _of(user, _DEVICE)
    ]
    return {"MFADevices": rows, "IsTruncated": False}


def _deactivate_device(asked: Asked) -> Answer:
    user, name = named_user(asked), asked.text("SerialNumber")
    _there(user, name, _DEVICE)
    rest = {key: each for key, each in user.extras.items() if key != name}
    asked.keep_holder(replace(user, extras=rest))
    return {}


def _switch(kind: str, field: str) -> Callable[[Asked], Answer]:
    def switch(asked: Asked) -> Answer:
        user = named_user(asked)
        found = _there(user, asked.text(field), kind)
        _keep(asked, user, replace(found, status=asked.text("Status")))
        return {}

    return switch


def _made(asked: Asked, kind: str, prefix: str, *, service: str = "") -> Extra:
    return Extra(
        kind=kind,
        name=asked.control.mint.unique_id(prefix, asked.account.number),
        created=asked.control.last_second(),
        service=service,
    )


def _keep(asked: Asked, user: User, extra: Extra) -> None:
    asked.keep_holder(replace(user, extras={**user.extras, extra.name: extra}))


def _of(user: User, kind: str) -> list[Extra]:
    return [each for each in user.extras.values() if each.kind == kind]


def _there(user: User, name: str, kind: str) -> Extra:
    found = user.extras.get(name)
    if found is None or found.kind != kind:
        raise no_such(name, kind)
    return found


def _service(user: User, extra: Extra) -> dict[str, object]:
    number = user.arn.split(":")[4]
    return {
        "UserName": user.name,
        "Status": extra.status,
        "ServiceCredentialAlias": f"{user.name}-at-{number}",
        "CreateDate": extra.created,
        "ServiceSpecificCredentialId": extra.name,
        "ServiceName": extra.service,
    }


def _ssh_key(user: User, extra: Extra) -> dict[str, object]:
    return {
        "UserName": user.name,
        "SSHPublicKeyId": extra.name,
        "Status": extra.status,
        "UploadDate": extra.created,
    }


def _certificate(user: User, extra: Extra) -> dict[str, object]:
    return {
        "UserName": user.name,
        "CertificateId": extra.name,
        "CertificateBody": "a certificate of the lab",
        "Status": extra.status,
        "UploadDate": extra.created,
    }


OPERATIONS: Mapping[str, Operation] = {
    "CreateServiceSpecificCredential": _create_service_credential,
    "ListServiceSpecificCredentials": _list_service_credentials,
    "UpdateServiceSpecificCredential": _switch(_SERVICE, "ServiceSpecificCredentialId"),
    "UploadSSHPublicKey": _upload_ssh_key,
    "ListSSHPublicKeys": _list_ssh_keys,
    "UpdateSSHPublicKey": _switch(_SSH, "SSHPublicKeyId"),
    "UploadSigningCertificate": _upload_certificate,
    "ListSigningCertificates": _list_certificates,
    "UpdateSigningCertificate": _switch(_CERTIFICATE, "CertificateId"),
    "EnableMFADevice": _enable_device,
    "ListMFADevices": _list_devices,
    "DeactivateMFADevice": _deactivate_device,
}
