"""Walk through Vault's KV engines, as far as the token may list them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from unleak.aws.answer import number, part, texts
from unleak.evidence.clean import printable
from unleak.model.reference import NotSearched, Reference, Searched
from unleak.stores.failures import NO_SUCH_THING, StoreRefused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from unleak.model.reference import Needle
    from unleak.stores.interface import Finding
    from unleak.stores.vault_client import Mount, Vault

STORE: Final = "vault-kv"
_DEEPEST: Final = 64
_ONLY_CURRENT: Final = (
    "only the current versions were read: older ones are used by whoever names a version"
)


class KvSearch:
    """One walk.

    Args:
        vault: signed in.
        targets: mounts, or paths within them; empty: all mounts that the token can see.
    """

    def __init__(self, vault: Vault, targets: tuple[str, ...]) -> None:
        self._vault = vault
        self._targets = tuple(target.strip("/") for target in targets)
        self._seen = 0
        self._older = 0

    def run(self, needle: Needle) -> Iterator[Finding]:
        """Yield every path that holds the key, and every one that could not be looked into.

        Raises:
            StoreRefused: the mounts cannot be listed, or there is none.
            StoreSilent: Vault does not answer.
        """
        mounts = self._vault.mounts()
        starts = list(self._starts(mounts))
        for target in self._targets:
            if not any(f"{target}/".startswith(f"{mount.path}/") for mount in mounts):
                where = printable(f"{STORE} {target}")
                yield NotSearched(where=where, why="there is no such KV engine that the token sees")
        if not starts:
            message = "Vault: the token sees no KV engine"
            raise StoreRefused(message, status=NO_SUCH_THING, hint="vault secrets list")
        for mount, path in starts:
            self._older = 0
            yield from self._below(needle, mount, path, 0)
            if self._older:
                where = f"{STORE} older versions of {self._older} secrets in {mount.path}"
                yield NotSearched(where=printable(where), why=_ONLY_CURRENT)
        yield Searched(where=f"{STORE} {', '.join(m.path for m, _ in starts)}", seen=self._seen)

    def _starts(self, mounts: tuple[Mount, ...]) -> Iterator[tuple[Mount, str]]:
        for mount in mounts:
            if not self._targets:
                yield mount, ""
            for target in self._targets:
                if f"{target}/".startswith(f"{mount.path}/"):
                    yield mount, target.removeprefix(mount.path).strip("/")

    def _below(self, needle: Needle, mount: Mount, folder: str, depth: int) -> Iterator[Finding]:
        listing = "metadata/" if mount.is_versioned else ""
        inner = f"{folder}/" if folder else ""
        here = printable(f"{STORE} {mount.path}/{inner}")
        try:
            told = self._vault.ask("list", f"{quote(mount.path)}/{listing}{quote(inner)}")
        except StoreRefused as error:
            yield NotSearched(where=here, why=error.message)
            return
        names = texts(part(told or {}, "data"), "keys")
        if not names and folder and depth == 0:
            yield from self._one(needle, mount, folder)
        for name in names:
            if not name.endswith("/"):
                yield from self._one(needle, mount, inner + name)
            elif depth < _DEEPEST and name != "/":
                yield from self._below(needle, mount, inner + name.rstrip("/"), depth + 1)
            else:
                yield NotSearched(where=f"{here}{printable(name)}", why="it is nested too deep")

    def _one(self, needle: Needle, mount: Mount, path: str) -> Iterator[Finding]:
        self._seen += 1
        data = "data/" if mount.is_versioned else ""
        try:
            told = self._vault.ask("get", f"{quote(mount.path)}/{data}{quote(path)}")
        except StoreRefused as error:
            where = printable(f"{STORE} {mount.path}/{path}")
            yield NotSearched(where=where, why=error.message)
            return
        outer = part(told or {}, "data")
        values = part(outer, "data") if mount.is_versioned else outer
        version = number(part(outer, "metadata"), "version", 0)
        fields = tuple(_fields(needle, values))
        if version > 1 and not fields:
            self._older += 1
        elif mount.is_versioned and told is None:
            self._older += 1  # its newest version is deleted; the ones before it may not be
        for field in fields:
            yield Reference(
                store=STORE,
                kind="kv-v2" if mount.is_versioned else "kv-v1",
                location=printable(f"{mount.path}/{path}"),
                updatable=isinstance(values[field], str),
                field=printable(field),
                note=_older_note(version),
            )


def _fields(needle: Needle, values: Mapping[str, object]) -> Iterator[str]:
    for name, value in values.items():
        if needle.is_in(value if isinstance(value, str) else json.dumps(value)):
            yield name


def _older_note(version: int) -> str:
    if version <= 1:
        return ""
    return f"version {version}; older versions may hold the key too, until they are destroyed"
