"""A loopback proxy in front of a cloud: it writes down every API call and can put it in trouble.

`Proxy.seen` is the log in the order of arrival; a `Rule` names an API call and what shall happen to
it, the first fitting one of the list wins.  The `Host` header goes through untouched, so signatures
stay valid.
"""

from __future__ import annotations

import http.client
import threading
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from lab.seen import Seen, read_request
from lab.server import HOST
from lab.trouble import After, Before, Delay, Drop, DropAnswer, Reply, Trouble

_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length"})


@dataclass(slots=True, kw_only=True)
class Rule:
    """What shall happen to the calls of one name."""

    action: str
    """`PutRolePolicy` for example, or `*`."""
    trouble: Trouble
    times: int | None = None
    """How many calls it hits; None: all."""
    about: str | None = None
    """Only calls with a parameter of this value, a role's name for example; None: all."""

    def fits(self, seen: Seen) -> bool:
        """Whether a call is one of those, and there are hits left."""
        is_named = self.action in ("*", seen.action) and self.times != 0
        return is_named and (self.about is None or self.about in seen.parameters.values())


@dataclass(slots=True, kw_only=True)
class Proxy:
    """The proxy; use it as a context manager.

    Args:
        upstream: URL of the cloud.
        shift_seconds: added to the `Date` header of every answer.
    """

    upstream: str
    shift_seconds: float = 0
    seen: list[Seen] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _server: ThreadingHTTPServer | None = None
    _thread: threading.Thread | None = None

    @property
    def endpoint(self) -> str:
        """Its own URL."""
        if self._server is None:
            message = "use the proxy as a context manager"
            raise RuntimeError(message)
        return f"http://{HOST}:{self._server.server_address[1]}"

    @property
    def actions(self) -> list[str]:
        """The names of the calls, in order."""
        return [seen.action for seen in self.seen]

    @property
    def changes(self) -> list[Seen]:
        """The calls that would change something."""
        return [seen for seen in self.seen if seen.is_change]

    def named(self, action: str) -> list[Seen]:
        """Return the calls of one name."""
        return [seen for seen in self.seen if seen.action == action]

    def waves_before(self, action: str) -> int:
        """Count the sequential waves of calls that ended before the first call of that name.

        Calls under way at the same time are one wave: what a person waits for is round trips.
        """
        until = self.named(action)[0].started
        waves, edge = 0, float("-inf")
        for seen in sorted(self.seen, key=lambda one: one.started):
            if seen.started >= until or seen.action == action:
                continue
            end = until if seen.ended is None else seen.ended
            if seen.started >= edge:
                waves, edge = waves + 1, end
            else:
                edge = min(edge, end)
        return waves

    def __enter__(self) -> Self:
        proxy: Proxy = self

        class Handler(_Passing):
            owner = proxy

        self._server = _QuietServer((HOST, 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
        if self._thread is not None:
            self._thread.join(timeout=5)

    def note(self, seen: Seen) -> Trouble | None:
        """Write a request down and return what shall happen to it."""
        with self._lock:
            self.seen.append(seen)
            for rule in self.rules:
                if rule.fits(seen):
                    rule.times = None if rule.times is None else rule.times - 1
                    return rule.trouble
        return None


class _QuietServer(ThreadingHTTPServer):
    """A client that is killed on purpose leaves a broken pipe: that is no news."""

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing."""


class _Passing(BaseHTTPRequestHandler):
    """Pass one request on, with the trouble that the rules want."""

    owner: Proxy
    protocol_version = "HTTP/1.1"

    def _pass(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        seen = read_request(self.command, self.path, dict(self.headers.items()), body)
        trouble = self.owner.note(seen)
        match trouble:
            case Delay(seconds=seconds):
                time.sleep(seconds)
            case Before(hook=hook, then=seconds):
                hook()
                time.sleep(seconds)
            case Drop(hook=hook):
                hook()
                self._hang_up()
                return
            case Reply():
                seen.status = trouble.status
                seen.ended = time.monotonic()
                self._answer(trouble.status, [("Content-Type", "text/xml")], trouble.body())
                return
            case After() | DropAnswer() | None:
                pass
        self._forward(seen, body, trouble)

    do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = _pass  # noqa: N815 - the names of the library

    def _forward(self, seen: Seen, body: bytes, trouble: Trouble | None) -> None:
        upstream = urlsplit(self.owner.upstream)
        connection = http.client.HTTPConnection(upstream.hostname or HOST, upstream.port)
        try:
            connection.putrequest(
                self.command, self.path, skip_host=True, skip_accept_encoding=True
            )
            for name, value in self.headers.items():
                if name.lower() not in _HOP - {"content-length"}:
                    connection.putheader(name, value)
            connection.endheaders(body)
            seen.reached = True
            answer = connection.getresponse()
            content = answer.read()
            headers = answer.getheaders()
        finally:
            connection.close()
        match trouble:
            case After(hook=hook):
                hook()
            case DropAnswer():
                self._hang_up()
                return
            case _:
                pass
        # the end is set first: the client may go on before we do
        seen.status, seen.ended = answer.status, time.monotonic()
        self._answer(answer.status, headers, content)

    def _answer(self, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in _HOP | {"date"}:
                self.send_header(name, value)
        self.send_header("Date", self._date(headers))
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _date(self, headers: list[tuple[str, str]]) -> str:
        told = next((value for name, value in headers if name.lower() == "date"), None)
        instant = parsedate_to_datetime(told or self.date_time_string())
        return format_datetime(shifted(instant, self.owner.shift_seconds), usegmt=True)

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.close()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing: `seen` is the log."""


def shifted(instant: datetime, seconds: float) -> datetime:
    """Move an instant."""
    return instant + timedelta(seconds=seconds)
