"""A server process of ours: a free port, a start, a wait until it answers, an end by its own id."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

HOST = "127.0.0.1"


class ServerFailed(Exception):
    """The server ended, or did not answer in time; the message holds the end of its log."""


def free_port() -> int:
    """Return a loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def is_open(port: int) -> bool:
    """Whether somebody listens on a loopback port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0


def plain_environment() -> dict[str, str]:
    """Return this process's environment without anything of AWS's, Vault's or unleak's.

    A developer's own credentials must never reach a test, nor a test a real account.
    """
    ours = ("AWS_", "UNLEAK_", "BOTO", "CEPH_", "VAULT_")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


@dataclass(slots=True, kw_only=True)
class Server:
    """One child process with its log file; `stop` ends it and nothing else."""

    command: Sequence[str]
    log: Path
    environment: Mapping[str, str]
    folder: Path
    _process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it in a folder of its own; its words go to the log file."""
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 - the lab's own command, no shell
                list(self.command),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                env=dict(self.environment),
            )

    def wait_for_port(self, port: int, *, seconds: float = 30) -> None:
        """Wait until it listens.

        Raises:
            ServerFailed: it ended or stayed silent.
        """
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.check()
            if is_open(port):
                return
            time.sleep(0.05)
        message = f"{self.command[0]} did not listen on {port} in {seconds:.0f} s\n{self.tail()}"
        raise ServerFailed(message)

    def check(self) -> None:
        """Make sure that it is alive.

        Raises:
            ServerFailed: it is not.
        """
        if self._process is None or self._process.poll() is not None:
            message = f"{self.command[0]} is not running\n{self.tail()}"
            raise ServerFailed(message)

    def tail(self) -> str:
        """Return the end of its log."""
        return self.log.read_text(errors="replace")[-2000:] if self.log.exists() else ""

    def stop(self) -> None:
        """End it, gently first; a second call does nothing."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None
