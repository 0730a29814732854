"""Fetches objects with obstore: many at once, signed and received outside of Python.

It gets everything from us: endpoint, region and credentials.  What it would find in the environment
by itself may be the leaked credential, or another cloud.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import unleak
from unleak.aws.codes import THROTTLED
from unleak.aws.failures import from_refusal
from unleak.aws.refusal import Refusal, clean
from unleak.errors import ResponderCredentials, UnleakError, Unreachable, WrongUse
from unleak.model.frozen import dataclass

if TYPE_CHECKING:
    from obstore.store import ClientConfig, S3Credential, S3Store

    from unleak.aws.session import AwsSession

GET: Final = "GetObject"
_ARCHIVED: Final = "InvalidObjectState"
_NOT_FOUND: Final = 404
_CODE: Final = re.compile(r"<Code>([A-Za-z0-9.:_-]{1,100})</Code>")
_WORDS: Final = re.compile(r"<Message>([^<]{0,1000})</Message>")
_STATUS: Final = re.compile(r"non-2xx status code: (\d{3})")
_BUSY: Final = frozenset({429, 500, 502, 503, 504})
_HOST: Final = re.compile(r"s3(-fips)?\.(dualstack\.)?[a-z0-9-]+\.(amazonaws\.(com|com\.cn|eu))")
"""AWS's own names, where a bucket may stand in front; anywhere else it stands in the path.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
"""
_PLAIN_BUCKET: Final = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")
"""A name without dots: with dots it matches no certificate of AWS's."""
_FRESH: Final = timedelta(minutes=9)
"""botocore renews what expires within ten minutes, so what it hands out lasts as long as this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How long one object is waited for, and how often it is asked for again."""

    connect_seconds: float = 5.0
    read_seconds: float = 20.0
    whole_seconds: float = 300.0
    retries: int = 6
    longest_wait_seconds: float = 8.0
    first_wait_seconds: float = 0.1
    give_up_seconds: float = 60.0


def has_obstore() -> bool:
    """Whether obstore is installed (`pip install 'unleak[trail]'`)."""
    return find_spec("obstore") is not None


