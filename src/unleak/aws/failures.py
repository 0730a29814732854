"""Turns botocore's exceptions into the situations that a person can act on.

Nothing of botocore is imported here until there is an exception of it to translate, so that callers
may use `gap_of` without loading it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from unleak.aws.codes import (
    BAD_SIGNATURE,
    DEAD,
    DENIED,
    GONE,
    NOT_EDITABLE,
    SKEWED,
    THROTTLED,
    UNSUPPORTED,
)
from unleak.aws.refusal import Refusal, clean, holds_secret
from unleak.errors import (
    AwsFailure,
    ClockSkew,
    CredentialDead,
    MissingPermission,
    NoSuchPrincipal,
    NotEditable,
    ResponderCredentials,
    Throttled,
    UnleakError,
    Unreachable,
    WrongUse,
)
from unleak.model.reading import Gap, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from unleak.model.secret import Secret

_SKEW_WORDS: Final = ("signature expired", "signature not yet current", "requesttimetooskewed")
_CLOCK_HINT: Final = (
    "set the clock and try again: `sudo timedatectl set-ntp true` on Linux, "
    "`sudo sntp -sS time.apple.com` on macOS, `w32tm /resync` as administrator on Windows"
)
_PERMISSION_HINT: Final = (
    "give this permission to the responder; `unleak permissions` prints the whole policy"
)
_SIGN_IN_HINT: Final = (
    "sign in again (`aws login`, `aws sso login`), or name another profile with --profile; "
    "these are your own credentials, not the leaked ones"
)


def botocore_errors() -> tuple[type[Exception], ...]:
    """Return every exception that botocore raises for something outside our code.

    To stand in an `except` clause, which Python evaluates only when something was raised.
    """
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - not before needed
    from botocore.parsers import ResponseParserError  # noqa: PLC0415 - as above

    return BotoCoreError, ClientError, ResponseParserError, OSError, ValueError


def is_skewed(refusal: Refusal) -> bool:
    """Tell a wrong clock from a wrong signature: IAM and STS give both the same error code."""
    words = refusal.message.lower()
    return refusal.code in SKEWED or any(phrase in words for phrase in _SKEW_WORDS)


def from_refusal(refusal: Refusal, *, operation: str, skew_seconds: float | None) -> UnleakError:
    """Turn a refused call of the responder's into the situation it means.

    Args:
        refusal: what AWS said.
        operation: the API call, `PutRolePolicy` for example.
        skew_seconds: local clock minus AWS's, for the words about a wrong clock.
    """
    words = refusal.message or refusal.code
    match refusal:
        case _ if is_skewed(refusal):
            problem: UnleakError = clock_skew(skew_seconds)
        case Refusal(code=code) if code in DENIED:
            message = f"not allowed to call {operation}: {words}"
            problem = MissingPermission(message, hint=_PERMISSION_HINT)
        case Refusal(code=code) if code in GONE:
            hint = "check the name and the account that you are signed in to"
            problem = NoSuchPrincipal(f"{operation}: {words}", hint=hint)
        case Refusal(code=code) if code in DEAD | BAD_SIGNATURE:
            message = f"AWS does not accept the responder's own credentials ({code})"
            problem = ResponderCredentials(message, hint=_SIGN_IN_HINT)
        case Refusal(code=code) if code in NOT_EDITABLE:
            hint = "AWS owns this principal; `unleak plan` says where a deny can sit instead"
            problem = NotEditable(f"{operation}: {words}", hint=hint)
        case _:
            problem = _aws_failure(refusal, operation)
    return problem


def _aws_failure(refusal: Refusal, operation: str) -> AwsFailure:
    kind: type[AwsFailure] = AwsFailure
    hint, words = "", refusal.message or refusal.code
    if refusal.code in THROTTLED:
        kind, hint = (
            Throttled,
            "AWS asks to slow down; wait a minute and run the same command again",
        )
    elif refusal.code == UNSUPPORTED:
        words = f"this cloud does not support it (HTTP {refusal.status})"
    return kind(
        f"{operation}: {words}",
        error_code=refusal.code,
        operation=operation,
        status=refusal.status,
        request_id=refusal.request_id,
        hint=hint,
    )


def from_leaked_refusal(refusal: Refusal, *, operation: str) -> UnleakError:
    """Turn a refused call that was signed with the leaked credential into what it says about it."""
    if is_skewed(refusal):
        return clock_skew(None)
    if refusal.code in DEAD:
        message = f"the leaked credential is dead: AWS answers {operation} with {refusal.code}"
        return CredentialDead(message, error_code=refusal.code)
    if refusal.code in BAD_SIGNATURE:
        return AwsFailure(
            f"{operation} with the leaked credential: the signature is not accepted",
            error_code=refusal.code,
            operation=operation,
            status=refusal.status,
            request_id=refusal.request_id,
            hint="the secret or token does not belong to the key id, or was cut off in the paste",
        )
    return _aws_failure(refusal, operation)


def clock_skew(skew_seconds: float | None) -> ClockSkew:
    """Say that the local clock is wrong and, where known, by how much and in which direction."""
    message = "the clock of this machine is too far from AWS's for a signature to be accepted"
    if skew_seconds is not None:
        side = "ahead of" if skew_seconds > 0 else "behind"
        message = f"the clock of this machine is {abs(skew_seconds):.0f} seconds {side} AWS's"
    return ClockSkew(message, hint=_CLOCK_HINT)


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

    words = clean(str(error), secrets=secrets, limit=300)
    match error:
        case raised.HTTPClientError() if _is_no_answer(error):
            return _unreachable(error, operation, endpoint, is_write=is_write)
        case raised.HTTPClientError():
            return WrongUse(
                f"{operation}: the credential holds characters that cannot be sent to AWS",
                hint="check that the key id, the secret and the token were copied whole",
            )
        case ResponseParserError():
            message = f"{operation}: the answer of {endpoint} is not AWS's"
            hint = "is this the right endpoint, and is there a proxy in between?"
            return AwsFailure(message, error_code=UNSUPPORTED, operation=operation, hint=hint)
        case (
            raised.NoCredentialsError()
            | raised.PartialCredentialsError()
            | raised.CredentialRetrievalError()
            | raised.TokenRetrievalError()
            | raised.SSOError()
            | raised.LoginError()
            | raised.MetadataRetrievalError()
            | raised.UnknownCredentialError()
            | raised.RefreshWithMFAUnsupportedError()
            | raised.ProfileNotFound()
            | raised.InvalidConfigError()
            | raised.ConfigParseError()
            | raised.ConfigNotFound()
        ):
            return ResponderCredentials(words, hint=_SIGN_IN_HINT)
        case raised.ParamValidationError() | raised.InvalidRegionError():
            return WrongUse(f"{operation}: {words}")
        case _:
            code = type(error).__name__
            return AwsFailure(f"{operation}: {words}", error_code=code, operation=operation)


def _is_no_answer(error: Exception) -> bool:
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
    why = type(error).__name__.removesuffix("Error")
    return Unreachable(f"{operation}: no answer from {endpoint} ({why})", hint=hint)


def is_silence(error: Exception) -> bool:
    """Whether the network failed in a way that may pass; a certificate never does."""
    from botocore import exceptions as raised  # noqa: PLC0415 - not before it is needed

    is_network = isinstance(error, raised.HTTPClientError) and _is_no_answer(error)
    return is_network and not isinstance(error, raised.SSLError)


def may_have_arrived(error: Exception) -> bool:
    """Whether a call that failed without an answer may have been carried out all the same."""
    from botocore import exceptions as raised  # noqa: PLC0415 - not before it is needed

    return is_silence(error) and not isinstance(error, raised.ConnectionError)


def showable_cause(error: Exception, secrets: Iterable[Secret] = ()) -> Exception | None:
    """Return the exception to keep as `__cause__`: none where a traceback would show a secret.

    A token with a line break in it cannot be sent, and the HTTP client repeats it in its message.
    """
    if not _is_no_answer(error) or holds_secret(str(error), secrets):
        return None
    return error


def gap_of(error: UnleakError) -> Unknown:
    """Return the `Unknown` that stands for a fact which could not be read because of `error`."""
    gap = Gap.FAILED
    match error:
        case MissingPermission():
            gap = Gap.DENIED
        case Throttled():
            gap = Gap.THROTTLED
        case AwsFailure(error_code=code) if code == UNSUPPORTED:
            gap = Gap.UNSUPPORTED
        case Unreachable():
            gap = Gap.UNREACHABLE
        case _:
            pass
    return Unknown(gap, error.message)
