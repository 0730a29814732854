"""Understands the exceptions that botocore raises without an answer of AWS's: network, credentials.

Nothing of botocore is imported here until there is an exception of it to understand.
"""

from __future__ import annotations

import configparser
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from unleak.aws.codes import UNSUPPORTED
from unleak.aws.failures import SIGN_IN_HINT
from unleak.aws.refusal import clean, holds_secret
from unleak.errors import AwsFailure, ResponderCredentials, UnleakError, Unreachable, WrongUse

if TYPE_CHECKING:
    from collections.abc import Iterable

    from unleak.model.secret import Secret


def botocore_errors() -> tuple[type[Exception], ...]:
    """Return every exception that botocore raises for something outside our code.

    To stand in an `except` clause, which Python evaluates only when something was raised.
    """
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - not before needed
    from botocore.parsers import ResponseParserError  # noqa: PLC0415 - as above

    return BotoCoreError, ClientError, ResponseParserError, OSError, ValueError


def from_transport(
    error: Exception,
    *,
    operation: str,
    endpoint: str,
    is_write: bool,
    secrets: Iterable[Secret] = (),
) -> UnleakError:
    """Turn an exception that botocore raised without an answer of AWS's into a situation.

    Args:
        error: a `BotoCoreError`, `ResponseParserError` or `ValueError` from within botocore.
        operation: the API call.
        endpoint: the URL that was asked.
        is_write: whether the call changes something, so that a lost answer leaves a doubt.
        secrets: values that must not show in the message.
    """
    from botocore import exceptions as raised  # noqa: PLC0415 - not before it is needed
    from botocore.parsers import ResponseParserError  # noqa: PLC0415 - as above

    words = transport_words(error, secrets)
    match error:
        case raised.HTTPClientError() | raised.ConnectionError() if _is_no_answer(error):
            return _unreachable(error, operation, endpoint, is_write=is_write)
        case raised.HTTPClientError():
            return WrongUse(
                f"{operation}: {words}",
                hint="check that the key id, the secret and the token were copied whole",
            )
        case ResponseParserError():
            message = f"{operation}: the answer of {endpoint} is not AWS's"
            hint = "is this the right endpoint, and is there a proxy in between?"
            return AwsFailure(message, error_code=UNSUPPORTED, operation=operation, hint=hint)
        case _ if isinstance(error, _credential_errors()):
            return ResponderCredentials(words, hint=SIGN_IN_HINT)
        case raised.ParamValidationError() | raised.InvalidRegionError():
            return WrongUse(f"{operation}: {words}")
        case _:
            code = type(error).__name__
            return AwsFailure(f"{operation}: {words}", error_code=code, operation=operation)


def _is_no_answer(error: BaseException) -> bool:
    """Whether the network failed; a header that cannot be sent is an `HTTPClientError` too."""
    inner = getattr(error, "kwargs", {}).get("error")
    return not isinstance(inner, ValueError)


def _unreachable(error: Exception, operation: str, endpoint: str, *, is_write: bool) -> Unreachable:
    hint = "check the network, the proxy and the endpoint (--endpoint-url, AWS_ENDPOINT_URL)"
    if is_write and may_have_arrived(error):
        hint = (
            "the answer was lost, so the change may have been made: "
            "run `unleak resume` to find out; " + hint
        )
    parts = urlsplit(endpoint)
    where = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"  # no user:password@
    why = type(error).__name__.removesuffix("Error")
    return Unreachable(f"{operation}: no answer from {where} ({why})", hint=hint)


def _credential_errors() -> tuple[type[Exception], ...]:
    """Return what botocore raises when the responder's credentials are missing or not to be had."""
    from botocore import exceptions as raised  # noqa: PLC0415 - not before it is needed

    return (
        raised.ConfigNotFound,
        raised.ConfigParseError,
        raised.CredentialRetrievalError,
        raised.InvalidConfigError,
        raised.LoginError,
        raised.MetadataRetrievalError,
        raised.NoCredentialsError,
        raised.PartialCredentialsError,
        raised.ProfileNotFound,
        raised.RefreshWithMFAUnsupportedError,
        raised.SSOError,
        raised.TokenRetrievalError,
        raised.UnknownCredentialError,
    )


def is_silence(error: Exception) -> bool:
    """Whether the network failed in a way that may pass; a certificate never does."""
    from botocore import exceptions as raised  # noqa: PLC0415 - not before it is needed

    is_network = isinstance(error, raised.HTTPClientError | raised.ConnectionError)
    return is_network and _is_no_answer(error) and not isinstance(error, raised.SSLError)


def may_have_arrived(error: Exception) -> bool:
    """Whether a call that failed without an answer may have been carried out all the same."""
    from botocore import exceptions as raised  # noqa: PLC0415 - not before it is needed

    return is_silence(error) and not isinstance(error, raised.ConnectionError)


def showable_cause(error: Exception, secrets: Iterable[Secret] = ()) -> Exception | None:
    """Return the exception to keep as `__cause__`: none where a traceback would show a secret.

    A token with a line break in it cannot be sent, and the HTTP client repeats it in its message; a
    broken line of `~/.aws/credentials` is repeated by the exception behind botocore's.
    """
    link: BaseException | None = error
    while link is not None:
        if holds_secret(str(link), secrets) or not _is_no_answer(link):
            return None
        if isinstance(link, configparser.Error):
            return None
        link = link.__cause__ or link.__context__
    return error


def transport_words(error: Exception, secrets: Iterable[Secret] = ()) -> str:
    """Return an exception's text without a secret; a header that cannot be sent is not repeated."""
    if not _is_no_answer(error):
        return "the credential holds characters that cannot be sent"
    return clean(str(error), secrets=secrets, limit=300)