class ObjectFetch:
    """Fetches from one bucket; safe across threads.

    Args:
        session: the responder's session; it signs.
        bucket: the bucket's name.
        endpoint: where the bucket's region answers.
        region: what the signature says.
        pace: how patient it is.

    Raises:
        WrongUse: obstore cannot make anything of these.
    """

    def __init__(
        self, session: AwsSession, bucket: str, *, endpoint: str, region: str, pace: Pace
    ) -> None:
        self._session = session
        self._refused: UnleakError | None = None
        try:
            self._store = self._make(bucket, endpoint, region, pace)
        except _failures() as error:
            message = f"no connection to {clean(bucket, limit=100)} can be made: {_said(error)}"
            hint = "look at --endpoint-url, --region and AWS_CA_BUNDLE"
            raise WrongUse(message, hint=hint) from None

    def takes(self, key: str) -> bool:
        """Whether obstore can spell a key: it drops slashes, and refuses some characters."""
        parts = key.split("/")
        return key.isprintable() and not {"", ".", ".."}.intersection(parts)

    def fetch(self, key: str, *, most: int) -> bytes:
        """Return an object's bytes.

        Args:
            key: one that `takes` accepts.
            most: the most bytes that it may have.

        Raises:
            UnleakError: the situation that the refusal, or the silence, means.
        """
        try:
            found = self._store.get(key)
            size = found.meta["size"]
            content = b"" if size > most else bytes(found.bytes())
        except _failures() as error:
            failure = error
        else:
            if size > most:
                raise too_large(most)
            return content
        raise self._understood(failure)

    def _make(self, bucket: str, endpoint: str, region: str, pace: Pace) -> S3Store:
        from obstore.store import S3Store  # noqa: PLC0415 - optional

        parts = urlsplit(endpoint)
        is_in_host = _HOST.fullmatch(parts.netloc) and _PLAIN_BUCKET.fullmatch(bucket)
        if is_in_host:
            endpoint = f"{parts.scheme}://{bucket}.{parts.netloc}"
        client: ClientConfig = {
            "allow_http": parts.scheme == "http",
            "connect_timeout": timedelta(seconds=pace.connect_seconds),
            "read_timeout": timedelta(seconds=pace.read_seconds),
            "timeout": timedelta(seconds=pace.whole_seconds),
            "user_agent": f"unleak/{getattr(unleak, '__version__', '0')}",
        }
        bundle = self._session.authorities()
        if bundle is not None:
            client["root_certificate"] = Path(bundle).read_bytes()
        return S3Store(
            bucket,
            endpoint=endpoint,
            aws_endpoint_url_s3=endpoint,  # else the environment's goes first
            region=region,
            virtual_hosted_style_request=bool(is_in_host),
            skip_signature=False,
            request_payer=False,
            s3_express=False,
            credential_provider=self._signer,
            client_options=client,
            retry_config={
                "max_retries": pace.retries,
                "retry_timeout": timedelta(seconds=pace.give_up_seconds),
                "backoff": {
                    "init_backoff": timedelta(seconds=pace.first_wait_seconds),
                    "max_backoff": timedelta(seconds=pace.longest_wait_seconds),
                    "base": 2,
                },
            },
        )

    def _signer(self) -> S3Credential:
        """Hand over the responder's credentials; asked again before they can have expired."""
        try:
            frozen = self._session.credentials()
        except UnleakError as error:
            self._refused = error
            message = "the responder's credentials are not to be had"
            raise RuntimeError(message) from None
        self._refused = None
        return {
            "access_key_id": str(frozen.access_key),
            "secret_access_key": str(frozen.secret_key),
            "token": frozen.token,
            "expires_at": datetime.now(UTC) + _FRESH,
        }

    def _understood(self, error: Exception) -> UnleakError:
        if self._refused is not None:
            return ResponderCredentials(self._refused.message, hint=self._refused.hint)
        words = str(error)
        status, code = _STATUS.search(words), _CODE.search(words)
        if isinstance(error, FileNotFoundError):
            return gone()
        if status is None and code is None:
            return Unreachable(f"{GET}: {_said(error)}", hint="look at the network, and try again")
        said = _WORDS.search(words)
        number = 0 if status is None else int(status[1])
        return refused(
            code="" if code is None else code[1],
            words="" if said is None else said[1],
            status=number,
        )


def refused(*, code: str, words: str, status: int) -> UnleakError:
    """Return the situation that S3's refusal of one object means.

    Args:
        code: S3's error code; empty where there was none.
        words: S3's message.
        status: of HTTP.
    """
    if code == _ARCHIVED:
        message = "it is archived (S3 Glacier or the archive tiers of Intelligent-Tiering)"
        return UnleakError(message, hint="restore it with `aws s3api restore-object`")
    if code == "NoSuchKey" or (not code and status == _NOT_FOUND):
        return gone()
    if code in THROTTLED or status in _BUSY:
        return Unreachable(f"{GET}: S3 is busy ({code or status})", hint="try again later")
    refusal = Refusal(
        code=code or str(status), message=clean(words), status=status, request_id="", date_header=""
    )
    return from_refusal(refusal, operation=GET, skew_seconds=None)


def gone() -> UnleakError:
    """Return what it means that a listed object is not there."""
    message = "it is not there any more"
    return UnleakError(message, hint="versioning, where it is on, keeps what was deleted")


def too_large(most: int) -> UnleakError:
    """Return what it means that an object is larger than a file of a trail may be."""
    message = f"it is larger than {most // 1024**2} MB"
    return UnleakError(message, hint="CloudTrail writes no such files; split it to read it")


def _failures() -> tuple[type[Exception], ...]:
    """Return what obstore raises: its own, and some of Python's; for an `except` clause."""
    from obstore.exceptions import BaseError  # noqa: PLC0415 - optional

    return BaseError, OSError, ValueError


def _said(error: Exception) -> str:
    """Return the first line of what obstore says: the others repeat the request."""
    return clean(str(error).split("\n", maxsplit=1)[0], limit=200)
