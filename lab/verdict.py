"""Whether a credential is served, denied or dead in one service: one harmless call, one verdict."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from botocore.exceptions import ClientError

from lab.wire import Keys, Wire

LAB_BUCKET = "lab-bucket"
LAB_OBJECT = "lab-object"
"""What the questions about one bucket and one object read; the cloud that asks them makes it."""


class Ruling(StrEnum):
    """What a cloud did with a credential."""

    ALLOWED = "allowed"
    DENIED = "denied"
    DEAD = "dead"
    """The key itself is refused, whatever it may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A ruling with the error code it came with."""

    ruling: Ruling
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    service: str
    operation: str
    parameters: tuple[tuple[str, object], ...] = ()


_QUESTIONS = {
    "s3": _Question(service="s3", operation="list_buckets"),
    "s3-bucket": _Question(
        service="s3", operation="list_objects_v2", parameters=(("Bucket", LAB_BUCKET),)
    ),
    "s3-object": _Question(
        service="s3",
        operation="get_object",
        parameters=(("Bucket", LAB_BUCKET), ("Key", LAB_OBJECT)),
    ),
    "sqs": _Question(service="sqs", operation="list_queues"),
    "dynamodb": _Question(service="dynamodb", operation="list_tables"),
    "ec2": _Question(service="ec2", operation="describe_regions"),
    "lambda": _Question(service="lambda", operation="list_functions"),
    "secretsmanager": _Question(service="secretsmanager", operation="list_secrets"),
    "ssm": _Question(service="ssm", operation="describe_parameters"),
    "iam": _Question(service="iam", operation="list_roles"),
    "kms": _Question(service="kms", operation="list_keys"),
    "sns": _Question(service="sns", operation="list_topics"),
}

_DENIED = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "UnauthorizedOperation",
        "AuthorizationError",
        "AuthorizationErrorException",
        "403",
    }
)
# SignatureDoesNotMatch is left out on purpose: a wrong secret is no proof of death
_DEAD = frozenset(
    {
        "InvalidClientTokenId",
        "UnrecognizedClientException",
        "InvalidAccessKeyId",
        "AuthFailure",
        "InvalidToken",
        "ExpiredToken",
        "ExpiredTokenException",
    }
)


def rule(endpoint: str, keys: Keys, service: str) -> Verdict:
    """Ask one harmless thing of `service` and say what became of it.

    Raises:
        ClientError: the answer is neither service nor refusal, so it proves nothing.
    """
    question = _QUESTIONS[service]
    try:
        Wire(endpoint=endpoint, keys=keys).call(
            question.service, question.operation, **dict(question.parameters)
        )
    except ClientError as error:
        return _refusal(error)
    return Verdict(ruling=Ruling.ALLOWED)


def error_code(error: ClientError) -> str:
    """Return the error code, else the HTTP status: one cloud leaves `Error` out of some answers."""
    code = error.response.get("Error", {}).get("Code", "")
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return code or str(status)


def _refusal(error: ClientError) -> Verdict:
    code = error_code(error)
    if code in _DENIED:
        return Verdict(ruling=Ruling.DENIED, code=code)
    if code in _DEAD:
        return Verdict(ruling=Ruling.DEAD, code=code)
    raise error
