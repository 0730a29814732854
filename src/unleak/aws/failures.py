"""Turns what AWS refused into the situations that a person can act on, by error code.

Nothing of botocore is needed here, so that callers may use `gap_of` without loading it.
"""

from __future__ import annotations

from typing import Final

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
from unleak.aws.refusal import Refusal
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
)
from unleak.model.reading import Gap, Unknown

_SKEW_WORDS: Final = ("signature expired", "signature not yet current", "requesttimetooskewed")
_CLOCK_HINT: Final = (
    "set the clock and try again: `sudo timedatectl set-ntp true` on Linux, "
    "`sudo sntp -sS time.apple.com` on macOS, `w32tm /resync` as administrator on Windows"
)
SIGN_IN_HINT: Final = (
    "sign in again (`aws login`, `aws sso login`), or name another profile with --profile; "
    "these are your own credentials, not the leaked ones"
)
_PERMISSION_HINT: Final = (
    "give this permission to the responder; `unleak permissions` prints the whole policy"
)


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
            problem = ResponderCredentials(message, hint=SIGN_IN_HINT)
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
