"""Vault's KV engines as places where a key lives, and can be replaced."""

from __future__ import annotations

import json
import re
import time
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from unleak.aws.answer import Answer, number, part
from unleak.errors import WrongUse
from unleak.model.frozen import dataclass
from unleak.stores.failures import NO_SUCH_THING, StoreRefused
from unleak.stores.interface import (
    CannotSwap,
    Held,
    KeyPair,
    Moved,
    Reach,
    Scene,
    Scope,
    Spot,
    Written,
)
from unleak.stores.standing_key import id_in_map, renewed
from unleak.stores.swap import pair_in_map
from unleak.stores.text_file import NoWayBack
from unleak.stores.vault_client import Mount, Vault, sign_in
from unleak.stores.vault_search import STORE, KvSearch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from unleak.model.reference import Needle
    from unleak.model.secret import Secret
    from unleak.stores.interface import Finding

_SPOT: Final = re.compile(r"[^/\x00-\x1f\x7f][^\x00-\x1f\x7f]{0,1000}/[^\x00-\x1f\x7f]{1,1000}")
_BAD_REQUEST: Final = 400
_RELOAD: Final = "Vault tells nobody: agents and applications take it when they read it next"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """What stands at a path."""

    data: Mapping[str, object]
    version: int
    """The version in KV 2; 0 where there is nothing; in KV 1 always 0."""

    @property
    def texts(self) -> dict[str, str]:
        """The fields that are plain texts."""
        return {name: value for name, value in self.data.items() if isinstance(value, str)}


class VaultKv:
    """KV version 1 and 2 of Vault or OpenBao.

    In version 2 a write carries the version that it replaces (`cas`), and the former one can be
    brought back; version 1 has neither, so there the path is read again right before the write.
    Source: https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2

    Args:
        wait: how to wait for a number of seconds, where Vault asks for patience.
    """

    name = STORE
    title = "Vault KV"
    scope = Scope.ACCOUNT
    needs: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()

    def __init__(self, *, wait: Callable[[float], None] = time.sleep) -> None:
        self._wait = wait

    def search(self, needle: Needle, scene: Scene) -> Iterator[Finding]:
        """Yield every path that holds the key now; `scene.targets` are mounts or paths in them.

        Raises:
            NotInstalled: hvac is missing.
            NotSetUp: there is no address or no token.
            StoreRefused: the mounts cannot be listed.
            StoreSilent: Vault does not answer.
        """
        vault = sign_in(scene.environment, wait=self._wait)
        yield from KvSearch(vault, scene.targets).run(needle)

    def spot(self, text: str) -> Spot:
        """Read `MOUNT/PATH`.

        Raises:
            WrongUse: it is none.
        """
        clean = text.strip("/")
        parts = clean.split("/")
        if _SPOT.fullmatch(clean) is None or any(each in {"", ".", ".."} for each in parts):
            message = f"{text[:80]!a} names no path in a KV engine of Vault"
            raise WrongUse(message, hint="vault-kv:MOUNT/PATH")
        return Spot(store=STORE, location=clean)

    def held(self, spot: Spot, old_key_id: str, reach: Reach) -> Held:
        """Read which key stands at the path; nothing where there is none.

        Raises:
            UnleakError: it cannot be read.
        """
        vault = self._vault(reach)
        mount = _mount_of(vault, spot)
        read = _read(vault, mount, spot)
        standing = id_in_map(read.texts, old_key_id)
        if mount.is_versioned:
            return Held(key_id=standing, version=str(read.version))
        return Held(key_id=standing, version=_shape(read))

    def pair(self, spot: Spot, key_id: str, reach: Reach) -> KeyPair | None:
        """Read the pair back.

        Raises:
            UnleakError: it cannot be read.
        """
        vault = self._vault(reach)
        return pair_in_map(_read(vault, _mount_of(vault, spot), spot).texts, key_id)

    def write(self, spot: Spot, old_key_id: str, new: KeyPair, held: Held, reach: Reach) -> Written:
        """Write the path with the new pair; all other fields stay as they are.

        Raises:
            Moved: the path is not what `held` says any more.
            CannotSwap: the old pair cannot be told from the rest.
            UnleakError: the write was refused, or got no answer.
        """
        vault = self._vault(reach)
        mount = _mount_of(vault, spot)
        read = _read(vault, mount, spot)
        version = str(read.version) if mount.is_versioned else _shape(read)
        if version != held.version:
            raise _moved(spot)
        changed = renewed(read.texts, old_key_id, new)
        data = {**read.data, **changed}
        if old_key_id != new.key_id and old_key_id in json.dumps(data):
            message = f"vault-kv:{spot.location} holds the key within nested data too"
            raise CannotSwap(message, hint="write that by hand: vault kv put")
        secrets = (new.secret,)
        if not mount.is_versioned:
            vault.ask("post", _path(mount, spot), body=data, secrets=secrets)
            after = _shape(_read(vault, mount, spot))
            return Written(version=after, way_back=None, reload=_RELOAD)
        made = _put(vault, mount, spot, data, read.version, secrets)
        return Written(version=str(made), way_back=str(read.version), reload=_RELOAD)

    def restore(self, spot: Spot, written: Written, reach: Reach) -> None:
        """Write the former version's data as a new version; delete what was made from nothing.

        Raises:
            Moved: the path has been changed since.
            NoWayBack: version 1 of KV keeps nothing, or the former version is destroyed.
            UnleakError: it was refused.
        """
        vault = self._vault(reach)
        mount = _mount_of(vault, spot)
        if not mount.is_versioned or written.way_back is None or written.version is None:
            message = f"vault-kv:{spot.location}: this KV engine keeps no former values"
            raise NoWayBack(message, hint="write another key there with rotate --to")
        if str(_read(vault, mount, spot).version) != written.version:
            raise _moved(spot)
        before = int(written.way_back)
        former = _read(vault, mount, spot, version=before) if before else None
        if former is not None and not former.data:
            message = f"vault-kv:{spot.location}: version {before} is deleted or destroyed"
            raise NoWayBack(message, hint="vault kv undelete, where it is only deleted")
        if former is None:
            # What was made from nothing: the newest version is deleted, and can be undeleted.
            vault.ask("delete", _path(mount, spot))
            return
        _put(vault, mount, spot, former.data, int(written.version), ())

    def _vault(self, reach: Reach) -> Vault:
        return sign_in(reach.environment, wait=self._wait)


