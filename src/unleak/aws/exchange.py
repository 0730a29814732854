"""Makes one call: tries again within a deadline, sets the clock, translates what goes wrong."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING

from unleak.aws.codes import THROTTLED, TRANSIENT
from unleak.aws.failures import from_leaked_refusal, from_refusal
from unleak.aws.refusal import Refusal, date_header, refusal_of
from unleak.aws.transport import (
    botocore_errors,
    from_transport,
    is_silence,
    may_have_arrived,
    showable_cause,
)
from unleak.model.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from botocore.client import BaseClient

    from unleak.aws.answer import Answer
    from unleak.aws.clock import AwsClock
    from unleak.errors import UnleakError
    from unleak.model.secret import Secret

_SERVER_ERRORS = frozenset({500, 502, 503, 504})
_TOO_MANY = 429


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long one call may be tried again, in seconds from its first attempt.

    AWS saying "slow down" is worth a longer wait than AWS saying nothing.
    """

    answered_seconds: float = 12.0
    silent_seconds: float = 3.5
    first_wait_seconds: float = 0.1
    longest_wait_seconds: float = 2.0
    passing_codes: frozenset[str] = frozenset()
    """More error codes that pass by themselves, `ConcurrentModification` for example."""

    def wait_before(self, attempt: int) -> float:
        """Return the seconds to wait before an attempt; the second attempt is number 2.

        Doubles each time, less up to a quarter at random, so that two responders fall out of step.
        """
        full: float = min(self.first_wait_seconds * 2 ** (attempt - 2), self.longest_wait_seconds)
        return full * (1 - random.random() / 4)  # noqa: S311 - spreads retries, guards no secret


READING = Patience()


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How one call is made and understood."""

    patience: Patience = READING
    is_write: bool = False
    is_leaked: bool = False
    """Signed with the leaked credential: a refusal tells about it, not about the responder."""
    secrets: tuple[Secret, ...] = ()
    settled_codes: frozenset[str] = frozenset()
    """Codes that mean "done" when an earlier attempt of ours may have been carried out."""


_READ = Manner()


def ask(
    client: BaseClient,
    method: str,
    parameters: Mapping[str, object],
    *,
    clock: AwsClock,
    manner: Manner = _READ,
) -> Answer:
    """Make one call and return its parsed answer.

    Args:
        client: of the service.
        method: the client's method, `put_role_policy` for example.
        parameters: exactly what is sent.
        clock: takes in the `Date` header of every answer.
        manner: patience, and how a refusal is to be understood.

    Raises:
        UnleakError: the situation that the refusal or the silence means.
    """
    call = _Call(client, method, clock, manner)
    while True:
        asked_at = time.monotonic()
        try:
            answer: Answer = getattr(client, method)(**parameters)
        except botocore_errors() as error:
            failure = error
        else:
            clock.observe(date_header(answer), asked_at=asked_at)
            return answer
        # Outside of `except`, so that what is raised carries no hidden `__context__`.
        settled = call.settle(failure, asked_at)
        if settled is not None:
            return settled


class _Call:
    """What one call has come to: how often tried, and whether it may have been carried out."""

    def __init__(self, client: BaseClient, method: str, clock: AwsClock, manner: Manner) -> None:
        self._operation: str = client.meta.method_to_api_mapping[method]
        self._endpoint: str = client.meta.endpoint_url
        self._clock = clock
        self._manner = manner
        self._started = time.monotonic()
        self._attempts = 1
        self._is_in_doubt = False

    def settle(self, failure: Exception, asked_at: float) -> Answer | None:
        """Wait and return None to try again, return the answer that counts as done, or raise."""
        refusal = refusal_of(failure, secrets=self._manner.secrets)
        if refusal is None:
            self._after_silence(failure)
            return None
        self._clock.observe(refusal.date_header, asked_at=asked_at)
        if self._is_in_doubt and refusal.code in self._manner.settled_codes:
            metadata = {"date": refusal.date_header}
            return {"ResponseMetadata": {"RequestId": refusal.request_id, "HTTPHeaders": metadata}}
        self._after_refusal(failure, refusal)
        return None

    def _after_silence(self, failure: Exception) -> None:
        is_in_doubt = may_have_arrived(failure)
        self._is_in_doubt = self._is_in_doubt or is_in_doubt
        if is_silence(failure) and self._waited(self._manner.patience.silent_seconds):
            return
        problem = from_transport(
            failure,
            operation=self._operation,
            endpoint=self._endpoint,
            is_write=self._manner.is_write,
            secrets=self._manner.secrets,
        )
        raise problem from showable_cause(failure, self._manner.secrets)

    def _after_refusal(self, failure: Exception, refusal: Refusal) -> None:
        is_server_error = refusal.status in _SERVER_ERRORS or refusal.code in TRANSIENT
        self._is_in_doubt = self._is_in_doubt or is_server_error
        passes = (
            is_server_error
            or refusal.status == _TOO_MANY
            or refusal.code in THROTTLED
            or refusal.code in self._manner.patience.passing_codes
        )
        if passes and self._waited(self._manner.patience.answered_seconds):
            return
        raise self._understood(refusal) from showable_cause(failure, self._manner.secrets)

    def _waited(self, limit_seconds: float) -> bool:
        """Sleep before another attempt; False, at once, where the deadline would pass meanwhile."""
        self._attempts += 1
        wait = self._manner.patience.wait_before(self._attempts)
        if time.monotonic() - self._started + wait > limit_seconds:
            return False
        time.sleep(wait)
        return True

    def _understood(self, refusal: Refusal) -> UnleakError:
        if self._manner.is_leaked:
            return from_leaked_refusal(refusal, operation=self._operation)
        return from_refusal(
            refusal, operation=self._operation, skew_seconds=self._clock.skew_seconds()
        )
