"""Plain botocore calls with given keys: what the lab says to a cloud, without unleak's own code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Protocol
from urllib.parse import unquote

import botocore.session
from botocore.config import Config
from botocore.handlers import json_decode_policies

if TYPE_CHECKING:
    from botocore.client import BaseClient

REGION = "us-east-1"

_CONFIG = Config(
    retries={"total_max_attempts": 1, "mode": "standard"},
    s3={"addressing_style": "path"},
    signature_version="v4",
    connect_timeout=5,
    read_timeout=30,
)


class _Operation(Protocol):
    """A method of a botocore client, which are made at run time."""

    def __call__(self, **parameters: object) -> Mapping[str, object]: ...


class _Presign(Protocol):
    """`generate_presigned_url` of a botocore client."""

    def __call__(self, operation: str, *, Params: Mapping[str, str], ExpiresIn: int) -> str: ...  # noqa: N803 - botocore's names


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """One credential of the lab; nothing in here is worth a secret."""

    access_key_id: str
    secret: str
    token: str | None = None

    @property
    def environment(self) -> dict[str, str]:
        """The variables that hand it to an AWS tool."""
        variables = {
            "AWS_ACCESS_KEY_ID": self.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.secret,
        }
        return variables if self.token is None else {**variables, "AWS_SESSION_TOKEN": self.token}

    @property
    def export_lines(self) -> str:
        """What a person sees, and shows, in a terminal."""
        return "".join(f'export {name}="{value}"\n' for name, value in self.environment.items())


@dataclass(frozen=True, slots=True)
class Answer:
    """The parsed answer to a call, read by path; a missing part fails the test that asked."""

    fields: Mapping[str, object]

    def text(self, *path: str) -> str:
        """Return the text or number at `path` as text."""
        return str(self._at(path))

    def rows(self, *path: str) -> tuple[Answer, ...]:
        """Return the list of structures at `path`."""
        found = self._at(path)
        if not isinstance(found, list):
            message = f"no list at {path}: {found!r}"
            raise TypeError(message)
        return tuple(Answer(row) for row in found)

    def part(self, *path: str) -> Answer:
        """Return the structure at `path`."""
        found = self._at(path)
        if not isinstance(found, Mapping):
            message = f"no structure at {path}: {found!r}"
            raise TypeError(message)
        return Answer(found)

    def value(self, *path: str) -> object:
        """Return whatever is at `path`, None included."""
        return self._at(path)

    def names(self, *path: str) -> tuple[str, ...]:
        """Return the list of texts at `path`."""
        found = self._at(path)
        if not isinstance(found, list):
            message = f"no list at {path}: {found!r}"
            raise TypeError(message)
        return tuple(str(name) for name in found)

    def has(self, name: str) -> bool:
        """Whether there is such a field."""
        return name in self.fields

    def keys(self) -> Keys:
        """Read `Credentials`, as all minting calls of STS answer."""
        return Keys(
            access_key_id=self.text("Credentials", "AccessKeyId"),
            secret=self.text("Credentials", "SecretAccessKey"),
            token=self.text("Credentials", "SessionToken"),
        )

    def _at(self, path: tuple[str, ...]) -> object:
        found: object = self.fields
        for name in path:
            if not isinstance(found, Mapping) or name not in found:
                message = f"no {'.'.join(path)} in the answer"
                raise LookupError(message)
            found = found[name]
        return found


@cache
def _session() -> botocore.session.Session:
    return botocore.session.Session()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """One caller at one endpoint; clients are made once a service."""

    endpoint: str
    keys: Keys
    region: str = REGION
    _clients: dict[str, BaseClient] = field(default_factory=dict, repr=False, compare=False)

    def call(self, service: str, operation: str, /, **parameters: object) -> Answer:
        """Make one call, `wire.call("iam", "get_role", RoleName="app")`; no retries.

        Raises:
            ClientError: the cloud refused.
        """
        run: _Operation = getattr(self._client(service), operation)
        return Answer(run(**parameters))

    def presign(self, bucket: str, key: str, *, seconds: int = 600) -> str:
        """Return a presigned URL that reads one object."""
        method = "generate_presigned_url"
        sign: _Presign = getattr(self._client("s3"), method)
        return sign("get_object", Params={"Bucket": bucket, "Key": key}, ExpiresIn=seconds)

    def policy_text(self, holder: str, policy_name: str) -> str:
        """Return an inline policy byte for byte, as the cloud keeps it.

        Args:
            holder: `role/NAME` or `user/NAME`.
            policy_name: the name of the inline policy.
        """
        kind, name = holder.split("/", 1)
        parameters = {f"{kind.capitalize()}Name": name, "PolicyName": policy_name}
        answer = self.call("iam", f"get_{kind}_policy", **parameters)
        return unquote(answer.text("PolicyDocument"))

    def policy_names(self, holder: str) -> tuple[str, ...]:
        """Return the names of the inline policies of `role/NAME` or `user/NAME`."""
        kind, name = holder.split("/", 1)
        parameters = {f"{kind.capitalize()}Name": name}
        return self.call("iam", f"list_{kind}_policies", **parameters).names("PolicyNames")

    def _client(self, service: str) -> BaseClient:
        if service not in self._clients:
            client = _session().create_client(
                service,
                region_name=self.region,
                endpoint_url=self.endpoint,
                aws_access_key_id=self.keys.access_key_id,
                aws_secret_access_key=self.keys.secret,
                aws_session_token=self.keys.token,
                config=_CONFIG,
            )
            # botocore parses policy documents into dicts; the lab compares their exact text
            client.meta.events.unregister("after-call.iam", json_decode_policies)
            self._clients[service] = client
        return self._clients[service]
