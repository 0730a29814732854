"""What Kubernetes's objects say, read from their JSON: values, pods' literals, keepers; pure."""

from __future__ import annotations

import base64
import binascii
import zlib
from typing import TYPE_CHECKING, Final

from unleak.aws.answer import Answer, part, parts, text
from unleak.evidence.clean import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_UNPACKED: Final = 64 * 1024 * 1024
"""A Helm release is at most 1 MiB packed; what unpacks to more than this is a trap."""
_GZIP: Final = 16 + zlib.MAX_WBITS
_HELM: Final = "helm.sh/release.v1"
_CONTAINERS: Final = ("initContainers", "containers", "ephemeralContainers")
_GIT: Final = {
    "argocd.argoproj.io/instance": "Argo CD",
    "argocd.argoproj.io/tracking-id": "Argo CD",
    "kustomize.toolkit.fluxcd.io/name": "Flux",
    "helm.toolkit.fluxcd.io/name": "Flux",
}


def name_of(item: Answer) -> tuple[str, str]:
    """Return namespace and name."""
    metadata = part(item, "metadata")
    return text(metadata, "namespace"), text(metadata, "name")


def secret_bytes(item: Answer) -> dict[str, bytes]:
    """Return a Secret's values; what is no base64 is kept as it stands."""
    data = part(item, "data")
    return {str(name): _decoded(text(data, str(name))) for name in data}


def texts_only(values: dict[str, bytes]) -> dict[str, str]:
    """Return the values that are text; binary ones are left out."""
    found: dict[str, str] = {}
    for name, value in values.items():
        try:
            found[name] = value.decode()
        except UnicodeDecodeError:
            continue
    return found


def config_texts(item: Answer) -> dict[str, str]:
    """Return a ConfigMap's texts."""
    data = part(item, "data")
    return {str(name): text(data, str(name)) for name in data}


def searchable(kind: str, item: Answer) -> Iterator[tuple[str, str]]:
    """Yield each field's name with the text to compare, whatever it is packed in.

    Args:
        kind: `secret` or `configmap`.
        item: the object.
    """
    if kind == "configmap":
        yield from config_texts(item).items()
        binary = part(item, "binaryData")
        values = {str(name): _decoded(text(binary, str(name))) for name in binary}
    else:
        values = secret_bytes(item)
    is_release = text(item, "type") == _HELM
    for name, value in values.items():
        content = _unpacked(value) if is_release else value
        yield name, content.decode(errors="replace")


def is_release(item: Answer) -> bool:
    """Whether it is Helm's own record of a release, with all values that went into it."""
    return text(item, "type") == _HELM


def literals(item: Answer) -> Iterator[tuple[str, str]]:
    """Yield what stands in a workload's own text: `CONTAINER/NAME` with the value."""
    spec = pod_spec(item)
    for group in _CONTAINERS:
        for container in parts(spec, group):
            owner = printable(text(container, "name"))
            for variable in parts(container, "env"):
                yield f"{owner}/{printable(text(variable, 'name'))}", text(variable, "value")
            for field in ("command", "args"):
                words = container.get(field)
                if isinstance(words, list):
                    yield f"{owner}/{field}", "\n".join(str(word) for word in words)


def pod_spec(item: Answer) -> Answer:
    """Return the pod's specification within a pod, a workload, or a cron job."""
    spec = part(item, "spec")
    if "jobTemplate" in spec:
        spec = part(part(spec, "jobTemplate"), "spec")
    return part(part(spec, "template"), "spec") if "template" in spec else spec


def reads(item: Answer, kind: str, name: str) -> tuple[bool, bool]:
    """Whether a workload takes a Secret or ConfigMap into its environment, and as files.

    Args:
        item: the workload.
        kind: `secret` or `configmap`.
        name: the object's name.
    """
    key_ref, env_ref = ("secretKeyRef", "secretRef")
    volume, its_name = ("secret", "secretName")
    if kind == "configmap":
        key_ref, env_ref, volume, its_name = (
            "configMapKeyRef",
            "configMapRef",
            "configMap",
            "name",
        )
    spec = pod_spec(item)
    in_environment = False
    for group in _CONTAINERS:
        for container in parts(spec, group):
            named = [part(part(each, "valueFrom"), key_ref) for each in parts(container, "env")]
            named += [part(each, env_ref) for each in parts(container, "envFrom")]
            in_environment |= any(text(each, "name") == name for each in named)
    as_files = False
    for each in parts(spec, "volumes"):
        as_files |= text(part(each, volume), its_name) == name
        for source in parts(part(each, "projected"), "sources"):
            as_files |= text(part(source, volume), "name") == name
    return in_environment, as_files


def keeper(item: Answer) -> str:
    """Say who would write the old value again; empty where nobody is known to."""
    metadata = part(item, "metadata")
    for owner in parts(metadata, "ownerReferences"):
        who = f"{printable(text(owner, 'kind'))} {printable(text(owner, 'name'))}"
        return f"{who} owns it and writes its own value again: change the key there"
    marks = {**part(metadata, "labels"), **part(metadata, "annotations")}
    for mark, who in _GIT.items():
        if mark in marks:
            return f"{who} writes what stands in Git again: change the key there too"
    if marks.get("app.kubernetes.io/managed-by") == "Helm":
        release = printable(str(marks.get("meta.helm.sh/release-name", "")))
        return f"the next upgrade of Helm release {release} writes its own value: change that too"
    return ""


def _decoded(value: str) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return value.encode(errors="replace")


def _unpacked(value: bytes) -> bytes:
    """Return a Helm release in clear: base64 within, gzip within that."""
    try:
        packed = base64.b64decode(value, validate=True)
        return zlib.decompressobj(_GZIP).decompress(packed, _MOST_UNPACKED)
    except (binascii.Error, ValueError, zlib.error):
        return value
