"""Look for a key in a cluster: Secrets, ConfigMaps, and what stands in workloads themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from unleak.aws.answer import Answer, part, parts, text
from unleak.errors import UnleakError
from unleak.evidence.clean import printable
from unleak.model.frozen import dataclass
from unleak.model.reference import NotSearched, Reference, Searched
from unleak.stores.failures import StoreRefused
from unleak.stores.k8s_objects import is_release, keeper, literals, name_of, searchable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unleak.model.reference import Needle
    from unleak.stores.interface import Finding
    from unleak.stores.k8s_cluster import Cluster

STORE: Final = "k8s"
HOLDERS: Final = {"secret": "secret", "configmap": "config_map"}
"""Kinds that hold values, with the words of the client's method names."""
WORKLOADS: Final = {
    "deployment": "deployment",
    "statefulset": "stateful_set",
    "daemonset": "daemon_set",
    "replicaset": "replica_set",
    "cronjob": "cron_job",
    "job": "job",
    "pod": "pod",
}
_MAKERS: Final = frozenset(
    {"Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "CronJob", "Job"}
)
"""Whose children are left out: what stands in them stands in the maker too, which is searched."""


@dataclass(frozen=True, slots=True)
class _Item:
    """One object that was listed."""

    value: Answer


class ClusterSearch:
    """One search of one cluster.

    Args:
        cluster: signed in.
        namespaces: what the person named; empty: all.
    """

    def __init__(self, cluster: Cluster, namespaces: tuple[str, ...]) -> None:
        self._cluster = cluster
        self._named = namespaces
        self._seen = 0
        self._refused: StoreRefused | None = None

    def run(self, needle: Needle) -> Iterator[Finding]:
        """Yield all places; the namespaces that nobody may look into are told one by one.

        Raises:
            StoreRefused: nothing at all could be listed.
            StoreSilent: the cluster does not answer.
        """
        listed = 0
        for kind, word in {**HOLDERS, **WORKLOADS}.items():
            gaps = 0
            for each in self._all(kind, word):
                if isinstance(each, NotSearched):
                    gaps += 1
                    yield each
                    continue
                self._seen += 1
                yield from _found(needle, kind, each.value)
            listed += gaps == 0
        if not listed and not self._seen and self._refused is not None:
            raise self._refused
        yield Searched(where=f"{STORE} {self._cluster.name}", seen=self._seen)

    def _all(self, kind: str, word: str) -> Iterator[_Item | NotSearched]:
        if not self._named:
            try:
                for item in self._cluster.listed(f"list_{word}_for_all_namespaces"):
                    yield _Item(item)
            except StoreRefused as error:
                if not error.is_forbidden:
                    raise
                self._refused = error
            else:
                return
        for namespace in self._namespaces():
            yield from self._within(kind, word, namespace)

    def _within(self, kind: str, word: str, namespace: str) -> Iterator[_Item | NotSearched]:
        try:
            for item in self._cluster.listed(f"list_namespaced_{word}", {"namespace": namespace}):
                yield _Item(item)
        except StoreRefused as error:
            self._refused = error
            yield NotSearched(where=f"{STORE} {kind}s in {printable(namespace)}", why=error.message)

    def _namespaces(self) -> tuple[str, ...]:
        """Return the named ones, all where they can be listed, else the one of the context."""
        if self._named:
            return self._named
        try:
            return tuple(name_of(each)[1] for each in self._cluster.listed("list_namespace"))
        except StoreRefused:
            return (self._cluster.namespace,)


def unlisted(cluster: Cluster, namespaces: tuple[str, ...]) -> NotSearched | None:
    """Tell that there may be more namespaces than could be listed; None where all are known."""
    if namespaces:
        return None
    try:
        cluster.call("list_namespace", {"limit": 1})
    except UnleakError as error:
        where = f"{STORE} namespaces other than {printable(cluster.namespace)}"
        return NotSearched(where=where, why=error.message)
    return None


def _found(needle: Needle, kind: str, item: Answer) -> Iterator[Reference]:
    if kind in HOLDERS:
        for field, value in searchable(kind, item):
            if needle.is_in(value):
                yield _holder(kind, item, field)
        return
    owners = parts(part(item, "metadata"), "ownerReferences")
    if any(text(owner, "kind") in _MAKERS for owner in owners):
        return
    for field, value in literals(item):
        if needle.is_in(value):
            namespace, name = name_of(item)
            yield Reference(
                store=STORE,
                kind=kind,
                location=printable(f"{namespace}/{kind}/{name}"),
                field=field,
                note=keeper(item) or "it stands in the manifest: change it where that is kept",
            )


def _holder(kind: str, item: Answer, field: str) -> Reference:
    namespace, name = name_of(item)
    is_fixed = item.get("immutable") is True
    note = keeper(item)
    if is_release(item):
        note = "Helm's record of a release: the values that were given to it hold the key"
    elif is_fixed:
        note = f"immutable: make a new one under another name. {note}".strip()
    return Reference(
        store=STORE,
        kind=kind,
        location=printable(f"{namespace}/{kind}/{name}"),
        updatable=not is_fixed and not is_release(item),
        field=printable(field),
        note=note,
    )
