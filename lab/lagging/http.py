"""The cloud over HTTP on the loopback interface, for the real command line."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from lab.lagging.exchange import answer
from lab.lagging.wire_read import Request
from lab.server import HOST

if TYPE_CHECKING:
    from lab.lagging.cloud import LaggingCloud


@contextmanager
def serve(cloud: LaggingCloud) -> Iterator[str]:
    """Serve a cloud on a free port until the block ends; gives the URL."""
    server = _Server(cloud)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://{HOST}:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    """A server that knows its cloud."""

    daemon_threads = True

    def __init__(self, cloud: LaggingCloud) -> None:
        super().__init__((HOST, 0), _Handler)
        self.cloud = cloud


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        request = Request(
            method=self.command,
            url=f"http://{self.headers.get('Host', '')}{self.path}",
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(length),
        )
        given = answer(self.server.cloud, request)
        self.send_response_only(given.status)
        for name, value in given.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(given.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(given.body)

    do_GET = do_POST = do_PUT = do_HEAD = _serve  # noqa: N815 - the names that http.server calls

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the overridden name
        """Say nothing: what happened is in `cloud.calls`."""
