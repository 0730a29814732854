"""Reads the responder's own secrets: of webhooks, of chats, and the one that signs approvals."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from unleak.aws.answer import part, text
from unleak.aws.asking import Asking
from unleak.errors import UnleakError, WrongUse
from unleak.model.secret import Secret

if TYPE_CHECKING:
    from unleak.aws.session import AwsSession

_PARAMETER: Final = re.compile(r"[A-Za-z0-9_./-]{1,1011}", re.ASCII)
_SECRET_NAME: Final = re.compile(r"[A-Za-z0-9/_+=.@-]{1,512}", re.ASCII)
_ARN: Final = re.compile(
    r"arn:aws[a-z-]{0,20}:(ssm|secretsmanager):([a-z]{2}[a-z0-9-]{3,30}):[0-9]{12}:"
    r"(?:parameter/|secret:)[A-Za-z0-9/_+=.@-]{1,1011}",
    re.ASCII,
)
_HINT: Final = "write ssm:NAME, secretsmanager:NAME, or either with the whole ARN behind the colon"


class AwsSecrets:
    """Secrets in Parameter Store and Secrets Manager; a `SecretSource`.

    Args:
        session: the responder's session.
    """

    def __init__(self, session: AwsSession) -> None:
        self._asking = Asking(session)

    def fetch(self, reference: str) -> Secret:
        """Return the value that stands behind a reference.

        With an ARN, its own region is asked.
        Source: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html
        and
        https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html

        Args:
            reference: `ssm:NAME`, `secretsmanager:NAME`, or an ARN in the name's place.

        Raises:
            WrongUse: it is no such reference.
            UnleakError: it is not there, is empty or may not be read.
        """
        service, name = check_reference(reference)
        found = _ARN.fullmatch(name)
        region = None if found is None else found[2]
        if service == "ssm":
            asked = {"Name": name, "WithDecryption": True}
            answer = self._asking.of("ssm", "get_parameter", asked, region=region)
            value = text(part(answer, "Parameter"), "Value")
        else:
            asked = {"SecretId": name}
            answer = self._asking.of("secretsmanager", "get_secret_value", asked, region=region)
            value = text(answer, "SecretString")
        if not value.strip():
            message = f"{reference} holds no text"
            raise UnleakError(message, hint="put the secret there as plain text")
        return Secret(value.strip())


def check_reference(reference: str) -> tuple[str, str]:
    """Return the service and the name of a reference.

    Args:
        reference: as the person wrote it.

    Raises:
        WrongUse: it names no parameter and no secret.
    """
    service, _, name = reference.partition(":")
    found = _ARN.fullmatch(name)
    names = {"ssm": _PARAMETER, "secretsmanager": _SECRET_NAME}
    pattern = names.get(service)
    is_named = pattern is not None and (
        found[1] == service if found is not None else pattern.fullmatch(name) is not None
    )
    if not is_named:
        message = "a reference to a secret names neither a parameter nor a secret"
        raise WrongUse(message, hint=_HINT)
    return service, name
