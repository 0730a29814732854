"""Writes answers and errors in the protocols of AWS, so that botocore reads them as AWS's own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import quote
from xml.sax.saxutils import escape

from botocore.model import ListShape, MapShape, StructureShape

from lab.lagging.models import model_of, operation_model

if TYPE_CHECKING:
    from botocore.model import Shape

    from lab.lagging.estate import Answer
    from lab.lagging.refusal import Refusal

_ENCODED: Final = frozenset({"PolicyDocument", "AssumeRolePolicyDocument", "Document"})
"""Policies, which IAM writes URL-encoded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """One HTTP answer."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


def write_answer(service: str, operation: str, answer: Answer, request_id: str) -> Response:
    """Write what an operation answered."""
    shape = operation_model(service, operation).output_shape
    match model_of(service).metadata["protocol"]:
        case "query":
            inner = "" if shape is None else _members(shape, answer, is_ec2=False)
            text = (
                f"<{operation}Response><{operation}Result>{inner}</{operation}Result>"
                f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>"
                f"</{operation}Response>"
            )
            return _xml(200, text, request_id)
        case "ec2":
            inner = "" if shape is None else _members(shape, answer, is_ec2=True)
            text = f"<{operation}Response><requestId>{request_id}</requestId>{inner}"
            return _xml(200, f"{text}</{operation}Response>", request_id)
        case "rest-xml":
            return _s3(shape, operation, answer, request_id)
        case _:
            return _json(200, _plain(answer), request_id)


def write_refusal(service: str, refusal: Refusal, request_id: str) -> Response:
    """Write an error as the service's protocol has it."""
    code, message = escape(refusal.code), escape(refusal.message)
    match model_of(service).metadata["protocol"]:
        case "query":
            text = (
                f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code>"
                f"<Message>{message}</Message></Error><RequestId>{request_id}</RequestId>"
                "</ErrorResponse>"
            )
            return _xml(refusal.status, text, request_id)
        case "ec2":
            text = (
                f"<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message>"
                f"</Error></Errors><RequestID>{request_id}</RequestID></Response>"
            )
            return _xml(refusal.status, text, request_id)
        case "rest-xml":
            text = (
                f"<Error><Code>{code}</Code><Message>{message}</Message>"
                f"<RequestId>{request_id}</RequestId></Error>"
            )
            return _xml(refusal.status, text, request_id)
        case _:
            body = {
                "__type": refusal.code,
                "message": refusal.message,
                "Message": refusal.message,
                **refusal.more,
            }
            written = _json(refusal.status, body, request_id)
            errors = {
                "x-amzn-ErrorType": refusal.code,
                "x-amzn-query-error": f"{refusal.code};Sender",
            }
            return Response(
                status=written.status, body=written.body, headers={**written.headers, **errors}
            )


def _xml(status: int, text: str, request_id: str) -> Response:
    headers = {
        "Content-Type": "text/xml",
        "x-amzn-RequestId": request_id,
        "x-amz-request-id": request_id,
    }
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return Response(status=status, body=(head + text).encode(), headers=headers)


def _json(status: int, value: object, request_id: str) -> Response:
    headers = {"Content-Type": "application/x-amz-json-1.1", "x-amzn-RequestId": request_id}
    return Response(status=status, body=json.dumps(value).encode(), headers=headers)


def _plain(value: object) -> object:
    match value:
        case datetime():
            return value.timestamp()
        case dict():
            return {name: _plain(one) for name, one in value.items()}
        case list() | tuple():
            return [_plain(one) for one in value]
        case _:
            return value


def _s3(shape: Shape | None, operation: str, answer: Answer, request_id: str) -> Response:
    body = answer.get("Body")
    if isinstance(body, bytes):
        headers = {"Content-Type": "binary/octet-stream", "x-amz-request-id": request_id}
        return Response(status=200, body=body, headers=headers)
    if operation in {"CreateBucket", "PutObject"} or not isinstance(shape, StructureShape):
        return Response(status=200, body=b"", headers={"x-amz-request-id": request_id})
    return _xml(200, f"<Result>{_members(shape, answer, is_ec2=False)}</Result>", request_id)


def _members(shape: StructureShape, value: Answer, *, is_ec2: bool) -> str:
    written: list[str] = []
    for name, member in shape.members.items():
        if value.get(name) is None:
            continue
        tag = str(member.serialization.get("name", name))
        one = value[name]
        if name in _ENCODED:
            one = quote(str(one), safe="")
        written.append(_element(member, tag, one, is_ec2=is_ec2))
    return "".join(written)


def _element(shape: Shape, tag: str, value: object, *, is_ec2: bool) -> str:
    match shape, value:
        case StructureShape(), dict():
            inner = _members(shape, value, is_ec2=is_ec2)
        case ListShape(), list() | tuple():
            name = str(shape.member.serialization.get("name", "member"))
            if shape.serialization.get("flattened"):
                rows = (_element(shape.member, tag, one, is_ec2=is_ec2) for one in value)
                return "".join(rows)
            rows = (_element(shape.member, name, one, is_ec2=is_ec2) for one in value)
            inner = "".join(rows)
        case MapShape(), dict():
            inner = "".join(
                f"<entry><key>{escape(str(key))}</key><value>{escape(_text(one))}</value></entry>"
                for key, one in value.items()
            )
        case _:
            inner = escape(_text(value))
    return f"<{tag}>{inner}</{tag}>"


def _text(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case datetime():
            return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        case _:
            return str(value)
