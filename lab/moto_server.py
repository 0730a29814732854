"""Moto on a free loopback port: a second double of AWS for the stores; it enforces no IAM at all.

A write that two doubles, made by different people, show to a plain client in the same way is worth
more than one; what is refused, and when, is the other clouds' business.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from lab.ministack import executable, trusting
from lab.server import HOST, Server, free_port, plain_environment
from lab.wire import Keys, Wire

ACCOUNT = "123456789012"


class MotoServer:
    """A moto server of our own, installed beside MiniStack; use it as a context manager."""

    name = "moto"
    account = ACCOUNT

    def __init__(self) -> None:
        self._port = free_port()
        self.endpoint = f"http://{HOST}:{self._port}"
        self.responder = Keys(access_key_id="AKIAMOTOMOTOMOTOMOTO", secret="lab-moto-secret")  # noqa: S106 - made up
        self.admin = Wire(endpoint=self.endpoint, keys=self.responder)
        self._folder: Path | None = None
        self._server: Server | None = None

    def __enter__(self) -> Self:
        scripts = Path(executable()).parent
        found = shutil.which("moto_server", path=str(scripts))
        if found is None:
            message = "moto is not beside MiniStack: `make clean`, then `make test` installs both"
            raise FileNotFoundError(message)
        self._folder = folder = Path(tempfile.mkdtemp(prefix="unleak-moto-"))
        self._server = Server(
            command=[found, "-H", HOST, "-p", str(self._port)],
            log=folder / "log",
            folder=folder,
            environment={**plain_environment(), "TMPDIR": str(folder)},
        )
        try:
            self._server.start()
            self._server.wait_for_port(self._port)
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def make_role(self, name: str) -> str:
        """Create a role and return its ARN."""
        trust = trusting(ACCOUNT)
        answer = self.admin.call(
            "iam", "create_role", RoleName=name, AssumeRolePolicyDocument=trust
        )
        return answer.text("Role", "Arn")

    def _close(self) -> None:
        if self._server is not None:
            self._server.stop()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
