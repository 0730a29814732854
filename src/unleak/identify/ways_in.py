"""Reads what a user signs in with beside access keys: a leak of a user is more than one key."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, TypeVar

from unleak.identify.questions import Failed, Round, Told, unknown
from unleak.model.reading import Absent, Known
from unleak.model.ways_in import WaysIn

if TYPE_CHECKING:
    from datetime import datetime

    from unleak.identify.questions import Answer
    from unleak.model.ports import KeyUse, Reader
    from unleak.model.reading import Listing, Reading
    from unleak.model.situation import PrincipalFacts

_T = TypeVar("_T")
_MAIL = "ses"
"""How `GetAccessKeyLastUsed` names SES."""
_MAIL_USER = "ses-smtp-user"
"""How the names begin of the users that the SES console makes for SMTP.

Source: https://docs.aws.amazon.com/ses/latest/dg/smtp-credentials.html
"""


def read_ways_in(facts: PrincipalFacts, *, reader: Reader) -> WaysIn:
    """Read password, MFA devices, credentials for single services, SSH keys and certificates.

    All in one round trip; what fails is an `Unknown` in its field.

    Args:
        facts: of a user, with the keys where they could be read.
        reader: reads only.

    Raises:
        ResponderCredentials: our own credentials stopped working.
    """
    user = facts.principal.name
    keys = tuple(key.key_id for key in facts.keys.value) if isinstance(facts.keys, Known) else ()
    with Round() as asking:
        password = asking.ask(partial(reader.login_profile, user))
        devices = asking.ask(partial(reader.mfa_devices, user))
        services = asking.ask(partial(reader.service_credentials, user))
        ssh_keys = asking.ask(partial(reader.ssh_keys, user))
        certificates = asking.ask(partial(reader.certificates, user))
        uses = [(key, asking.ask(partial(reader.key_use, key))) for key in keys]
    is_mailer = user.startswith(_MAIL_USER)
    return WaysIn(
        password=_password(password.result()),
        devices=_listing(devices.result(), "iam:ListMFADevices"),
        services=_listing(services.result(), "iam:ListServiceSpecificCredentials"),
        ssh_keys=_listing(ssh_keys.result(), "iam:ListSSHPublicKeys"),
        certificates=_listing(certificates.result(), "iam:ListSigningCertificates"),
        mail_keys=tuple(key for key, use in uses if is_mailer or _sends_mail(use.result())),
    )


def _sends_mail(told: Answer[KeyUse]) -> bool:
    return isinstance(told, Told) and told.value.service == _MAIL


def _password(told: Answer[datetime | None]) -> Reading[datetime]:
    match told:
        case Told(value=made_at):
            return Absent() if made_at is None else Known(made_at)
        case Failed(error=error):
            return unknown(error, operation="iam:GetLoginProfile")


def _listing(told: Answer[_T], operation: str) -> Listing[_T]:
    match told:
        case Told(value=value):
            return Known(value)
        case Failed(error=error):
            return unknown(error, operation=operation)
