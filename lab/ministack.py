"""MiniStack on a free loopback port: an AWS double that enforces IAM in ten services."""

from __future__ import annotations

import http.client
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from types import TracebackType
from typing import Self

from lab.cloud import ALLOW_ALL, Ability, compact
from lab.server import HOST, Server, ServerFailed, free_port, plain_environment
from lab.verdict import Verdict, rule
from lab.wire import REGION, Keys, Wire

_PROJECT = Path(__file__).resolve().parent.parent
_VENV = _PROJECT / ".lab" / "ministack-venv"
_LOCKED = _PROJECT / "requirements" / "ministack.txt"
_UNLOCKED = "ministack==1.5.33"
_ROOT = Keys(access_key_id="AKIAROOTROOTROOTROOT", secret="lab-root-secret")  # noqa: S106 - made up
ACCOUNT = "000000000000"
OTHER_ACCOUNT = Keys(access_key_id="222222222222", secret="lab-other-secret")  # noqa: S106 - made up
"""MiniStack takes twelve digits for the root key of the account of that number."""


def executable() -> str:
    """Return the path of `ministack`, installed on first use into a virtual environment of its own.

    It pins its own botocore, so it must not share ours.  `UNLEAK_MINISTACK` names another one.
    """
    given = os.environ.get("UNLEAK_MINISTACK")
    if given:
        return given
    scripts = _VENV / ("Scripts" if sys.platform == "win32" else "bin")
    found = shutil.which("ministack", path=str(scripts))
    if found is None:
        _install(scripts)
        found = shutil.which("ministack", path=str(scripts))
    if found is None:
        message = f"pip put no ministack into {scripts}"
        raise FileNotFoundError(message)
    return found


def _install(scripts: Path) -> None:
    wanted = ["--require-hashes", "-r", str(_LOCKED)] if _LOCKED.exists() else [_UNLOCKED]
    venv.create(_VENV, with_pip=True, clear=True)
    python = shutil.which("python", path=str(scripts)) or str(scripts / "python")
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *wanted]
    subprocess.run(pip, check=True)  # noqa: S603 - pip with our own arguments


def trusting(account: str = ACCOUNT) -> str:
    """Return a trust policy that lets everybody of one account in."""
    principal = {"AWS": f"arn:aws:iam::{account}:root"}
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return compact({"Version": "2012-10-17", "Statement": [statement]})


class MiniStack:
    """A MiniStack of our own; use it as a context manager."""

    name = "ministack"
    account = ACCOUNT
    outsider_keys = OTHER_ACCOUNT
    abilities = frozenset(Ability) - {Ability.TIMED_SIMULATION, Ability.ROLE_IDENTITY}
    services = ("s3", "sqs", "dynamodb", "ec2", "lambda", "secretsmanager", "ssm", "iam", "sns")

    def __init__(self) -> None:
        self._port = free_port()
        self.endpoint = f"http://{HOST}:{self._port}"
        self.admin = Wire(endpoint=self.endpoint, keys=_ROOT)
        self._folder: Path | None = None
        self._server: Server | None = None
        self._responder: Keys | None = None

    @property
    def responder(self) -> Keys:
        """A user `responder` who may do everything; not root, as in real life."""
        if self._responder is None:
            self._responder = self.make_user("responder")
        return self._responder

    def __enter__(self) -> Self:
        self._folder = folder = Path(tempfile.mkdtemp(prefix="unleak-ministack-"))
        self._server = Server(
            command=[executable()],
            log=folder / "log",
            folder=folder,
            environment={**plain_environment(), **self._settings(folder)},
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

    def forget(self) -> None:
        """Be as new: nothing that was made here is left, and no credential of it works any more.

        A start takes it twenty times as long, and what it imports for each service again.
        """
        connection = http.client.HTTPConnection(HOST, self._port)
        try:
            connection.request("POST", "/_ministack/reset")
            status = connection.getresponse().status
        finally:
            connection.close()
        if status != http.client.OK:
            message = f"MiniStack does not forget: {status}"
            raise ServerFailed(message)
        self._responder = None

    def make_role(self, name: str, *, policy: str = ALLOW_ALL, trust: str | None = None) -> str:
        """Create a role with one inline policy `work` and return its ARN."""
        answer = self.admin.call(
            "iam", "create_role", RoleName=name, AssumeRolePolicyDocument=trust or trusting()
        )
        self.admin.call(
            "iam", "put_role_policy", RoleName=name, PolicyName="work", PolicyDocument=policy
        )
        return answer.text("Role", "Arn")

    def make_user(self, name: str, *, policy: str = ALLOW_ALL) -> Keys:
        """Create a user with one inline policy `work` and a key."""
        self.admin.call("iam", "create_user", UserName=name)
        self.admin.call(
            "iam", "put_user_policy", UserName=name, PolicyName="work", PolicyDocument=policy
        )
        answer = self.admin.call("iam", "create_access_key", UserName=name)
        return Keys(
            access_key_id=answer.text("AccessKey", "AccessKeyId"),
            secret=answer.text("AccessKey", "SecretAccessKey"),
        )

    def assume(self, role: str, session_name: str) -> Keys:
        """Mint a session of a role."""
        arn = f"arn:aws:iam::{ACCOUNT}:role/{role}"
        return self.admin.call(
            "sts", "assume_role", RoleArn=arn, RoleSessionName=session_name
        ).keys()

    def session_token(self, user: Keys) -> Keys:
        """Mint a session of a user (`GetSessionToken`)."""
        return Wire(endpoint=self.endpoint, keys=user).call("sts", "get_session_token").keys()

    def federation_token(self, user: Keys, name: str) -> Keys:
        """Mint a federated session from a user's key (`GetFederationToken`)."""
        wire = Wire(endpoint=self.endpoint, keys=user)
        return wire.call("sts", "get_federation_token", Name=name, Policy=ALLOW_ALL).keys()

    def probe(self, keys: Keys, service: str) -> Verdict:
        """Try a credential in one service."""
        return rule(self.endpoint, keys, service)

    def _settings(self, folder: Path) -> dict[str, str]:
        return {
            "AUTH": "true",
            "BIND_HOST": HOST,
            "GATEWAY_PORT": str(self._port),
            "CLOUDTRAIL_RECORDING": "1",
            "MINISTACK_REGION": REGION,
            "S3_DATA_DIR": str(folder / "s3"),
            "TMPDIR": str(folder),
            "LOG_LEVEL": "WARNING",
            "SFN_WAIT_SCALE": "0",  # state machines retry at once
            **_ROOT.environment,
        }

    def _close(self) -> None:
        if self._server is not None:
            self._server.stop()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
