"""Refusals in AWS's words: every family of services spells its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

QUERY = frozenset({"iam", "sts", "sns", "ec2"})
REST_JSON = frozenset({"lambda", "account"})
_TOKEN = "The security token included in the request is invalid."  # noqa: S105 - AWS's sentence


@dataclass(slots=True)
class Refusal(Exception):
    """A call that was not served.

    Args:
        code: AWS's error code.
        message: AWS's sentence.
        status: the HTTP status.
    """

    code: str
    message: str
    status: int = 400
    more: Mapping[str, str] = field(default_factory=dict)
    """Fields of their own that some errors have."""

    def __str__(self) -> str:
        return f"{self.code} ({self.status}): {self.message}"


def refuse(status: int, code: str, message: str) -> Refusal:
    """Return a refusal in the order in which HTTP tells it."""
    return Refusal(code, message, status)


def dead(service: str) -> Refusal:
    """Return what a service says to a key that it does not know, or not any more."""
    match service:
        case "iam" | "sts" | "sns" | "sqs":
            return Refusal("InvalidClientTokenId", _TOKEN, 403)
        case "s3":
            message = "The AWS Access Key Id you provided does not exist in our records."
            return Refusal("InvalidAccessKeyId", message, 403)
        case "ec2":
            message = "AWS was not able to validate the provided access credentials"
            return Refusal("AuthFailure", message, 401)
        case _:
            status = 403 if service in REST_JSON else 400
            return Refusal("UnrecognizedClientException", _TOKEN, status)


def expired(service: str) -> Refusal:
    """Return what a service says to a session whose time is over."""
    message = "The security token included in the request is expired"
    match service:
        case "iam" | "sts" | "sns" | "sqs":
            return Refusal("ExpiredToken", message, 403)
        case "s3":
            return Refusal("ExpiredToken", "The provided token has expired.", 400)
        case "ec2":
            return Refusal("RequestExpired", "Request has expired.", 400)
        case _:
            status = 403 if service in REST_JSON else 400
            return Refusal("ExpiredTokenException", message, status)


def bad_signature(service: str) -> Refusal:
    """Return what a service says to a signature that was not made with the key's secret."""
    message = "The request signature we calculated does not match the signature you provided."
    match service:
        case "iam" | "sts" | "sns" | "sqs" | "s3":
            return Refusal("SignatureDoesNotMatch", message, 403)
        case "ec2":
            return dead("ec2")
        case _:
            status = 403 if service in REST_JSON else 400
            return Refusal("InvalidSignatureException", message, status)


def bad_token(service: str) -> Refusal:
    """Return what a service says to a session key without its token, or with another one."""
    if service == "s3":
        return Refusal("InvalidToken", "The provided token is malformed or otherwise invalid.", 400)
    return dead(service)


def denied(service: str, sentence: str, opaque: str) -> Refusal:
    """Return what a service says to a call that no policy allows or one forbids.

    Args:
        service: botocore's name of it.
        sentence: who may not do what on what, and why.
        opaque: EC2's coded message.
    """
    match service:
        case "iam" | "sts" | "s3" | "sqs":
            return Refusal("AccessDenied", sentence, 403)
        case "sns":
            return Refusal("AuthorizationError", sentence, 403)
        case "ec2":
            message = (
                "You are not authorized to perform this operation. "
                f"{sentence} Encoded authorization failure message: {opaque}"
            )
            return Refusal("UnauthorizedOperation", message, 403)
        case _:
            return Refusal("AccessDeniedException", sentence, 403 if service in REST_JSON else 400)


def no_such(name: str, what: str) -> Refusal:
    """Return IAM's answer to a name that it does not know; `what` is `user`, `role` and so on."""
    return Refusal("NoSuchEntity", f"The {what} with name {name} cannot be found.", 404)
