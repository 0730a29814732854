"""One request as it passed the proxy: which API call, signed by whom, when, with what answer."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

_SCOPE = re.compile(r"Credential=([^/,\s]+)/\d{8}/[^/]+/([^/]+)/aws4_request")
# query and JSON calls by their name, REST calls by method or by the last part of their path
_READS = re.compile(
    r"(Get|List|Describe|Simulate|Lookup|Head|AssumeRole|Decode)|POST /(.*/)?(list|get|describe)"
)
_VERBS = {"GET": "Get", "HEAD": "Head"}


@dataclass(slots=True, kw_only=True)
class Seen:
    """One request as it passed; instants are seconds of this process's monotonic clock."""

    service: str
    action: str
    key_id: str
    parameters: dict[str, str]
    started: float
    ended: float | None = None
    status: int | None = None
    """None while it is under way, and where no answer was given back."""
    reached: bool = False
    """Whether it was passed on to the cloud."""

    @property
    def is_change(self) -> bool:
        """Whether it would change something (minting a session does not)."""
        return _READS.match(self.action) is None


def read_request(method: str, path: str, headers: dict[str, str], body: bytes) -> Seen:
    """Tell the API call of a request: query protocol, JSON target, or method and path."""
    lower = {name.lower(): value for name, value in headers.items()}
    scope = _SCOPE.search(lower.get("authorization", ""))
    key_id, service = scope.groups() if scope else ("", "")
    parameters: dict[str, str] = {}
    if "x-amz-target" in lower:
        action = lower["x-amz-target"].rsplit(".", 1)[-1]
    else:
        form = body.decode(errors="replace") if method == "POST" else urlsplit(path).query
        parameters = {name: values[0] for name, values in parse_qs(form).items()}
        action = parameters.get("Action", f"{_VERBS.get(method, method)} {urlsplit(path).path}")
    return Seen(
        service=service,
        action=action,
        key_id=key_id,
        parameters=parameters,
        started=time.monotonic(),
    )
