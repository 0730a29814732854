"""Which workloads read a Secret or ConfigMap, and what makes them read it anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from unleak.evidence.clean import printable
from unleak.stores.failures import StoreRefused
from unleak.stores.k8s_objects import name_of, reads

if TYPE_CHECKING:
    from unleak.stores.k8s_cluster import Cluster

_RESTARTABLE: Final = {
    "deployment": "deployment",
    "statefulset": "stateful_set",
    "daemonset": "daemon_set",
}


def reload_words(cluster: Cluster, namespace: str, kind: str, name: str) -> str:
    """Say what has to be restarted; empty where nothing in the namespace reads it.

    A container's environment is made when it starts and never again; mounted files follow within
    about a minute, except with `subPath`.
    Source: https://kubernetes.io/docs/concepts/configuration/secret/#using-secrets

    Args:
        cluster: signed in.
        namespace: where the object is; only workloads there can read it.
        kind: `secret` or `configmap`.
        name: the object's name.
    """
    restarts: list[str] = []
    notes: list[str] = []
    for short, word in _RESTARTABLE.items():
        try:
            items = list(cluster.listed(f"list_namespaced_{word}", {"namespace": namespace}))
        except StoreRefused:
            notes.append(f"{short}s could not be listed: restart those that read it")
            continue
        for item in items:
            in_environment, as_files = reads(item, kind, name)
            if in_environment or as_files:
                restarts.append(printable(f"{short}/{name_of(item)[1]}"))
    notes += _on_their_own(cluster, namespace, kind, name)
    if restarts:
        notes.insert(0, f"kubectl -n {namespace} rollout restart {' '.join(sorted(restarts))}")
    return "; ".join(notes)


def _on_their_own(cluster: Cluster, namespace: str, kind: str, name: str) -> list[str]:
    """Return what is to say about pods that nothing makes anew, and about cron jobs."""
    notes: list[str] = []
    try:
        jobs = cluster.listed("list_namespaced_cron_job", {"namespace": namespace})
        notes += [
            printable(f"cronjob/{name_of(item)[1]} reads it at its next run")
            for item in jobs
            if any(reads(item, kind, name))
        ]
        for item in cluster.listed("list_namespaced_pod", {"namespace": namespace}):
            metadata = item.get("metadata")
            is_owned = isinstance(metadata, dict) and metadata.get("ownerReferences")
            if not is_owned and any(reads(item, kind, name)):
                notes.append(printable(f"pod/{name_of(item)[1]} has to be made anew"))
    except StoreRefused:
        notes.append("cron jobs and pods could not be listed: see to those that read it")
    return notes
