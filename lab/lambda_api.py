"""Lambda's Runtime API on the loopback: what a runtime asks for its next event, and answers to.

Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

from __future__ import annotations

import json
import queue
import re
import sys
import threading
import time
import uuid
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TypeAlias

from lab.server import HOST

FUNCTION_ARN = "arn:aws:lambda:us-east-1:000000000000:function:unleak"
VERSION = "/2018-06-01/runtime"

_ANSWER = re.compile(rf"{VERSION}/invocation/([0-9a-f-]+)/(response|error)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """What the handler returned."""

    value: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """What the handler raised, or what kept the runtime from loading it."""

    type: str
    message: str


Answer: TypeAlias = Returned | Raised


@dataclass(frozen=True, slots=True, kw_only=True)
class _Event:
    id: str
    body: bytes
    deadline: float


class RuntimeApi:
    """The API for one runtime process; `close` lets it and its server go.

    A process gets an API of its own, so that a dead one cannot swallow the next one's event.
    """

    def __init__(self) -> None:
        self._events: queue.Queue[_Event | None] = queue.Queue()
        self._answers: queue.Queue[Answer] = queue.Queue()
        self._server = _Server((HOST, 0), _Handler)
        self._server.api = self
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        """What `AWS_LAMBDA_RUNTIME_API` has to say."""
        return f"{HOST}:{self._server.server_address[1]}"

    def put(self, event: object, *, seconds: float) -> None:
        """Hand over an event that has to be answered in so many seconds."""
        body = json.dumps(event).encode()
        deadline = time.time() + seconds
        self._events.put(_Event(id=str(uuid.uuid4()), body=body, deadline=deadline))

    def answer(self, *, seconds: float) -> Answer | None:
        """Return the answer, or None where none came so far."""
        try:
            return self._answers.get(timeout=seconds) if seconds else self._answers.get_nowait()
        except queue.Empty:
            return None

    def close(self) -> None:
        """Stop serving."""
        self._events.put(None)
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def take(self) -> _Event | None:
        """Wait for an event; for the server."""
        return self._events.get()

    def give(self, answer: Answer) -> None:
        """Take an answer in; for the server."""
        self._answers.put(answer)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    api: RuntimeApi

    def handle_error(self, request: object, client_address: object) -> None:
        """Let a runtime that was killed hang up; everything else is our own mistake."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type] # passed on as it came


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        if self.path != f"{VERSION}/invocation/next":
            self._send(404, b"{}")
            return
        event = self.server.api.take()
        if event is None:
            self.close_connection = True
            return
        headers = {
            "Lambda-Runtime-Aws-Request-Id": event.id,
            "Lambda-Runtime-Deadline-Ms": str(int(event.deadline * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": FUNCTION_ARN,
            "Lambda-Runtime-Trace-Id": "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=0",
        }
        self._send(200, event.body, headers)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        found = _ANSWER.fullmatch(self.path)
        if found is not None and found[2] == "response":
            self.server.api.give(Returned(value=json.loads(body)))
        elif found is not None or self.path == f"{VERSION}/init/error":
            self.server.api.give(_raised(body))
        else:
            self._send(404, b"{}")
            return
        self._send(202, b'{"status": "OK"}')

    def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's name
        """Say nothing."""


def _raised(body: bytes) -> Raised:
    told = json.loads(body)
    return Raised(type=str(told.get("errorType")), message=str(told.get("errorMessage")))
