"""The kinds of trouble that the proxy can put a call into."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias


def _nothing() -> None:
    """Do nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay:
    """Hold the request back for a while, then pass it on."""

    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """Call a hook before the request is passed on, then hold it back for `then` seconds."""

    hook: Callable[[], None]
    then: float = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class After:
    """Pass the request on, then call a hook before the answer goes back."""

    hook: Callable[[], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """Call a hook and hang up; the cloud never sees the request."""

    hook: Callable[[], None] = _nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class DropAnswer:
    """Pass the request on and hang up: it was done, and nobody is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """Answer in place of the cloud with an error of the query protocol (IAM and STS)."""

    status: int
    code: str
    message: str = "made by the lab"

    def body(self) -> bytes:
        """Return the XML."""
        kind = "Sender" if self.status < 500 else "Receiver"  # noqa: PLR2004 - HTTP's own line
        return (
            f"<ErrorResponse><Error><Type>{kind}</Type><Code>{self.code}</Code>"
            f"<Message>{self.message}</Message></Error><RequestId>lab</RequestId></ErrorResponse>"
        ).encode()


Trouble: TypeAlias = Delay | Before | After | Drop | DropAnswer | Reply
THROTTLED = Reply(status=400, code="Throttling", message="Rate exceeded")
BROKEN = Reply(status=503, code="ServiceUnavailable")
