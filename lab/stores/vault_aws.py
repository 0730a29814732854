"""An AWS secrets engine of Vault's over HTTP, for tests without the server: written after 1.21.4.

It answers as the server was seen to, and does to IAM what the server does, for one kind of role
each: users for leases, nothing for sessions, keys for static roles and for itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from lab.stores.loopback import Asked, Given

MOUNT = "aws"
_GONE = Given(status=404, body={"errors": []})
_NO_CONTENT = Given(status=204)


class Iam(Protocol):
    """What the engine does in IAM."""

    def create_user(self, name: str) -> None:
        """Create a user."""
        ...

    def delete_user(self, name: str) -> None:
        """Delete a user with all that it has."""
        ...

    def create_key(self, user: str) -> tuple[str, str]:
        """Create a key; returns its id and its secret."""
        ...

    def delete_key(self, user: str, key_id: str) -> None:
        """Delete a key."""
        ...

    def keys(self, user: str) -> tuple[str, ...]:
        """Return the ids of a user's keys, the oldest first."""
        ...


@dataclass
class Lease:
    """One lease; a session of STS has no user."""

    issued_at: datetime
    user: str | None


@dataclass
class VaultAwsLab:
    """One engine at `aws/`.

    `roles` maps a name to what `GET roles/NAME` tells; `static` likewise for static roles.
    """

    token: str
    iam: Iam
    root_user: str = "vault-root"
    root_key: str = ""
    template: str | None = None
    roles: dict[str, dict[str, object]] = field(default_factory=dict)
    static: dict[str, dict[str, object]] = field(default_factory=dict)
    static_keys: dict[str, tuple[str, str]] = field(default_factory=dict)
    leases: dict[str, Lease] = field(default_factory=dict)
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    forbidden: set[str] = field(default_factory=set)
    keeps_old_root_key: bool = False
    """Whether its deletion of the old key fails, as where its user may not delete keys."""
    has_rotate_role: bool = False
    asked: list[Asked] = field(default_factory=list)
    _count: int = 0

    def __call__(self, asked: Asked) -> Given:
        """Answer one request."""
        self.asked.append(asked)
        path = asked.path.removeprefix("/v1/").rstrip("/")
        if asked.headers.get("x-vault-token") != self.token or path in self.forbidden:
            return Given(status=403, body={"errors": ["1 error occurred:\n\t* permission denied"]})
        if path == "sys/internal/ui/mounts":
            engines = {"aws/": {"type": "aws", "options": None}, "kv/": {"type": "kv"}}
            return Given(body={"data": {"secret": engines}})
        if path.startswith("sys/leases/"):
            return self._leases(asked, path.removeprefix("sys/leases/"))
        mount, _, rest = path.partition("/")
        return self._engine(asked, rest) if mount == MOUNT else _GONE

    def issue(self, role: str, *, display: str = "token", place: str = "creds") -> str:
        """Issue a lease as `GET creds/ROLE` does; returns its id."""
        lease = self._issue(role, display, place)["lease_id"]
        return str(lease)

    def _engine(self, asked: Asked, rest: str) -> Given:  # noqa: PLR0911 - one case a path
        kind, _, name = rest.partition("/")
        match kind:
            case "config":
                return self._config(asked, name)
            case "roles":
                return _listing(self.roles) if not name else _read(self.roles.get(name))
            case "creds" | "sts" if name in self.roles:
                return Given(body=self._issue(name, "token", kind))
            case "static-roles":
                return _listing(self.static) if not name else self._static(asked, name)
            case "static-creds" if name in self.static_keys:
                key_id, secret = self.static_keys[name]
                return Given(body={"data": {"access_key": key_id, "secret_key": secret}})
            case "rotate-role" if self.has_rotate_role and name in self.static:
                return self._rotate_role(asked, name)
            case _:
                return _GONE

    def _config(self, asked: Asked, name: str) -> Given:
        if name == "root":
            data = {"access_key": self.root_key, "username_template": self.template}
            return Given(body={"data": data})
        if name != "rotate-root" or asked.method == "GET":
            return _GONE
        if self.root_key not in self.iam.keys(self.root_user):
            return _failed("error calling CreateAccessKey: InvalidClientTokenId")
        if len(self.iam.keys(self.root_user)) > 1:
            return _failed("error calling CreateAccessKey: LimitExceeded")
        old, (self.root_key, _) = self.root_key, self.iam.create_key(self.root_user)
        if self.keeps_old_root_key:
            return _failed("error deleting old access key: AccessDenied")
        self.iam.delete_key(self.root_user, old)
        return Given(body={"request_id": "r-1", "data": {"access_key": self.root_key}})

    def _issue(self, role: str, display: str, place: str) -> dict[str, object]:
        self._count += 1
        now = self.now()
        suffix = f"{self._count:020d}"
        lease = f"{MOUNT}/{place}/{role}/lease{suffix}"
        if self.roles[role]["credential_type"] == "iam_user":
            user = f"vault-{f'{display}-{role}'[:42]}-{int(now.timestamp())}-{suffix}"[:64]
            self.iam.create_user(user)
            key_id, secret = self.iam.create_key(user)
            data: dict[str, object] = {"access_key": key_id, "secret_key": secret}
            self.leases[lease] = Lease(now, user)
        else:
            session = {"security_token": "issued-token", "session_token": "issued-token"}
            data = {"access_key": f"ASIA{self._count:016d}", "secret_key": "issued", **session}
            self.leases[lease] = Lease(now, None)
        return {"request_id": f"r-{self._count}", "lease_id": lease, "data": data}

    def _static(self, asked: Asked, name: str) -> Given:
        role = self.static.get(name)
        if asked.method == "GET":
            return _read(None if role is None else {"name": name, "id": "AIDA", **role})
        if asked.method == "DELETE":
            key = self.static_keys.pop(name, None)
            if role is not None and key is not None:
                self.iam.delete_key(str(role["username"]), key[0])
            self.static.pop(name, None)
            return _NO_CONTENT
        self.static[name] = role = dict(asked.body)
        if name not in self.static_keys:
            self._new_static_key(name, str(role["username"]))
        return Given(body={"data": role})

    def _rotate_role(self, asked: Asked, name: str) -> Given:
        if asked.query.get("help"):
            return Given(body={"help": "Request to rotate the credentials of a static role"})
        self._new_static_key(name, str(self.static[name]["username"]))
        return _NO_CONTENT

    def _new_static_key(self, name: str, user: str) -> None:
        keys = self.iam.keys(user)
        if len(keys) > 1:
            self.iam.delete_key(user, keys[0])
        self.static_keys[name] = self.iam.create_key(user)

    def _leases(self, asked: Asked, rest: str) -> Given:
        verb, _, prefix = rest.partition("/")
        if verb == "lookup" and asked.method == "LIST":
            inside = [each for each in self.leases if each.startswith(f"{prefix}/")]
            return _listing([each.removeprefix(f"{prefix}/") for each in inside])
        if verb == "lookup":
            return self._lookup(str(asked.body.get("lease_id")))
        if verb == "revoke":
            self._revoke(str(asked.body.get("lease_id")))
        if verb == "revoke-prefix":
            for each in [one for one in self.leases if one.startswith(f"{prefix}/")]:
                self._revoke(each)
        return _NO_CONTENT

    def _lookup(self, lease_id: str) -> Given:
        lease = self.leases.get(lease_id)
        if lease is None:
            return Given(status=400, body={"errors": ["invalid lease"]})
        stamp = f"{lease.issued_at:%Y-%m-%dT%H:%M:%S}.123456789Z"
        return Given(body={"data": {"id": lease_id, "issue_time": stamp, "expire_time": stamp}})

    def _revoke(self, lease_id: str) -> None:
        lease = self.leases.pop(lease_id, None)
        if lease is not None and lease.user is not None:
            self.iam.delete_user(lease.user)


def _read(told: dict[str, object] | None) -> Given:
    return _GONE if told is None else Given(body={"data": told})


def _listing(names: list[str] | dict[str, dict[str, object]]) -> Given:
    return Given(body={"data": {"keys": sorted(names)}}) if names else _GONE


def _failed(why: str) -> Given:
    return Given(status=500, body={"errors": [f"1 error occurred:\n\t* {why}"]})
