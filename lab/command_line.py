"""The real `python -m unleak` in a process of its own, as a script or a person runs it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from lab.server import plain_environment
from lab.wire import REGION, Answer, Keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """What a run left behind."""

    arguments: tuple[str, ...]
    code: int
    stdout: str
    stderr: str

    @property
    def document(self) -> Answer:
        """The one JSON document on stdout.

        Raises:
            AssertionError: stdout holds anything else.
        """
        try:
            return Answer(json.loads(self.stdout))
        except ValueError as error:
            message = f"stdout is not one JSON document\n{self}"
            raise AssertionError(message) from error

    @property
    def incident(self) -> str:
        """The id of the incident that the run opened."""
        return self.document.text("incident")

    @property
    def cutoff(self) -> datetime:
        """The instant before which sessions are denied."""
        return datetime.fromisoformat(self.document.text("cutoff"))

    def __str__(self) -> str:
        command = " ".join(("unleak", *self.arguments))
        return f"{command}\nexit {self.code}\nstdout:\n{self.stdout}\nstderr:\n{self.stderr}"


@dataclass(slots=True, kw_only=True)
class CommandLine:
    """A shell with the responder's environment and a state folder of its own.

    Args:
        home: what `UNLEAK_HOME` names.
        endpoint: URL of the cloud, or of the proxy in front of it.
        keys: the responder's credentials.
        extra: more environment variables.
    """

    home: Path
    endpoint: str
    keys: Keys
    extra: Mapping[str, str] = field(default_factory=dict)
    hold: str | None = "0"
    """What `revoke` is told with `--hold`: most scenarios have no thief who fights back, and a
    minute each; None says nothing, so that unleak decides."""
    _running: subprocess.Popen[str] | None = None

    @property
    def environment(self) -> dict[str, str]:
        """All that a run sees; nothing of the developer's own AWS settings."""
        return {
            **plain_environment(),
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": REGION,
            "AWS_CONFIG_FILE": str(self.home / "no-config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(self.home / "no-credentials"),
            "AWS_EC2_METADATA_DISABLED": "true",
            "UNLEAK_HOME": str(self.home),
            "PYTHONUTF8": "1",
            **self.keys.environment,
            **self.extra,
        }

    @property
    def pid(self) -> int:
        """The process id of the run under way.

        Raises:
            RuntimeError: none is.
        """
        if self._running is None:
            message = "nothing is running"
            raise RuntimeError(message)
        return self._running.pid

    def behind(self, endpoint: str) -> CommandLine:
        """Return the same shell pointed at another endpoint, a proxy for example."""
        return replace(self, endpoint=endpoint, _running=None)

    def run(self, *arguments: str, stdin: str = "", seconds: float = 240) -> Finished:
        """Run to the end without a terminal; `stdin` is what is piped in.

        Raises:
            AssertionError: it did not end in time; the message shows what it said.
        """
        process = self._running = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "unleak", *self.with_hold(arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
            env=self.environment,
            # no terminal to fall back on, not even the one the tests were started from
            start_new_session=True,
        )
        in_time = True
        try:
            stdout, stderr = process.communicate(stdin, timeout=seconds)
        except subprocess.TimeoutExpired:
            in_time = False
            process.kill()
            stdout, stderr = process.communicate()
        done = Finished(arguments=arguments, code=process.returncode, stdout=stdout, stderr=stderr)
        if not in_time:
            message = f"still running after {seconds:.0f} s\n{done}"
            raise AssertionError(message)
        return done

    def with_hold(self, arguments: Sequence[str]) -> tuple[str, ...]:
        """Return the arguments of a run, with this shell's word about holding."""
        is_revoke = list(arguments[:1]) == ["revoke"]
        if self.hold is None or not is_revoke or "--hold" in arguments:
            return tuple(arguments)
        return (*arguments, "--hold", self.hold)

    def kill(self) -> None:
        """End the run as `kill -9` does: nothing of it gets a chance to tidy up."""
        if self._running is not None:
            self._running.kill()
            self._running.wait()

    def interrupt(self) -> None:
        """Press Ctrl-C (not on Windows, where a process cannot send one to another alone)."""
        if self._running is not None:
            self._running.send_signal(signal.SIGINT)
