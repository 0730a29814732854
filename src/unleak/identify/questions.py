"""Questions to AWS that go out together, each with its answer or its reason for having none."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, Self, TypeAlias, TypeVar

from unleak.errors import (
    AwsFailure,
    ClockSkew,
    MissingPermission,
    ResponderCredentials,
    Throttled,
    UnleakError,
    Unreachable,
)
from unleak.model.frozen import dataclass
from unleak.model.reading import Gap, Unknown

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor
    from types import TracebackType

T = TypeVar("T")

MOST_AT_ONCE = 32
"""Threads of one round; CloudTrail over all regions is the largest (about 34 regions)."""

_UNSUPPORTED = "Unsupported"
"""The error code under which the `aws` room reports an API that the cloud does not have."""


@dataclass(frozen=True, slots=True)
class Told(Generic[T]):
    """The question was answered."""

    value: T


@dataclass(frozen=True, slots=True)
class Failed:
    """The question has no answer, and why."""

    error: UnleakError


Answer: TypeAlias = Told[T] | Failed


def answer(call: Callable[[], T]) -> Answer[T]:
    """Ask one question; a failure is data, except where nothing at all can work.

    Raises:
        ResponderCredentials: the responder's own credentials are not accepted.
        ClockSkew: no signature of ours will be accepted.
    """
    try:
        return Told(call())
    except (ResponderCredentials, ClockSkew):
        raise
    except UnleakError as error:
        return Failed(error)


def hear(call: Callable[[], T]) -> Answer[T]:
    """Ask one question whose failure, whatever it is, says nothing about the responder.

    AWS refuses a question about a dead key with the codes of a dead responder; `caller` alone tells
    whether we are one.
    """
    try:
        return Told(call())
    except UnleakError as error:
        return Failed(error)


class Round:
    """One round trip: every question asked inside the `with` block goes out at once.

    Leaving the block waits for all answers.  An error that is a bug, or one that ends everything,
    comes out of the future's `result()`.

    Args:
        most: how many questions may be under way at once.
    """

    def __init__(self, most: int = MOST_AT_ONCE) -> None:
        self._most = most
        self._pool: ThreadPoolExecutor | None = None

    def __enter__(self) -> Self:
        # imported late: offline identification asks nothing and must not pay for it
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415

        self._pool = ThreadPoolExecutor(max_workers=self._most, thread_name_prefix="unleak-ask")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=error is None, cancel_futures=error is not None)

    def ask(self, call: Callable[[], T]) -> Future[Answer[T]]:
        """Send one question; its answer is ready when the block is left."""
        return self.run(lambda: answer(call))

    def run(self, work: Callable[[], T]) -> Future[T]:
        """Run work that asks questions of its own and keeps its failures itself."""
        if self._pool is None:
            msg = "a Round is used in a with block"
            raise RuntimeError(msg)
        return self._pool.submit(work)


def is_unsupported(error: UnleakError) -> bool:
    """Whether the cloud has no such API at all (RADOS Gateway answers 405 to most of IAM)."""
    return isinstance(error, AwsFailure) and error.error_code == _UNSUPPORTED


def gap_of(error: UnleakError) -> Gap:
    """Say why a question stayed open, in the model's word."""
    if is_unsupported(error):
        return Gap.UNSUPPORTED
    if isinstance(error, MissingPermission):
        return Gap.DENIED
    if isinstance(error, Throttled):
        return Gap.THROTTLED
    return Gap.UNREACHABLE if isinstance(error, Unreachable) else Gap.FAILED


def unknown(error: UnleakError, *, operation: str) -> Unknown:
    """Turn a failure into the model's `Unknown`.

    Args:
        error: why the question stayed open.
        operation: the call as IAM spells it, `iam:GetRole`.
    """
    return Unknown(gap_of(error), explain(error, operation=operation))


def explain(error: UnleakError, *, operation: str) -> str:
    """Say in one clause why a question stayed open."""
    match gap_of(error):
        case Gap.DENIED:
            return f"{operation} is not allowed for us"
        case Gap.UNSUPPORTED:
            return f"this cloud has no {operation}"
        case Gap.THROTTLED:
            return f"AWS kept throttling {operation}"
        case Gap.UNREACHABLE:
            return f"{operation} got no answer from the endpoint"
        case _:
            return f"{operation} failed: {error.message}"
