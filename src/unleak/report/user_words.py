"""The changes to what a user signs in with beside access keys, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from unleak.model.action import KeyState
from unleak.model.user_action import (
    DeactivateMfa,
    DeleteLoginProfile,
    SetCertificateStatus,
    SetServiceCredentialStatus,
    SetSshKeyStatus,
)

if TYPE_CHECKING:
    from unleak.model.user_action import StatusAction, UserAction


def user_order(action: UserAction) -> str:
    """Return what the action does, as an order: `Turn off the SSH key APKA... of user/alice`."""
    match action:
        case DeleteLoginProfile(user=user):
            return f"Delete the console password of user/{user} for good"
        case DeactivateMfa(user=user, serial=serial):
            return f"Take the MFA device {serial} off user/{user}"
        case SetServiceCredentialStatus() | SetSshKeyStatus() | SetCertificateStatus():
            what = f"{_thing(action)} of user/{action.user}"
            is_on = action.after is KeyState.ACTIVE
            return f"Turn {what} on again" if is_on else f"Turn off {what}"
        case _:
            assert_never(action)


def user_before_and_after(action: UserAction) -> tuple[str, str]:
    """Return the state before and after the action, each in a few words."""
    match action:
        case DeleteLoginProfile():
            return "a password", "no password"
        case DeactivateMfa():
            return "on the user", "off the user"
        case SetServiceCredentialStatus() | SetSshKeyStatus() | SetCertificateStatus():
            return action.before.lower(), action.after.lower()
        case _:
            assert_never(action)


def service_words(service: str) -> str:
    """Return the service of a credential by the name that people know it by."""
    known = {
        "bedrock.amazonaws.com": "Bedrock",
        "cassandra.amazonaws.com": "Keyspaces",
        "codecommit.amazonaws.com": "CodeCommit",
        "logs.amazonaws.com": "CloudWatch Logs",
    }
    return known.get(service, service.removesuffix(".amazonaws.com"))


def _thing(action: StatusAction) -> str:
    match action:
        case SetServiceCredentialStatus(service=service, credential_id=credential_id):
            return f"the {service_words(service)} credential {credential_id}"
        case SetSshKeyStatus(key_id=key_id):
            return f"the SSH key {key_id}"
        case SetCertificateStatus(certificate_id=certificate_id):
            return f"the signing certificate {certificate_id}"
        case _:
            assert_never(action)
