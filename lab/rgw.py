"""Ceph's RADOS Gateway on the loopback interface: a production server with S3, STS and role IAM.

One monitor, one memory-backed object store and one gateway in a folder of their own, without cephx.
It has no key, user, attachment, simulation or caller-identity API: what unleak says there must
degrade honestly while the containment goes on.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
import uuid
from pathlib import Path
from types import TracebackType
from typing import Self

from lab.cloud import ALLOW_ALL, Ability, compact
from lab.server import HOST, Server, free_port, plain_environment
from lab.verdict import LAB_BUCKET, LAB_OBJECT, Verdict, rule
from lab.wire import Answer, Keys, Wire

_RESPONDER = Keys(access_key_id="LABRESPONDER00000001", secret="lab-responder-secret")  # noqa: S106 - made up
_OWNER = "responder"

_CONFIG = """\
[global]
fsid = {fsid}
mon host = v2:{host}:{mon_port}
public addr = {host}
auth cluster required = none
auth service required = none
auth client required = none
ms mon client mode = crc secure
ms bind ipv6 = false
run dir = {folder}
admin socket = {folder}/$cluster-$name.asok
pid file = {folder}/$name.pid
log file = {folder}/$name.log
mon data = {folder}/mon
mon allow pool size one = true
mon warn on pool no redundancy = false
paxos propose interval = 0.05
paxos min wait = 0.01
osd data = {folder}/osd
osd objectstore = memstore
memstore device bytes = 1073741824
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd crush chooseleaf type = 0
osd class load list = *
osd class default list = *
[client]
rgw data = {folder}/rgw
rgw frontends = beast endpoint={host}:{port} tcp_nodelay=1
rgw sts key = abcdefghijklmnop
rgw s3 auth use sts = true
rgw enable apis = s3, admin, sts, iam
rgw enable usage log = false
rgw enable ops log = false
rgw dynamic resharding = false
"""


class RadosGateway:
    """A RADOS Gateway of our own; use it as a context manager."""

    name = "rgw"
    account = ""
    abilities: frozenset[Ability] = frozenset({Ability.ROLE_IDENTITY})
    services = ("s3", "s3-bucket", "s3-object")

    def __init__(self) -> None:
        self._port = free_port()
        self._mon_port = free_port()
        self.endpoint = f"http://{HOST}:{self._port}"
        self.responder = _RESPONDER
        self.admin = Wire(endpoint=self.endpoint, keys=_RESPONDER)
        self._folder: Path | None = None
        self._servers: list[Server] = []
        self._roles: dict[str, str] = {}

    def __enter__(self) -> Self:
        self._folder = Path(tempfile.mkdtemp(prefix="unleak-rgw-"))
        try:
            self._boot(self._folder)
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

    def make_role(self, name: str, *, policy: str = ALLOW_ALL, trust: str | None = None) -> str:
        """Create a role with one inline policy `work` and return its ARN."""
        answer = self.admin.call(
            "iam", "create_role", RoleName=name, AssumeRolePolicyDocument=trust or trusting()
        )
        self._roles[name] = answer.text("Role", "Arn")
        self.admin.call(
            "iam", "put_role_policy", RoleName=name, PolicyName="work", PolicyDocument=policy
        )
        return self._roles[name]

    def make_user(self, name: str, *, policy: str = ALLOW_ALL) -> Keys:
        """Create a user with a key; done by the operator's tool, for there is no API."""
        chosen = "AKIA" + uuid.uuid4().hex[:16].upper()
        made = self._operate(
            "user",
            "create",
            f"--uid={name}",
            f"--display-name={name}",
            f"--access-key={chosen}",
        )
        keys = Answer(json.loads(made)).rows("keys")[0]
        self.admin.call(
            "iam", "put_user_policy", UserName=name, PolicyName="work", PolicyDocument=policy
        )
        return Keys(access_key_id=keys.text("access_key"), secret=keys.text("secret_key"))

    def assume(self, role: str, session_name: str) -> Keys:
        """Mint a session of a role."""
        return self.admin.call(
            "sts", "assume_role", RoleArn=self._roles[role], RoleSessionName=session_name
        ).keys()

    def session_token(self, user: Keys) -> Keys:
        """Mint a session of a user (`GetSessionToken`)."""
        return Wire(endpoint=self.endpoint, keys=user).call("sts", "get_session_token").keys()

    def federation_token(self, user: Keys, name: str) -> Keys:
        """There is no such API; the tests skip what needs it.

        Raises:
            NotImplementedError: always.
        """
        raise NotImplementedError(name, user.access_key_id)

    def probe(self, keys: Keys, service: str) -> Verdict:
        """Try a credential in one service."""
        return rule(self.endpoint, keys, service)

    def _boot(self, folder: Path) -> None:
        config = folder / "ceph.conf"
        fsid = str(uuid.uuid4())
        config.write_text(
            _CONFIG.format(
                fsid=fsid, host=HOST, mon_port=self._mon_port, port=self._port, folder=folder
            )
        )
        for name in ("mon", "osd", "rgw"):
            (folder / name).mkdir()
        address = f"[v2:{HOST}:{self._mon_port}]"
        monmap = str(folder / "monmap")
        self._run("monmaptool", "--create", "--fsid", fsid, "--addv", "a", address, monmap)
        self._run("ceph-mon", "--mkfs", "-i", "a", "--monmap", monmap)
        self._serve("ceph-mon", "-f", "-i", "a").wait_for_port(self._mon_port)
        disk = str(uuid.uuid4())
        self._run("ceph", "osd", "new", disk)
        self._run("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", disk)
        self._serve("ceph-osd", "-f", "-i", "0")
        made = self._operate(
            "user",
            "create",
            f"--uid={_OWNER}",
            "--display-name=Responder",
            f"--access-key={_RESPONDER.access_key_id}",
            f"--secret-key={_RESPONDER.secret}",
            "--caps=roles=*;user-policy=*",
        )
        Answer(json.loads(made)).rows("keys")
        self._serve("radosgw", "-f", "-n", "client.rgw").wait_for_port(self._port)
        self.admin.call("s3", "create_bucket", Bucket=LAB_BUCKET)
        self.admin.call("s3", "put_object", Bucket=LAB_BUCKET, Key=LAB_OBJECT, Body=b"lab")

    def _serve(self, program: str, *arguments: str) -> Server:
        folder = self._home
        server = Server(
            command=[program, "-c", str(folder / "ceph.conf"), *arguments],
            log=folder / f"{program}.out",
            folder=folder,
            environment=plain_environment(),
        )
        self._servers.append(server)
        server.start()
        return server

    def _operate(self, *arguments: str) -> str:
        return self._run("radosgw-admin", *arguments)

    def _run(self, program: str, *arguments: str) -> str:
        command = [program, "-c", str(self._home / "ceph.conf"), *arguments]
        if program == "monmaptool":
            command = [program, *arguments]
        done = subprocess.run(  # noqa: S603 - the lab's own command, no shell
            command,
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
            cwd=self._home,
            env=plain_environment(),
        )
        if done.returncode != 0:
            message = f"{' '.join(command)} ended with {done.returncode}\n{done.stderr[-2000:]}"
            raise RuntimeError(message)
        return done.stdout

    @property
    def _home(self) -> Path:
        if self._folder is None:
            message = "use the gateway as a context manager"
            raise RuntimeError(message)
        return self._folder

    def _close(self) -> None:
        for server in reversed(self._servers):
            server.stop()
        self._servers.clear()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)


def trusting() -> str:
    """Return a trust policy that lets the responder in."""
    principal = {"AWS": [f"arn:aws:iam:::user/{_OWNER}"]}
    statement = {"Effect": "Allow", "Principal": principal, "Action": ["sts:AssumeRole"]}
    return compact({"Version": "2012-10-17", "Statement": [statement]})
