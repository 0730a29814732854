"""The AWS secrets engines of one Vault or OpenBao, over its HTTP API."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from unleak.aws.answer import Answer, part, some_text, text, texts
from unleak.evidence.clean import printable
from unleak.model.outcome import Receipt
from unleak.model.vault import (
    StaticRole,
    VaultLease,
    VaultRole,
    VaultRoot,
    VaultType,
)
from unleak.stores.failures import NO_SUCH_THING, StoreRefused
from unleak.vault.trial import Trial

if TYPE_CHECKING:
    from collections.abc import Callable

    from unleak.model.vault_action import TryNewLease
    from unleak.stores.vault_client import Vault
    from unleak.vault.trial import Served

_BAD_REQUEST: Final = 400
_NO_LEASE: Final = "invalid lease"
_NOT_SETTINGS: Final = frozenset({"id", "name"})
"""What a static role tells of itself that cannot be written."""
_LONGEST: Final = 200


class AwsEngines:
    """Reads and changes what the AWS engines hold; see `VaultReader` and `VaultWriter`.

    Source: https://developer.hashicorp.com/vault/api-docs/secret/aws

    Args:
        vault: signed in.
        served: asks AWS whether a credential that was just issued is served.
        pause: waits for a number of seconds.
    """

    def __init__(self, vault: Vault, *, served: Served, pause: Callable[[float], None]) -> None:
        self._vault = vault
        self._served = served
        self._pause = pause

    def mounts(self) -> tuple[str, ...]:
        """Return the paths of the AWS engines that the token can see."""
        engines = part(self._data("get", "sys/internal/ui/mounts"), "secret")
        return tuple(
            _shown(str(path).strip("/"))
            for path in engines
            if text(part(engines, str(path)), "type") == "aws"
        )

    def roles(self, mount: str) -> tuple[str, ...]:
        """Return the names of an engine's roles."""
        return self._keys(f"{quote(mount)}/roles")

    def role(self, mount: str, name: str) -> VaultRole | None:
        """Return one role; what an old Vault calls `credential_type` is a list since."""
        told = self._vault.ask("get", f"{quote(mount)}/roles/{quote(name)}")
        if told is None:
            return None
        data = part(told, "data")
        types = texts(data, "credential_types") or tuple(text(data, "credential_type").split(","))
        known = {str(each) for each in VaultType}
        return VaultRole(
            mount=mount,
            name=name,
            types=tuple(VaultType(each) for each in types if each in known),
            unknown_types=tuple(_shown(each) for each in types if each not in known),
            role_arns=tuple(_shown(each) for each in texts(data, "role_arns")),
        )

    def leases(self, path: str) -> tuple[str, ...]:
        """Return the ids of the leases below a path; needs `sudo` in Vault's policy.

        Source: https://developer.hashicorp.com/vault/api-docs/system/leases
        """
        keys = self._keys(f"sys/leases/lookup/{quote(path)}/")
        return tuple(f"{path}/{key}" for key in keys if not key.endswith("/"))

    def lease(self, lease_id: str) -> VaultLease | None:
        """Return one lease; Vault says 400 of one that it does not have."""
        try:
            told = self._vault.ask("post", "sys/leases/lookup", body={"lease_id": lease_id})
        except StoreRefused as error:
            if error.status == _BAD_REQUEST and _NO_LEASE in error.message:
                return None
            raise
        data = part(told or {}, "data")
        return VaultLease(
            id=lease_id,
            issued_at=_instant(text(data, "issue_time")),
            expires_at=_instant(text(data, "expire_time")),
        )

    def root(self, mount: str) -> VaultRoot:
        """Return what an engine signs in to AWS with; its secret is never told."""
        data = self._data("get", f"{quote(mount)}/config/root")
        key_id = some_text(data, "access_key")
        return VaultRoot(
            mount=mount,
            key_id=None if key_id is None else _shown(key_id),
            username_template=some_text(data, "username_template"),
        )

    def static_roles(self, mount: str) -> tuple[str, ...]:
        """Return the names of an engine's static roles; none where it is too old for them."""
        return self._keys(f"{quote(mount)}/static-roles")

    def static_role(self, mount: str, name: str) -> StaticRole | None:
        """Return one static role with the id of the key that Vault has for it."""
        told = self._vault.ask("get", f"{quote(mount)}/static-roles/{quote(name)}")
        if told is None:
            return None
        data = part(told, "data")
        key_id = some_text(
            self._data("get", f"{quote(mount)}/static-creds/{quote(name)}"), "access_key"
        )
        return StaticRole(
            mount=mount,
            name=name,
            user=_shown(text(data, "username")),
            key_id=None if key_id is None else _shown(key_id),
            settings=tuple(
                (str(setting), json.dumps(data[setting]))
                for setting in sorted(map(str, data))
                if setting not in _NOT_SETTINGS and data[setting] not in ("", None)
            ),
        )

    def rotate_path(self, mount: str, name: str) -> str | None:
        """Return `MOUNT/rotate-role/NAME` where the server has that path, by asking for its help.

        Vault's other engines call it so; that the AWS engine of a newer one does is untested.
        """
        path = f"{mount}/rotate-role/{name}"
        told = self._vault.ask("get", quote(path), query={"help": "1"})
        return path if told is not None and text(told, "help") else None

    def revoke_lease(self, lease_id: str) -> Receipt:
        """Revoke one lease, synchronously."""
        body = {"lease_id": lease_id, "sync": True}
        return _receipt(self._vault.ask("post", "sys/leases/revoke", body=body))

    def revoke_prefix(self, path: str) -> Receipt:
        """Revoke every lease below a path, synchronously; needs `sudo` in Vault's policy."""
        where = f"sys/leases/revoke-prefix/{quote(path)}"
        return _receipt(self._vault.ask("post", where, body={"sync": True}))

    def rotate_root(self, mount: str) -> Receipt:
        """Let an engine replace its own key.

        It makes the new one with the old one and deletes that at the end, so an old key that is
        inactive already cannot be replaced this way.
        Source: https://developer.hashicorp.com/vault/api-docs/secret/aws#rotate-root-iam-credentials
        """
        return _receipt(self._vault.ask("post", f"{quote(mount)}/config/rotate-root"))

    def rotate_static_role(self, path: str) -> Receipt:
        """Let a static role have a new key; untested, see `rotate_path`."""
        return _receipt(self._vault.ask("post", quote(path)))

    def delete_static_role(self, role: StaticRole) -> Receipt:
        """Delete a static role; Vault deletes the key that it has for it from IAM."""
        return _receipt(self._vault.ask("delete", self._static(role)))

    def create_static_role(self, role: StaticRole) -> Receipt:
        """Write a static role as it was; Vault makes a key, and deletes the oldest of two."""
        body = {name: json.loads(value) for name, value in role.settings}
        return _receipt(self._vault.ask("post", self._static(role), body=body))

    def try_new_lease(self, wish: TryNewLease) -> Receipt:
        """Take a lease, see that its credential is served, and revoke it."""
        trial = Trial(
            self._vault, served=self._served, pause=self._pause, give_back=self.revoke_lease
        )
        return trial.run(wish)

    def _static(self, role: StaticRole) -> str:
        return f"{quote(role.mount)}/static-roles/{quote(role.name)}"

    def _data(self, method: str, path: str) -> Answer:
        return part(self._vault.ask(method, path) or {}, "data")

    def _keys(self, path: str) -> tuple[str, ...]:
        return tuple(_shown(key) for key in texts(self._data("list", path), "keys"))


def _receipt(told: Answer | None) -> Receipt:
    """Return Vault's answer to a write.

    Raises:
        StoreRefused: there is nothing at that path, so nothing was done.
    """
    if told is None:
        message = "Vault: there is no such engine, role or endpoint; nothing was done"
        hint = "look at `vault secrets list -detailed`, and check VAULT_NAMESPACE"
        raise StoreRefused(message, status=NO_SUCH_THING, hint=hint)
    return Receipt(request_id=_shown(text(told, "request_id")), at=None)


def _shown(word: str) -> str:
    return printable(word, limit=_LONGEST)


def _instant(word: str) -> datetime | None:
    try:
        told = datetime.fromisoformat(word)
    except ValueError:
        return None
    return told.astimezone(UTC) if told.tzinfo is not None else None