def _mount_of(vault: Vault, spot: Spot) -> Mount:
    """Return the engine that the path is in: the longest whose path leads there.

    Raises:
        StoreRefused: there is none that the token can see.
    """
    fitting = [mount for mount in vault.mounts() if spot.location.startswith(f"{mount.path}/")]
    if not fitting:
        message = f"vault-kv:{spot.location}: there is no KV engine that the token can see"
        raise StoreRefused(message, status=NO_SUCH_THING, hint="vault secrets list")
    return max(fitting, key=lambda each: len(each.path))


def _path(mount: Mount, spot: Spot) -> str:
    inner = quote(spot.location.removeprefix(f"{mount.path}/"))
    return f"{quote(mount.path)}/{'data/' if mount.is_versioned else ''}{inner}"


def _read(vault: Vault, mount: Mount, spot: Spot, version: int | None = None) -> _Read:
    query = None if version is None else {"version": str(version)}
    told: Answer = vault.ask("get", _path(mount, spot), query=query) or {}
    data = part(told, "data")
    if not mount.is_versioned:
        return _Read(data=data, version=0)
    return _Read(data=part(data, "data"), version=_latest(vault, mount, spot, data, version))


def _latest(vault: Vault, mount: Mount, spot: Spot, data: Answer, version: int | None) -> int:
    """Return the version that stands there; a deleted one counts for `cas`, and answers 404."""
    stands = number(part(data, "metadata"), "version", 0)
    if stands or version is not None:
        return stands
    inner = quote(spot.location.removeprefix(f"{mount.path}/"))
    try:
        told = vault.ask("get", f"{quote(mount.path)}/metadata/{inner}") or {}
    except StoreRefused as error:
        if not error.is_forbidden:
            raise
        return 0  # a token for data alone: where it is not 0, `cas` says so
    return number(part(told, "data"), "current_version", 0)


def _put(
    vault: Vault,
    mount: Mount,
    spot: Spot,
    data: Mapping[str, object],
    cas: int,
    secrets: tuple[Secret, ...],
) -> int:
    body: dict[str, object] = {"options": {"cas": cas}, "data": dict(data)}
    try:
        told = vault.ask("post", _path(mount, spot), body=body, secrets=secrets) or {}
    except StoreRefused as error:
        if error.status != _BAD_REQUEST or "check-and-set" not in error.message:
            raise
        raise _moved(spot) from error
    return number(part(told, "data"), "version", 0)


def _shape(read: _Read) -> str | None:
    """Return what version 1 has instead of a version: the names of the fields and the key's id."""
    if not read.data:
        return None
    return json.dumps([id_in_map(read.texts, ""), *sorted(read.data)])


def _moved(spot: Spot) -> Moved:
    message = f"vault-kv:{spot.location} has been changed since it was read"
    return Moved(message, hint="read what it holds now, then try again")
