"""What one answer to a probe means; a pure table of error codes and words.

Codes: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
Words: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from unleak.model.ports import ProbeAnswer


class Verdict(StrEnum):
    """What a credential was told."""

    ALLOWED = "allowed"
    EXPLICIT_DENY = "explicit-deny"
    REFUSED = "refused"
    """Refused without an explicit deny being named: implicitly, or without words."""
    DEAD_KEY = "dead-key"
    """The service does not know the credential (any more)."""
    EXPIRED = "expired"
    BAD_SIGNATURE = "bad-signature"
    """The secret we hold is not the one of this id, or a clock is off: proves nothing."""
    UNSUPPORTED = "unsupported"
    """This cloud has no such service or call."""
    UNREACHABLE = "unreachable"
    THROTTLED = "throttled"
    UNKNOWN = "unknown"

    @property
    def is_refusal(self) -> bool:
        """Whether the credential was turned away for what it is."""
        return self in _REFUSALS

    @property
    def knows_credential(self) -> bool:
        """Whether the service took the credential for a valid one, allowed or not."""
        return self in _KNOWN


_REFUSALS = frozenset(
    {Verdict.EXPLICIT_DENY, Verdict.REFUSED, Verdict.DEAD_KEY, Verdict.EXPIRED},
)
_KNOWN = frozenset(
    {Verdict.ALLOWED, Verdict.EXPLICIT_DENY, Verdict.REFUSED, Verdict.BAD_SIGNATURE},
)

_CODES: dict[Verdict, frozenset[str]] = {
    # EC2 reports "you would have been allowed" as an error of its own.
    Verdict.ALLOWED: frozenset({"DryRunOperation"}),
    Verdict.REFUSED: frozenset(
        {
            "AccessDenied",
            "AccessDeniedException",
            "AuthorizationError",
            "AuthorizationErrorException",
            "Client.UnauthorizedOperation",
            "Forbidden",
            "ForbiddenException",
            "NotAuthorized",
            "UnauthorizedException",
            "UnauthorizedOperation",
        }
    ),
    Verdict.DEAD_KEY: frozenset(
        {
            "AuthFailure",
            "InvalidAccessKeyId",
            "InvalidClientTokenId",
            "UnrecognizedClientException",
        }
    ),
    Verdict.EXPIRED: frozenset({"ExpiredToken", "ExpiredTokenException"}),
    Verdict.BAD_SIGNATURE: frozenset(
        {
            "IncompleteSignature",
            "IncompleteSignatureException",
            "InvalidSignatureException",
            "RequestTimeTooSkewed",
            "SignatureDoesNotMatch",
        }
    ),
    Verdict.UNSUPPORTED: frozenset(
        {
            "InvalidAction",
            "MethodNotAllowed",
            "NotImplemented",
            "OptInRequired",
            "RegionDisabledException",
            "UnknownOperation",
            "UnknownOperationException",
            "Unsupported",
            "UnsupportedOperation",
        }
    ),
    Verdict.UNREACHABLE: frozenset(
        {
            "ConnectTimeoutError",
            "ConnectionClosedError",
            "ConnectionError",
            "EndpointConnectionError",
            "ReadTimeoutError",
            "Timeout",
            "Unreachable",
        }
    ),
    Verdict.THROTTLED: frozenset(
        {
            "LimitExceededException",
            "PriorRequestNotComplete",
            "RequestLimitExceeded",
            "RequestThrottled",
            "RequestThrottledException",
            "SlowDown",
            "ThrottledException",
            "Throttling",
            "ThrottlingException",
            "TooManyRequestsException",
        }
    ),
}
SWITCHED_OFF = frozenset({"OptInRequired", "RegionDisabledException"})
"""What services say of a region that the account has not enabled.

Source: https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html
"""

_BY_CODE = {code: verdict for verdict, codes in _CODES.items() for code in codes}
_FORBIDDEN = 403
_BY_STATUS = {
    404: Verdict.UNSUPPORTED,
    405: Verdict.UNSUPPORTED,
    429: Verdict.THROTTLED,
    501: Verdict.UNSUPPORTED,
}

_SOURCE = re.compile(r"with an explicit deny in an? ([a-z-]+(?: [a-z]+){0,3} polic(?:y|ies))")
_BOUNDARY = re.compile(r"with an explicit deny in an? permissions boundary")
_IMPLICIT = re.compile(r"because no .{0,60}(?:policy|policies|boundary|statement).{0,20} allow")
_OWN_SOURCES = frozenset({"identity-based policy"})
_PLAIN_CODE = re.compile(r"[A-Za-z0-9.]{1,60}")


def classify(answer: ProbeAnswer) -> Verdict:
    """Say what an answer means for the credential that signed the question.

    `AuthFailure` counts as a dead key here, but EC2 says it for a wrong secret too: whoever draws a
    conclusion from it has to hear a second service.
    """
    if answer.ok:
        return Verdict.ALLOWED
    code = answer.error_code.rpartition("#")[2]
    verdict = _BY_CODE.get(code)
    if verdict is None and answer.status == 0:
        return Verdict.UNREACHABLE
    if verdict is None and answer.status == _FORBIDDEN and code in {"", "403"}:
        # some servers refuse without an error code
        verdict = Verdict.REFUSED
    if verdict is None:
        verdict = _BY_STATUS.get(answer.status, Verdict.UNKNOWN)
    if verdict is Verdict.REFUSED and "explicit deny" in answer.message:
        return Verdict.EXPLICIT_DENY
    return verdict


def verdict_of_code(code: str) -> Verdict | None:
    """Return what an error code alone means, None where it is not in the table.

    Args:
        code: as CloudTrail records it, or as the service sends it.
    """
    return _BY_CODE.get(code)


def foreign_source(answer: ProbeAnswer) -> str | None:
    """Return the kind of policy that an explicit deny sits in, where it can't be one of ours.

    unleak denies in identity-based policies and permissions boundaries only; a service control
    policy that forbids a region denies explicitly too, before the cut as well as after it.
    """
    if _BOUNDARY.search(answer.message):
        return None
    found = _SOURCE.search(answer.message)
    return found.group(1) if found and found.group(1) not in _OWN_SOURCES else None


def says_implicit(answer: ProbeAnswer) -> bool:
    """Whether the refusal says in words that nothing allows it, so that no deny was at work."""
    return _IMPLICIT.search(answer.message) is not None


def code_of(answer: ProbeAnswer) -> str:
    """Return the error code or the HTTP status for a sentence; never raw text from outside."""
    code = answer.error_code.rpartition("#")[2]
    if _PLAIN_CODE.fullmatch(code):
        return code
    return f"HTTP {answer.status}" if answer.status else "no answer"
