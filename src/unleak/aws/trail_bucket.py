"""One bucket with logs, for a trace: lists with botocore, fetches with obstore where it is there.

botocore tells each refusal by its code and takes keys of any spelling, which listing needs;
obstore fetches small objects several times as fast, because it waits and signs outside of Python.
Without it (`pip install 'unleak[trail]'`), and for keys that it cannot spell, botocore fetches too.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final, Protocol, runtime_checkable

from unleak.aws.answer import Answer, instant, number, part, parts, text
from unleak.aws.asking import Asking
from unleak.aws.exchange import Manner, Patience
from unleak.aws.object_fetch import GET, ObjectFetch, Pace, has_obstore, refused, too_large
from unleak.aws.transport import botocore_errors
from unleak.errors import AwsFailure, ResponderCredentials, UnleakError, Unreachable, WrongUse
from unleak.model.bucket import Listed, Page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unleak.aws.session import AwsSession

_SERVICE: Final = "s3"
_LISTING: Final = Manner(patience=Patience(answered_seconds=30.0, silent_seconds=10.0))
_QUICK_AT_ONCE: Final = 32
_PLAIN_AT_ONCE: Final = 8
"""botocore keeps ten connections, and complains of more."""
_CHUNK: Final = 1024 * 1024
_REGION: Final = "x-amz-bucket-region"
"""S3 names a bucket's region even where it refuses.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html
"""


@runtime_checkable
class _Body(Protocol):
    """The body of an answer that is read as it comes."""

    def read(self, amt: int) -> bytes: ...
    def close(self) -> None: ...


class AwsTrailBucket:
    """The responder's way to one bucket, as `model.bucket.Bucket` lists it; thread-safe.

    Args:
        session: the responder's session.
        name: the bucket's name.
        pace: how patient the fetching is.
    """

    def __init__(self, session: AwsSession, name: str, *, pace: Pace | None = None) -> None:
        self._session = session
        self._asking = Asking(session)
        self._name = name
        self._pace = pace or Pace()
        self._lock = threading.Lock()
        self._region: str | None = None
        self._quick: ObjectFetch | None = None

    @property
    def name(self) -> str:
        """The bucket's name."""
        return self._name

    @property
    def at_once(self) -> int:
        """How many objects may be fetched at the same time."""
        return _QUICK_AT_ONCE if has_obstore() else _PLAIN_AT_ONCE

    def pages(self, prefix: str, *, after: str = "", by_level: bool = False) -> Iterator[Page]:
        """List with `ListObjectsV2`, a thousand keys a page.

        Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html

        Args:
            prefix: what the keys begin with.
            after: only keys behind this one; empty: all.
            by_level: whether to stop at the next slash.

        Raises:
            UnleakError: S3 refused, or did not answer.
        """
        sent: dict[str, object] = {"Bucket": self._name, "Prefix": prefix}
        if after:
            sent["StartAfter"] = after
        if by_level:
            sent["Delimiter"] = "/"
        while True:
            answer = self._list(sent)
            yield _page(answer)
            token = text(answer, "NextContinuationToken")
            if not token:
                return
            if token == sent.get("ContinuationToken"):
                message = "ListObjectsV2: the same page is answered again and again"
                raise AwsFailure(message, error_code="BadPage", operation="ListObjectsV2")
            sent["ContinuationToken"] = token

    def fetch(self, key: str, *, most: int) -> bytes:
        """Return one object's bytes.

        Args:
            key: the object's.
            most: the most bytes that it may have.

        Raises:
            UnleakError: the situation that the refusal, or the silence, means.
        """
        quick = self._quick_fetch()
        if quick is not None and quick.takes(key):
            return quick.fetch(key, most=most)
        return self._plainly(key, most)

    def _list(self, sent: dict[str, object]) -> Answer:
        region = self._home()
        try:
            return self._asking.of(
                _SERVICE, "list_objects_v2", sent, region=region, manner=_LISTING
            )
        except AwsFailure as error:
            if error.error_code != "NoSuchBucket":
                raise
            message = f"there is no bucket {self._name}"
        raise WrongUse(message, hint="check the name, and --endpoint-url where you gave one")

    def _home(self) -> str:
        """Return the bucket's region, asked for once; the session's own where nobody tells."""
        with self._lock:
            if self._region is None:
                self._region = self._asked_region() or self._session.region
            return self._region

    def _asked_region(self) -> str:
        try:
            answer = self._asking.of(_SERVICE, "head_bucket", {"Bucket": self._name})
        except ResponderCredentials:
            raise
        except UnleakError as error:
            answer = getattr(error.__cause__, "response", {})
        return text(part(part(answer, "ResponseMetadata"), "HTTPHeaders"), _REGION)

    def _quick_fetch(self) -> ObjectFetch | None:
        if not has_obstore():
            return None
        region = self._home()
        with self._lock:
            if self._quick is None:
                endpoint = self._session.client(_SERVICE, region).meta.endpoint_url
                self._quick = ObjectFetch(
                    self._session, self._name, endpoint=endpoint, region=region, pace=self._pace
                )
            return self._quick

    def _plainly(self, key: str, most: int) -> bytes:
        """Fetch with botocore; the call is tried again, a body that breaks off is not."""
        asked = {"Bucket": self._name, "Key": key}
        try:
            answer = self._asking.of(_SERVICE, "get_object", asked, region=self._home())
        except AwsFailure as error:
            problem = refused(code=error.error_code, words=error.message, status=error.status)
        else:
            return _whole(answer, most)
        raise problem


def _whole(answer: Answer, most: int) -> bytes:
    body = answer.get("Body")
    if not isinstance(body, _Body):
        return b""
    try:
        return _read(body, most)
    except botocore_errors() as error:
        message = f"{GET}: the answer broke off ({type(error).__name__})"
    finally:
        body.close()
    raise Unreachable(message, hint="look at the network, and try again")


def _read(body: _Body, most: int) -> bytes:
    """Read to the end: only there botocore tells that a body is shorter than it should be."""
    chunks: list[bytes] = []
    left = most
    while chunk := body.read(_CHUNK):
        chunks.append(chunk)
        left -= len(chunk)
        if left < 0:
            raise too_large(most)
    return b"".join(chunks)


def _page(answer: Answer) -> Page:
    return Page(
        objects=tuple(
            Listed(
                key=text(each, "Key"),
                size=number(each, "Size", 0),
                modified=instant(each, "LastModified"),
            )
            for each in parts(answer, "Contents")
        ),
        folders=tuple(text(each, "Prefix") for each in parts(answer, "CommonPrefixes")),
    )
