"""JSON over HTTP on the loopback, for a function from request to answer."""

from __future__ import annotations

import json
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TypeAlias
from urllib.parse import parse_qsl, unquote, urlsplit

from lab.server import HOST


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request; `path` is decoded, `raw_path` as it was sent, without the query."""

    method: str
    raw_path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: dict[str, object]

    @property
    def path(self) -> str:
        """The path with its escapes undone."""
        return unquote(self.raw_path)


@dataclass(frozen=True, kw_only=True)
class Given:
    """One answer; a body of bytes is sent as it is, any other as JSON."""

    status: int = 200
    body: object = None
    headers: dict[str, str] = field(default_factory=dict)


Answering: TypeAlias = Callable[[Asked], Given]


@contextmanager
def serve(answering: Answering) -> Iterator[str]:
    """Serve on a free port until the block ends; gives the URL."""
    server = _Server(answering)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://{HOST}:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    """A server that knows who answers."""

    daemon_threads = True

    def __init__(self, answering: Answering) -> None:
        super().__init__((HOST, 0), _Handler)
        self.answering = answering
        self.turn = threading.Lock()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True  # else each answer on a kept connection waits for 40 ms
    server: _Server

    def _serve(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        where = urlsplit(self.path)
        told = json.loads(content) if content else {}
        asked = Asked(
            method=self.command,
            raw_path=where.path,
            query=dict(parse_qsl(where.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=told if isinstance(told, dict) else {},
        )
        with self.server.turn:
            given = self.server.answering(asked)
        sent = given.body if isinstance(given.body, bytes) else _as_json(given.body)
        self.send_response_only(given.status)
        for name, value in {"Content-Type": "application/json", **given.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_LIST = _serve  # noqa: N815 - as called

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the overridden name
        """Say nothing."""


def _as_json(body: object) -> bytes:
    return b"" if body is None else json.dumps(body).encode()


def ask(url: str, headers: dict[str, str]) -> object:
    """Read JSON with the standard library: the second client, which shares no code with ours."""
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - our own loopback URL
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - see above
        told: object = json.loads(answer.read())
    return told
