"""A bucket on the loopback whose objects refuse, stall and break off as they are told."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Self
from urllib.parse import parse_qs, quote, unquote, urlsplit
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from types import TracebackType

STAMP = "Tue, 24 Nov 2026 07:00:00 GMT"


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """How one key is refused: `times` often, and then no more."""

    status: int = 403
    """0: the connection is closed without a word."""
    code: str = "AccessDenied"
    words: str = "no"
    times: int = 1_000
    is_cut: bool = False
    """Answer with the head and half of the body."""


@dataclass(kw_only=True)
class S3Loopback:
    """One bucket; a context manager.

    Args:
        objects: the bytes of each key.
        troubles: what is wrong with a key; the empty key stands for the listing.
        region: where the bucket is; a signature for another region is sent there.
        page: keys on one page.
    """

    objects: dict[str, bytes] = field(default_factory=dict)
    troubles: dict[str, Trouble] = field(default_factory=dict)
    region: str = "eu-west-1"
    page: int = 2
    bucket: str = "trail"
    requests: list[tuple[str, str, str]] = field(default_factory=list)
    """Method, key or query, and the `Authorization` header."""
    tries: Counter[str] = field(default_factory=Counter)

    def __enter__(self) -> Self:
        handler = type("Handler", (_Handler,), {"cloud": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def listing(self, query: dict[str, list[str]]) -> bytes:
        """Return one page of `ListObjectsV2`."""
        prefix = query.get("prefix", [""])[0]
        start = query.get("continuation-token", query.get("start-after", [""]))[0]
        keys = [key for key in sorted(self.objects) if key.startswith(prefix) and key > start]
        some = keys[: self.page]
        rows = "".join(
            f"<Contents><Key>{escape(quote(key, safe='/'))}</Key>"
            f"<LastModified>2026-11-24T07:00:00.000Z</LastModified>"
            f"<Size>{len(self.objects[key])}</Size></Contents>"
            for key in some
        )
        more = (
            f"<IsTruncated>true</IsTruncated><NextContinuationToken>{escape(some[-1])}"
            "</NextContinuationToken>"
            if len(keys) > len(some)
            else "<IsTruncated>false</IsTruncated>"
        )
        encoding = "<EncodingType>url</EncodingType>"
        return f"<ListBucketResult>{encoding}{rows}{more}</ListBucketResult>".encode()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    cloud: S3Loopback

    def do_HEAD(self) -> None:
        self.cloud.requests.append(("HEAD", "", self.headers.get("authorization", "")))
        self._send(200 if self._is_home() else 400, b"", where=True)

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        key = unquote(parts.path).removeprefix(f"/{self.cloud.bucket}").removeprefix("/")
        signed = self.headers.get("authorization", "")
        self.cloud.requests.append(("GET", key or parts.query, signed))
        self.cloud.tries[key] += 1
        trouble = self.cloud.troubles.get(key)
        if not self._is_home():
            self._refuse(301, "PermanentRedirect", "elsewhere")
        elif trouble is not None and self.cloud.tries[key] <= trouble.times:
            self._trouble(key, trouble)
        elif not key:
            self._send(200, self.cloud.listing(parse_qs(parts.query)), where=True)
        elif key in self.cloud.objects:
            self._send(200, self.cloud.objects[key])
        else:
            self._refuse(404, "NoSuchKey", "The specified key does not exist.")

    def _is_home(self) -> bool:
        return f"/{self.cloud.region}/s3/" in self.headers.get("authorization", "")

    def _trouble(self, key: str, trouble: Trouble) -> None:
        if trouble.is_cut:
            content = self.cloud.objects[key]
            self._send(200, content[: len(content) // 2], length=len(content))
        elif trouble.status:
            self._refuse(trouble.status, trouble.code, trouble.words)
            return
        self.close_connection = True

    def _refuse(self, status: int, code: str, words: str) -> None:
        body = f"<Error><Code>{code}</Code><Message>{words}</Message></Error>"
        self._send(status, body.encode(), where=status != 404)

    def _send(
        self, status: int, body: bytes, *, where: bool = False, length: int | None = None
    ) -> None:
        self.send_response_only(status)
        if where:
            self.send_header("x-amz-bucket-region", self.cloud.region)
        self.send_header("ETag", '"e"')
        self.send_header("Last-Modified", STAMP)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
        """Say nothing."""
