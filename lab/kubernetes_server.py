"""A real Kubernetes API server on the loopback: the released Go modules, built once by `make`.

Controllers and nodes are left out, so nothing runs; objects, conflicts and RBAC are the real thing.
"""

from __future__ import annotations

import json
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lab.server import HOST, Server, free_port, plain_environment

BINARY = Path(__file__).resolve().parents[1] / ".lab" / "kube-apiserver"
ADMIN, GUEST = "admin-of-the-lab", "guest-of-the-lab"
"""Tokens: one of a cluster administrator, one of a user without any right."""


@dataclass(frozen=True, kw_only=True)
class ApiServer:
    """A running server."""

    url: str
    certificate: Path
    folder: Path

    def ask(
        self, method: str, path: str, body: Mapping[str, object] | None = None
    ) -> dict[str, object]:
        """Ask as the administrator with the standard library: the tests' second client."""
        headers = {"Authorization": f"Bearer {ADMIN}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(  # noqa: S310 - our own loopback URL
            self.url + path, data=data, headers=headers, method=method
        )
        context = ssl.create_default_context(cafile=str(self.certificate))
        with urllib.request.urlopen(request, timeout=10, context=context) as answer:  # noqa: S310 - as above
            told: dict[str, object] = json.loads(answer.read())
        return told

    def kubeconfig(self, token: str, namespace: str = "default") -> str:
        """Write a kubeconfig for a token; returns its path."""
        file = self.folder / f"kubeconfig-{token}.json"
        cluster = {"server": self.url, "certificate-authority": str(self.certificate)}
        context = {"cluster": "lab", "user": "lab", "namespace": namespace}
        told = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "lab",
            "contexts": [{"name": "lab", "context": context}],
            "clusters": [{"name": "lab", "cluster": cluster}],
            "users": [{"name": "lab", "user": {"token": token}}],
        }
        file.write_text(json.dumps(told))
        return str(file)


@contextmanager
def running(folder: Path) -> Iterator[ApiServer]:
    """Run a server in a folder until the block ends."""
    port, client, peer = free_port(), free_port(), free_port()
    server = Server(
        command=_command(folder, port, client),
        log=folder / "apiserver.log",
        environment={
            **plain_environment(),
            "UNLEAK_LAB_ETCD": str(folder / "etcd"),
            "UNLEAK_LAB_ETCD_CLIENT": f"http://{HOST}:{client}",
            "UNLEAK_LAB_ETCD_PEER": f"http://{HOST}:{peer}",
        },
        folder=folder,
    )
    server.start()
    try:
        certificate = folder / "certificates" / "apiserver.crt"
        here = ApiServer(url=f"https://{HOST}:{port}", certificate=certificate, folder=folder)
        _wait_until_ready(server, here, port)
        yield here
    finally:
        server.stop()


def _command(folder: Path, port: int, client: int) -> list[str]:
    signing, verifying = folder / "signing.pem", folder / "verifying.pem"
    _openssl("genrsa", "-out", str(signing), "2048")
    _openssl("rsa", "-in", str(signing), "-pubout", "-out", str(verifying))
    tokens = folder / "tokens.csv"
    tokens.write_text(f'{ADMIN},admin,1,"system:masters"\n{GUEST},guest,2\n')
    return [
        str(BINARY),
        f"--etcd-servers=http://{HOST}:{client}",
        f"--secure-port={port}",
        f"--bind-address={HOST}",
        f"--cert-dir={folder / 'certificates'}",
        "--authorization-mode=RBAC",
        f"--token-auth-file={tokens}",
        "--service-account-issuer=https://lab.invalid",
        f"--service-account-signing-key-file={signing}",
        f"--service-account-key-file={verifying}",
        "--service-cluster-ip-range=10.0.0.0/24",
        "--disable-admission-plugins=ServiceAccount",
    ]


def _openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)  # noqa: S603, S607 - Debian's own


def _wait_until_ready(server: Server, here: ApiServer, port: int) -> None:
    server.wait_for_port(port, seconds=60)
    deadline = time.monotonic() + 60
    while True:
        try:
            here.ask("GET", "/api/v1/namespaces/default")
        except (urllib.error.URLError, ssl.SSLError, OSError):
            if time.monotonic() > deadline:
                raise
            server.check()
            time.sleep(0.2)
        else:
            return
