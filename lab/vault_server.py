"""A real Vault server on the loopback, its AWS engine working in one of the lab's clouds.

The released Go module, built once by `make` (see `vault/build.sh`); storage is memory.
"""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lab.server import HOST, Server, free_port, plain_environment
from lab.trouble import Reply
from lab.wire import REGION, Answer, Keys

if TYPE_CHECKING:
    from lab.ministack import MiniStack

BINARY = Path(__file__).resolve().parents[1] / ".lab" / "vault"
ROOT_USER = "vault-root"


@dataclass(frozen=True, kw_only=True)
class VaultServer:
    """A running server."""

    url: str
    token: str

    @property
    def environment(self) -> dict[str, str]:
        """What a shell needs to be its client."""
        return {"VAULT_ADDR": self.url, "VAULT_TOKEN": self.token}

    def ask(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Answer:
        """Ask with the standard library: the tests' second client.

        Raises:
            urllib.error.HTTPError: it says no.
        """
        request = urllib.request.Request(  # noqa: S310 - our own loopback URL
            f"{self.url}/v1/{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"X-Vault-Token": self.token},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - as above
            content = answer.read()
        return Answer(json.loads(content) if content else {})

    def issue(self, path: str) -> tuple[str, Keys]:
        """Read credentials as a consumer does; returns the lease's id and the credential."""
        told = self.ask("GET", path)
        token = told.value("data", "session_token")
        keys = Keys(
            access_key_id=told.text("data", "access_key"),
            secret=told.text("data", "secret_key"),
            token=token if isinstance(token, str) else None,
        )
        return told.text("lease_id"), keys

    def has_lease(self, lease: str) -> bool:
        """Whether it knows a lease."""
        try:
            self.ask("PUT", "sys/leases/lookup", {"lease_id": lease})
        except urllib.error.HTTPError as error:
            if error.code != 400:  # noqa: PLR2004 - what it says of a lease that it has not
                raise
            return False
        return True


@contextmanager
def running(folder: Path) -> Iterator[VaultServer]:
    """Run a server in a folder until the block ends."""
    port, token = free_port(), folder / "token"
    server = Server(
        command=[str(BINARY)],
        log=folder / "vault.log",
        environment={
            **plain_environment(),
            "UNLEAK_LAB_VAULT": f"{HOST}:{port}",
            "UNLEAK_LAB_VAULT_TOKEN": str(token),
        },
        folder=folder,
    )
    server.start()
    try:
        server.wait_for_port(port, seconds=60)
        here = VaultServer(url=f"http://{HOST}:{port}", token=token.read_text())
        _wait_until_active(server, here)
        yield here
    finally:
        server.stop()


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnName(Reply):
    """What AWS says to `GetUser` without a name: whose key it is that asks.

    MiniStack says `root` to everybody, so a proxy has to say it where Vault rotates its own key.
    Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetUser.html
    """

    status: int = 200
    code: str = ""

    def body(self) -> bytes:
        """Return the XML."""
        user = (
            f"<UserName>{ROOT_USER}</UserName><UserId>AIDALAB</UserId><Path>/</Path>"
            f"<Arn>arn:aws:iam::000000000000:user/{ROOT_USER}</Arn>"
            "<CreateDate>2026-01-01T00:00:00Z</CreateDate>"
        )
        return (
            '<GetUserResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><GetUserResult>'
            f"<User>{user}</User></GetUserResult></GetUserResponse>"
        ).encode()


def mount_aws(vault: VaultServer, cloud: MiniStack, mount: str, endpoint: str) -> Keys:
    """Enable the AWS engine with a key of its own user in a cloud; returns that key.

    Args:
        vault: the server.
        cloud: where the user is made.
        mount: the path of the engine.
        endpoint: URL of the cloud, or of the proxy in front of it.
    """
    keys = cloud.make_user(ROOT_USER)
    vault.ask("POST", f"sys/mounts/{mount}", {"type": "aws"})
    config = {
        "access_key": keys.access_key_id,
        "secret_key": keys.secret,
        "region": REGION,
        "iam_endpoint": endpoint,
        "sts_endpoint": endpoint,
    }
    vault.ask("POST", f"{mount}/config/root", config)
    return keys


def _wait_until_active(server: Server, here: VaultServer) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            here.ask("GET", "sys/internal/ui/mounts")
        except (urllib.error.URLError, OSError):
            if time.monotonic() > deadline:
                raise
            server.check()
            time.sleep(0.1)
        else:
            return
