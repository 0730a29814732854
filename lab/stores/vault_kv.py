"""The KV engines of a Vault, version 1 and 2, with `cas` and old versions."""

from __future__ import annotations

from dataclasses import dataclass, field

from lab.stores.loopback import Asked, Given

_GONE = Given(status=404, body={"errors": []})


@dataclass
class VaultLab:
    """Two engines: `old` is version 1, `secret` is version 2."""

    token: str
    old: dict[str, dict[str, object]] = field(default_factory=dict)
    versions: dict[str, list[dict[str, object] | None]] = field(default_factory=dict)
    """By path within `secret`, oldest first; None: deleted."""
    forbidden: set[str] = field(default_factory=set)
    scripted: list[Given] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)

    def __call__(self, asked: Asked) -> Given:
        """Answer one request."""
        self.asked.append(asked)
        if self.scripted:
            return self.scripted.pop(0)
        path = asked.path.removeprefix("/v1/").rstrip("/")
        if asked.headers.get("x-vault-token") != self.token or path in self.forbidden:
            return Given(status=403, body={"errors": ["1 error occurred:\n\t* permission denied"]})
        if path == "sys/internal/ui/mounts":
            engines = {
                "old/": {"type": "kv", "options": {"version": "1"}},
                "secret/": {"type": "kv", "options": {"version": "2"}},
                "cubbyhole/": {"type": "cubbyhole", "options": None},
            }
            return Given(body={"data": {"secret": engines}})
        mount, _, rest = path.partition("/")
        return self._first(asked, rest) if mount == "old" else self._second(asked, rest)

    def _first(self, asked: Asked, path: str) -> Given:
        if asked.method == "LIST":
            return _listing(list(self.old), path)
        if asked.method == "POST":
            self.old[path] = asked.body
            return Given(status=204)
        return Given(body={"data": self.old[path]}) if path in self.old else _GONE

    def _second(self, asked: Asked, rest: str) -> Given:
        what, _, path = rest.partition("/")
        held = self.versions.get(path, [])
        if asked.method == "LIST":
            return _listing(list(self.versions), path)
        if what == "metadata":
            return Given(body={"data": {"current_version": len(held)}}) if held else _GONE
        if asked.method == "DELETE":
            held[-1] = None
            return Given(status=204)
        if asked.method == "POST":
            return self._put(asked, path)
        number = int(asked.query.get("version", "0")) or len(held)
        if not 0 < number <= len(held):
            return _GONE
        data = held[number - 1]
        metadata = {"version": number, "destroyed": False}
        body = {"data": {"data": data, "metadata": metadata}}
        return Given(status=404 if data is None else 200, body=body)

    def _put(self, asked: Asked, path: str) -> Given:
        held = self.versions.get(path, [])
        options = asked.body["options"]
        if not isinstance(options, dict) or options.get("cas") != len(held):
            message = "check-and-set parameter did not match the current version"
            return Given(status=400, body={"errors": [message]})
        data = asked.body["data"]
        self.versions.setdefault(path, []).append(data if isinstance(data, dict) else {})
        return Given(body={"data": {"version": len(self.versions[path])}})


def _listing(paths: list[str], folder: str) -> Given:
    inner = f"{folder}/" if folder else ""
    keys = set()
    for path in paths:
        if path.startswith(inner):
            head, slash, _ = path.removeprefix(inner).partition("/")
            keys.add(head + slash)
    return Given(body={"data": {"keys": sorted(keys)}}) if keys else _GONE
