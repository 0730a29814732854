"""unleak's own doors onto a lagging cloud in the same process: botocore whole, and no socket."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from lab.lagging.exchange import answer
from lab.lagging.wire_read import Request
from lab.wire import REGION, Keys
from unleak.aws.session import AwsSession, AwsSettings
from unleak.flow.doors import AwsDoors

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest
    from botocore.session import Session

    from lab.lagging.cloud import LaggingCloud


class LaggingDoors(AwsDoors):
    """The doors of unleak, opened onto a lagging cloud.

    Args:
        cloud: what answers.
        keys: the responder's credentials.
        org_keys: credentials of the organization's administrator, where the test has one.
        region: the responder's region.
    """

    def __init__(
        self,
        cloud: LaggingCloud,
        *,
        keys: Keys | None = None,
        org_keys: Keys | None = None,
        region: str = REGION,
    ) -> None:
        super().__init__(AwsSettings(region=region))
        self.cloud = cloud
        self.keys = keys or cloud.responder_keys
        self.org_keys = org_keys

    def _opened(self) -> AwsSession:
        if self._session is None:
            self._session = LaggingSession(self.cloud, self.keys, self._settings)
        return self._session


class LaggingSession(AwsSession):
    """unleak's session with given keys, whose requests end at a cloud in this process.

    Args:
        cloud: what answers.
        keys: what signs.
        settings: the region, mostly.
    """

    def __init__(self, cloud: LaggingCloud, keys: Keys, settings: AwsSettings) -> None:
        super().__init__(settings)
        self._cloud = cloud
        self._keys = keys

    def _botocore(self) -> Session:
        is_new = self._session is None
        session = super()._botocore()
        if is_new:
            keys = self._keys
            session.set_credentials(keys.access_key_id, keys.secret, keys.token)
            session.register("before-send", self._send)  # type: ignore[arg-type] # an answer is its point
        return session

    def _send(self, request: AWSPreparedRequest, **_: object) -> AWSResponse:
        sent = Request(
            method=request.method,
            url=request.url,
            headers={name.lower(): _text(value) for name, value in request.headers.items()},
            body=_bytes(request.body),
        )
        given = answer(self._cloud, sent)
        headers = HTTPHeaders.from_dict(dict(given.headers))
        return AWSResponse(request.url, given.status, headers, _Raw(given.body))


class _Raw:
    """What botocore takes for a stream from a socket."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self) -> Iterator[bytes]:
        """Return all of it in one piece."""
        yield self._body


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _bytes(body: object) -> bytes:
    match body:
        case None:
            return b""
        case str():
            return body.encode()
        case bytes() | bytearray():
            return bytes(body)
        case _:
            raise TypeError(type(body))
