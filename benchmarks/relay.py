"""A relay in front of the server that notes when each API call came and when it was answered.

It forwards bytes and parses next to nothing, so that it costs every contestant the same little.
"""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from lab.server import HOST

_ACTION = re.compile(rb"\bAction=(\w+)")
_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})")
_CHUNK = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and its answer, in seconds of this process's monotonic clock."""

    action: str
    status: int
    started: float
    ended: float


@dataclass(slots=True, kw_only=True)
class Relay:
    """The relay; use it as a context manager.

    Args:
        port: where the server listens on the loopback interface.
        delay_seconds: how long each answer is held back, as a network would.
    """

    port: int
    delay_seconds: float = 0
    exchanges: list[Exchange] = field(default_factory=list)
    _listener: socket.socket | None = None

    @property
    def endpoint(self) -> str:
        """The URL that contestants are sent to."""
        if self._listener is None:
            message = "use the relay as a context manager"
            raise RuntimeError(message)
        return f"http://{HOST}:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._listener = socket.create_server((HOST, 0))
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:  # closed: the bench is over
                return
            server = socket.create_connection((HOST, self.port))
            for each in (client, server):
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            talk = _Talk(
                client=client, server=server, exchanges=self.exchanges, delay=self.delay_seconds
            )
            threading.Thread(target=talk.run, daemon=True).start()


@dataclass(slots=True, kw_only=True)
class _Talk:
    """One connection: a request is open from its first byte to the first byte of its answer."""

    client: socket.socket
    server: socket.socket
    exchanges: list[Exchange]
    delay: float
    _started: float | None = None
    _request: bytes = b""

    def run(self) -> None:
        """Pass on in both directions until both have ended, and let go of both sides."""
        with self.client, self.server:
            back = threading.Thread(target=self.down, daemon=True)
            back.start()
            self.up()
            back.join()

    def up(self) -> None:
        while chunk := _receive(self.client):
            if self._started is None:
                self._started = time.monotonic()
            self._request += chunk
            self.server.sendall(chunk)
        _end(self.server)

    def down(self) -> None:
        while chunk := _receive(self.server):
            if self.delay and self._started is not None:
                time.sleep(self.delay)
            self._close_exchange(chunk, time.monotonic())
            try:
                self.client.sendall(chunk)
            except OSError:  # the contestant has gone; what it asked for was noted
                break
        _end(self.client)

    def _close_exchange(self, answer: bytes, now: float) -> None:
        if self._started is None:
            return
        action, status = _ACTION.search(self._request), _STATUS.match(answer)
        self.exchanges.append(
            Exchange(
                action=action[1].decode() if action else "?",
                status=int(status[1]) if status else 0,
                started=self._started,
                ended=now,
            )
        )
        self._started, self._request = None, b""


def rounds_before(exchanges: Iterable[Exchange], instant: float) -> int:
    """Return how many round trips, one after the other, ended before `instant`.

    Calls that overlap are one round trip: this is the longest chain of calls that do not.
    """
    rounds, free_from = 0, 0.0
    for each in sorted(exchanges, key=lambda exchange: exchange.ended):
        if each.ended <= instant and each.started >= free_from:
            rounds += 1
            free_from = each.ended
    return rounds


def _receive(connection: socket.socket) -> bytes:
    try:
        return connection.recv(_CHUNK)
    except OSError:  # reset by the other side: the same as its end
        return b""


def _end(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:  # has ended already
        return
