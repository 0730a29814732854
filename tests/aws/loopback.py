"""A tiny cloud on the loopback that answers as it was told: for all that a Stubber cannot do."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Self
from urllib.parse import parse_qs

if TYPE_CHECKING:
    from types import TracebackType

DATE = "Tue, 24 Nov 2026 07:00:00 GMT"


@dataclass(frozen=True, kw_only=True)
class Reply:
    """One scripted answer; `is_lost` takes the request and closes the connection without a word."""

    status: int = 200
    body: str = ""
    date: str | None = DATE
    wait_seconds: float = 0.0
    is_lost: bool = False


@dataclass(frozen=True, kw_only=True)
class Request:
    """What one request asked for, and who signed it."""

    form: dict[str, str]
    headers: dict[str, str]

    @property
    def action(self) -> str:
        return self.form.get("Action", "")

    @property
    def authorization(self) -> str:
        return self.headers.get("authorization", "")


def refused(code: str, message: str = "no", *, status: int = 400) -> Reply:
    """Answer as IAM and STS refuse."""
    body = (
        f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code>"
        f"<Message>{message}</Message></Error><RequestId>req-1</RequestId></ErrorResponse>"
    )
    return Reply(status=status, body=body)


def done(action: str, result: str = "") -> Reply:
    """Answer as IAM and STS do when all is well."""
    body = (
        f"<{action}Response><{action}Result>{result}</{action}Result>"
        f"<ResponseMetadata><RequestId>req-2</RequestId></ResponseMetadata></{action}Response>"
    )
    return Reply(body=body)


@dataclass
class Loopback:
    """Answers with the next of `replies`, and with the last one from then on."""

    replies: list[Reply] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def actions(self) -> list[str]:
        return [request.action for request in self.requests]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        cloud = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                form = parse_qs(self.rfile.read(length).decode())
                headers = {name.lower(): value for name, value in self.headers.items()}
                request = Request(
                    form={key: values[0] for key, values in form.items()}, headers=headers
                )
                cloud.requests.append(request)
                self._answer(cloud.replies.pop(0) if len(cloud.replies) > 1 else cloud.replies[0])

            do_GET = do_POST  # noqa: N815 - http.server names it

            def _answer(self, reply: Reply) -> None:
                time.sleep(reply.wait_seconds)
                self.close_connection = True
                if reply.is_lost:
                    return
                self.send_response_only(reply.status)
                if reply.date is not None:
                    self.send_header("Date", reply.date)
                self.send_header("Content-Length", str(len(reply.body.encode())))
                self.end_headers()
                self.wfile.write(reply.body.encode())

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
                """Say nothing."""

        return Handler
