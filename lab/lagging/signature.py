"""Checks Signature Version 4, so that a wrong secret is refused.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, quote, unquote, urlsplit

if TYPE_CHECKING:
    from lab.lagging.wire_read import Request

_HEADER: Final = re.compile(
    r"Credential=[^/]+/(?P<scope>[^,\s]+),\s*SignedHeaders=(?P<names>[^,\s]+),"
    r"\s*Signature=(?P<signature>[0-9a-f]+)"
)
_SAFE: Final = "-_.~"


def is_signed_with(request: Request, secret: str) -> bool:
    """Whether a request was signed with a secret, in its headers or in its URL."""
    query = request.query
    found = _HEADER.search(request.headers.get("authorization", ""))
    if found is not None:
        scope, names = found["scope"], found["names"]
        signature, instant = found["signature"], request.headers.get("x-amz-date", "")
    else:
        scope = query.get("X-Amz-Credential", "/").partition("/")[2]
        names, instant = query.get("X-Amz-SignedHeaders", ""), query.get("X-Amz-Date", "")
        signature = query.get("X-Amz-Signature", "")
    canonical = "\n".join(
        (
            request.method,
            _path(request, scope),
            _query(request),
            *(f"{name}:{' '.join(_header(request, name).split())}" for name in names.split(";")),
            "",
            names,
            _payload(request, is_presigned=found is None),
        )
    )
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    to_sign = f"AWS4-HMAC-SHA256\n{instant}\n{scope}\n{digest}"
    return hmac.compare_digest(_signed(secret, scope, to_sign), signature)


def _signed(secret: str, scope: str, text: str) -> str:
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, text.encode(), "sha256").hex()


def _header(request: Request, name: str) -> str:
    if name == "host" and name not in request.headers:
        return urlsplit(request.url).netloc
    return request.headers.get(name, "")


def _path(request: Request, scope: str) -> str:
    # S3 signs the path as it is sent; the others encode it a second time
    if scope.split("/")[2:3] == ["s3"]:
        return quote(unquote(request.path), safe="/" + _SAFE)
    return quote(request.path, safe="/" + _SAFE)


def _query(request: Request) -> str:
    pairs = parse_qsl(urlsplit(request.url).query, keep_blank_values=True)
    written = sorted(
        (quote(name, safe=_SAFE), quote(value, safe=_SAFE))
        for name, value in pairs
        if name != "X-Amz-Signature"
    )
    return "&".join(f"{name}={value}" for name, value in written)


def _payload(request: Request, *, is_presigned: bool) -> str:
    if is_presigned:
        return "UNSIGNED-PAYLOAD"
    told = request.headers.get("x-amz-content-sha256")
    return told or hashlib.sha256(request.body).hexdigest()
