"""Reads signed HTTP requests in the protocols of AWS: query, EC2's query, JSON and REST."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from botocore.model import ListShape, StructureShape

from lab.lagging.models import model_of, operation_model
from lab.lagging.refusal import refuse

if TYPE_CHECKING:
    from botocore.model import Shape

    from lab.lagging.estate import Answer

_CREDENTIAL: Final = re.compile(r"Credential=([^/,\s]+)/\d{8}/([\w-]+)/([\w-]+)/aws4_request")
_PRESIGNED: Final = re.compile(r"([^/]+)/\d{8}/([\w-]+)/([\w-]+)/aws4_request")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One HTTP request; header names are in lower case."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        """The path as it was sent."""
        return urlsplit(self.url).path or "/"

    @property
    def query(self) -> Mapping[str, str]:
        """The parameters in the URL."""
        return dict(parse_qsl(urlsplit(self.url).query, keep_blank_values=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a signature says about itself."""

    key_id: str
    region: str
    service: str
    token: str | None


def scope_of(request: Request) -> Scope:
    """Read who signed, for which region and service.

    Raises:
        Refusal: nobody did.
    """
    query = request.query
    found = _CREDENTIAL.search(request.headers.get("authorization", ""))
    token = request.headers.get("x-amz-security-token")
    if found is None:
        found = _PRESIGNED.fullmatch(query.get("X-Amz-Credential", ""))
        token = query.get("X-Amz-Security-Token")
    if found is None:
        message = "Request is missing Authentication Token"
        raise refuse(403, "MissingAuthenticationToken", message)
    key_id, region, service = found.groups()
    return Scope(key_id=key_id, region=region, service=service, token=token)


def read_call(request: Request, service: str) -> tuple[str, Answer]:
    """Return the operation and its parameters.

    Raises:
        Refusal: the request makes no sense to this cloud.
    """
    match model_of(service).metadata["protocol"]:
        case "query" | "ec2":
            flat = {**request.query, **dict(parse_qsl(request.body.decode(), True))}  # noqa: FBT003 - blanks are values too
            return flat["Action"], _from_query(service, flat)
        case "json":
            operation = request.headers.get("x-amz-target", "").rpartition(".")[2]
            return operation, _json(request)
        case _:
            return _rest(request, service)


def _json(request: Request) -> Answer:
    found: object = json.loads(request.body or b"{}")
    return found if isinstance(found, dict) else {}


def _rest(request: Request, service: str) -> tuple[str, Answer]:
    match service, request.method, request.path:
        case "lambda", "GET", "/2015-03-31/functions" | "/2015-03-31/functions/":
            return "ListFunctions", {}
        case "account", "POST", "/listRegions":
            return "ListRegions", _json(request)
        case "s3", _, _:
            return _s3(request)
        case _:
            message = f"{request.method} {request.path} of {service}"
            raise refuse(404, "UnknownOperationException", message)


def _s3(request: Request) -> tuple[str, Answer]:
    bucket, _, key = unquote(request.path).lstrip("/").partition("/")
    match request.method, bool(bucket), bool(key):
        case "GET", False, _:
            return "ListBuckets", {}
        case "PUT", True, False:
            return "CreateBucket", {"Bucket": bucket}
        case "GET", True, False:
            return "ListObjectsV2", {"Bucket": bucket}
        case "PUT", True, True:
            return "PutObject", {"Bucket": bucket, "Key": key, "Body": request.body}
        case "GET" | "HEAD", True, True:
            return "GetObject", {"Bucket": bucket, "Key": key}
        case _:
            message = "The specified method is not allowed against this resource."
            raise refuse(405, "MethodNotAllowed", message)


def _from_query(service: str, flat: Mapping[str, str]) -> Answer:
    shape = operation_model(service, flat["Action"]).input_shape
    if shape is None:
        return {}
    is_ec2 = model_of(service).metadata["protocol"] == "ec2"
    found = _structure(shape, "", flat, is_ec2=is_ec2)
    return found or {}


def _structure(
    shape: StructureShape, prefix: str, flat: Mapping[str, str], *, is_ec2: bool
) -> dict[str, object] | None:
    found: dict[str, object] = {}
    for name, member in shape.members.items():
        value = _value(member, prefix + _query_name(name, member, is_ec2=is_ec2), flat, is_ec2)
        if value is not None:
            found[name] = value
    return found or None


def _query_name(name: str, member: Shape, *, is_ec2: bool) -> str:
    serialization = member.serialization
    if not is_ec2:
        return str(serialization.get("name", name))
    if "queryName" in serialization:
        return str(serialization["queryName"])
    chosen = str(serialization.get("name", name))
    return chosen[:1].upper() + chosen[1:]


def _value(shape: Shape, prefix: str, flat: Mapping[str, str], is_ec2: bool) -> object:  # noqa: FBT001 - of `_from_query`
    match shape:
        case StructureShape():
            return _structure(shape, f"{prefix}.", flat, is_ec2=is_ec2)
        case ListShape():
            return _list(shape, prefix, flat, is_ec2=is_ec2)
    text = flat.get(prefix)
    if text is None:
        return None
    match shape.type_name:
        case "integer" | "long":
            return int(text)
        case "boolean":
            return text == "true"
        case _:
            return text


def _list(
    shape: ListShape, prefix: str, flat: Mapping[str, str], *, is_ec2: bool
) -> list[object] | None:
    is_flat = is_ec2 or bool(shape.serialization.get("flattened"))
    front = prefix if is_flat else f"{prefix}.{shape.member.serialization.get('name', 'member')}"
    found: list[object] = []
    while (value := _value(shape.member, f"{front}.{len(found) + 1}", flat, is_ec2)) is not None:
        found.append(value)
    return found or None
