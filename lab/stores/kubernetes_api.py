"""What a search and a swap need of Kubernetes's API, for failures that a real server hides.

The real server is `lab.kubernetes_server`; this one can be told to refuse and to throttle.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lab.stores.loopback import Asked, Given

if TYPE_CHECKING:
    from collections.abc import Callable

_PATH = re.compile(
    r"/(?:api/v1|apis/(?:apps|batch)/v1)(?:/namespaces/([^/]+))?/([a-z]+)(?:/([^/]+))?"
)


@dataclass
class KubernetesLab:
    """Objects by kind, namespace and name."""

    token: str
    objects: dict[tuple[str, str, str], dict[str, object]] = field(default_factory=dict)
    namespaces: list[str] = field(default_factory=lambda: ["default"])
    forbidden: set[tuple[str, str]] = field(default_factory=set)
    """Kind and namespace (`*` for the whole cluster) that may not be listed."""
    scripted: list[Given] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    restarts: list[tuple[str, str, str]] = field(default_factory=list)
    """The workloads that were given a new template, in their order."""
    rolled: Callable[[int], dict[str, object]] = lambda generation: {
        "observedGeneration": generation,
        "replicas": 1,
        "updatedReplicas": 1,
        "availableReplicas": 1,
        "readyReplicas": 1,
        "desiredNumberScheduled": 1,
        "updatedNumberScheduled": 1,
        "numberAvailable": 1,
    }
    """The status of a workload after a restart; at once through where nobody says else."""
    page: int = 2
    _version: int = 100

    def __call__(self, asked: Asked) -> Given:
        """Answer one request."""
        self.asked.append(asked)
        if self.scripted:
            return self.scripted.pop(0)
        if asked.headers.get("authorization") != f"Bearer {self.token}":
            return _status(401, "Unauthorized")
        return self._at(asked)

    def _at(self, asked: Asked) -> Given:
        if asked.path == "/api/v1/namespaces":
            if ("namespaces", "*") in self.forbidden:
                return _status(403, "namespaces is forbidden")
            return self._listed(asked, [{"metadata": {"name": each}} for each in self.namespaces])
        found = _PATH.fullmatch(asked.path)
        if found is None:
            return _status(404, "not found")
        namespace, kind, name = found.groups()
        if name is not None:
            return self._one(asked, (kind, namespace, name))
        if asked.method == "POST":
            return self._create(asked, kind, namespace)
        return self._all(asked, kind, namespace)

    def _all(self, asked: Asked, kind: str, namespace: str | None) -> Given:
        if (kind, namespace or "*") in self.forbidden:
            return _status(403, f"{kind} is forbidden")
        fitting = [
            held
            for (each, where, _), held in sorted(self.objects.items())
            if each == kind and namespace in {None, where}
        ]
        return self._listed(asked, fitting)

    def add(self, kind: str, namespace: str, name: str, **content: object) -> None:
        """Make an object as somebody else would; `metadata` is added to."""
        given = content.pop("metadata", {})
        metadata = dict(given) if isinstance(given, dict) else {}
        metadata |= {"name": name, "namespace": namespace, "uid": f"uid-{name}"}
        self._keep((kind, namespace, name), {**content, "metadata": metadata})

    def _listed(self, asked: Asked, items: list[dict[str, object]]) -> Given:
        start = int(asked.query.get("continue", "0"))
        following = start + self.page
        more = {"continue": str(following)} if following < len(items) else {}
        return Given(body={"metadata": more, "items": items[start:following]})

    def _create(self, asked: Asked, kind: str, namespace: str) -> Given:
        metadata = asked.body["metadata"]
        name = str(metadata["name"]) if isinstance(metadata, dict) else ""
        if (kind, namespace, name) in self.objects:
            return _status(409, f"{kind} {name} already exists")
        content = {key: value for key, value in asked.body.items() if key != "metadata"}
        self.add(kind, namespace, name, **content)
        return Given(status=201, body=self.objects[kind, namespace, name])

    def _one(self, asked: Asked, key: tuple[str, str, str]) -> Given:
        held = self.objects.get(key)
        if held is None:
            return _status(404, f"{key[0]} {key[2]} not found")
        condition = _version_in(asked.body.get("metadata") or asked.body.get("preconditions"))
        if condition not in {None, _version_in(held["metadata"])}:
            return _status(409, "the object has been modified")
        if asked.method == "DELETE":
            del self.objects[key]
        if asked.method == "PATCH" and "spec" in asked.body:
            self._mark(key, held, asked.body)
        elif asked.method == "PATCH":
            self._merge(key, held, asked.body["data"])
        return Given(body=held)

    def _mark(self, key: tuple[str, str, str], held: dict[str, object], body: object) -> None:
        """Take over the annotations of the pods' template; new ones are a new generation."""
        asked, there = _template(body), _template(held)
        notes = {**_annotations(there), **_annotations(asked)}
        if notes == _annotations(there):
            return
        there["metadata"] = {"annotations": notes}
        self.restarts.append(key)
        metadata = held["metadata"]
        before = metadata.get("generation", 1) if isinstance(metadata, dict) else 1
        metadata = {**(metadata if isinstance(metadata, dict) else {}), "generation": before + 1}
        self._keep(key, {**held, "metadata": metadata, "status": self.rolled(before + 1)})

    def _merge(self, key: tuple[str, str, str], held: dict[str, object], data: object) -> None:
        before = held.get("data")
        merged = dict(before) if isinstance(before, dict) else {}
        merged |= data if isinstance(data, dict) else {}
        held["data"] = {name: value for name, value in merged.items() if value is not None}
        self._keep(key, held)

    def _keep(self, key: tuple[str, str, str], item: dict[str, object]) -> None:
        self._version += 1
        metadata = item["metadata"]
        marked = dict(metadata) if isinstance(metadata, dict) else {}
        item["metadata"] = {**marked, "resourceVersion": str(self._version)}
        self.objects[key] = item


def _status(code: int, message: str) -> Given:
    return Given(status=code, body={"kind": "Status", "code": code, "message": message})


def _template(item: object) -> dict[str, object]:
    spec = item.get("spec") if isinstance(item, dict) else None
    template = spec.get("template") if isinstance(spec, dict) else None
    return template if isinstance(template, dict) else {}


def _annotations(template: dict[str, object]) -> dict[str, object]:
    metadata = template.get("metadata")
    notes = metadata.get("annotations") if isinstance(metadata, dict) else None
    return notes if isinstance(notes, dict) else {}


def _version_in(metadata: object) -> object:
    return metadata.get("resourceVersion") if isinstance(metadata, dict) else None
