"""Which workloads read a Secret or ConfigMap, and a rolling restart that makes them read it anew.

A container's environment is made when it starts and never again; mounted files follow within about
a minute, except with `subPath`, but whoever has read them need not look again.
Source: https://kubernetes.io/docs/concepts/configuration/secret/#using-secrets
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from unleak.aws.answer import Answer, number, part, parts, text
from unleak.evidence.clean import printable
from unleak.model.rotation import Spot
from unleak.stores.failures import StoreRefused
from unleak.stores.k8s_objects import name_of, reads
from unleak.stores.reloading import Progress, Readers, Rollout, Workload

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unleak.stores.k8s_cluster import Cluster
    from unleak.stores.reloading import Ticket

_RESTARTABLE: Final = {
    "deployment": "deployment",
    "statefulset": "stateful_set",
    "daemonset": "daemon_set",
}
_READY: Final = {"deployment": "availableReplicas", "statefulset": "readyReplicas"}
_ANNOTATION: Final = "unleak/read-anew"
"""On the pods' template: a change there is what `kubectl rollout restart` makes too."""
_GENTLE: Final = "its pods are replaced one after another, by its own rolling update"
_RECREATE: Final = "its strategy is Recreate: it is down until its new pods are ready"
_STUCK: Final = "ProgressDeadlineExceeded"


def readers_of(cluster: Cluster, store: str, location: str) -> Readers:
    """Return who reads `NAMESPACE/KIND/NAME`; only workloads of its namespace can.

    Args:
        cluster: signed in.
        store: the store's name, for the workloads.
        location: the Secret or ConfigMap.
    """
    namespace, kind, name = location.split("/")
    workloads: list[Workload] = []
    notes: list[str] = []
    for short, word in _RESTARTABLE.items():
        try:
            items = list(cluster.listed(f"list_namespaced_{word}", {"namespace": namespace}))
        except StoreRefused:
            notes.append(f"{short}s of {namespace} could not be listed: restart those that read it")
            continue
        for item in items:
            if not any(reads(item, kind, name)) or not _runs(item):
                continue
            spot = Spot(store=store, location=f"{namespace}/{short}/{name_of(item)[1]}")
            by_hand = _by_hand(item)
            if by_hand:
                notes.append(printable(f"{short}/{name_of(item)[1]}: {by_hand}"))
            else:
                workloads.append(Workload(spot=spot, impact=_impact(item)))
    notes += _on_their_own(cluster, namespace, kind, name)
    return Readers(workloads=tuple(workloads), notes=tuple(notes))


def restart(cluster: Cluster, location: str, ticket: Ticket) -> None:
    """Mark the pods' template, so that the workload replaces its pods; twice the same is once.

    Args:
        cluster: signed in.
        location: `NAMESPACE/KIND/NAME` of the workload.
        ticket: what for.
    """
    namespace, kind, name = location.split("/")
    marked = {"metadata": {"annotations": {_ANNOTATION: ticket.mark}}}
    body: dict[str, object] = {"spec": {"template": marked}}
    arguments = {"name": name, "namespace": namespace, "body": body}
    cluster.call(f"patch_namespaced_{_RESTARTABLE[kind]}", arguments)


def rollout_of(cluster: Cluster, location: str, ticket: Ticket) -> Rollout:
    """Return how far a restart has come, judged as `kubectl rollout status` judges it.

    Source: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#deployment-status
    """
    namespace, kind, name = location.split("/")
    arguments = {"name": name, "namespace": namespace}
    item = cluster.call(f"read_namespaced_{_RESTARTABLE[kind]}", arguments)
    template = part(part(item, "spec"), "template")
    if text(part(part(template, "metadata"), "annotations"), _ANNOTATION) != ticket.mark:
        detail = "somebody has taken the restart back: its pods may hold the old key"
        return Rollout(progress=Progress.FAILED, detail=detail)
    status = part(item, "status")
    generation = number(part(item, "metadata"), "generation", 0)
    if number(status, "observedGeneration", 0) < generation:
        return Rollout(progress=Progress.ON_ITS_WAY, detail="not begun yet")
    if _STUCK in [text(each, "reason") for each in parts(status, "conditions")]:
        detail = "its new pods do not become ready; the old ones still run"
        return Rollout(progress=Progress.FAILED, detail=detail)
    wanted, fresh, ready, old = _counts(kind, item, status)
    is_through = fresh >= wanted and ready >= wanted and not old
    progress = Progress.THROUGH if is_through else Progress.ON_ITS_WAY
    return Rollout(progress=progress, detail=f"{fresh} of {wanted} pods are new, {ready} ready")


def _counts(kind: str, item: Answer, status: Answer) -> tuple[int, int, int, int]:
    """Return how many pods are wanted, new, ready, and old."""
    if kind == "daemonset":
        wanted = number(status, "desiredNumberScheduled", 0)
        fresh = number(status, "updatedNumberScheduled", 0)
        return wanted, fresh, number(status, "numberAvailable", 0), max(0, wanted - fresh)
    wanted = number(part(item, "spec"), "replicas", 1)
    fresh = number(status, "updatedReplicas", 0)
    ready = number(status, _READY[kind], 0)
    return wanted, fresh, ready, number(status, "replicas", 0) - fresh


def _runs(item: Answer) -> bool:
    """Whether it has pods at all; what is scaled to none reads the new value when it comes back."""
    return number(part(item, "spec"), "replicas", 1) > 0


def _strategy(item: Answer) -> Answer:
    spec = part(item, "spec")
    return part(spec, "strategy") or part(spec, "updateStrategy")


def _by_hand(item: Answer) -> str:
    """Say why a restart would not come through by itself; empty where it would."""
    if part(item, "spec").get("paused") is True:
        return "its rollouts are paused: `kubectl rollout resume`, then restart it"
    if text(_strategy(item), "type") == "OnDelete":
        return "it replaces no pod by itself (OnDelete): delete its pods one after another"
    if number(part(_strategy(item), "rollingUpdate"), "partition", 0) > 0:
        return "a partition holds some of its pods back: delete those by hand"
    return ""


def _impact(item: Answer) -> str:
    return _RECREATE if text(_strategy(item), "type") == "Recreate" else _GENTLE


def _on_their_own(cluster: Cluster, namespace: str, kind: str, name: str) -> Iterator[str]:
    """Yield what is to say about pods that nothing makes anew, and about jobs."""
    try:
        for item in cluster.listed("list_namespaced_cron_job", {"namespace": namespace}):
            if any(reads(item, kind, name)):
                yield printable(f"cronjob/{name_of(item)[1]} reads it at its next run")
        for item in cluster.listed("list_namespaced_pod", {"namespace": namespace}):
            owners = [
                text(each, "kind") for each in parts(part(item, "metadata"), "ownerReferences")
            ]
            if any(reads(item, kind, name)) and not _is_made_anew(owners):
                yield printable(f"pod/{name_of(item)[1]} has to be made anew")
    except StoreRefused:
        yield f"cron jobs and pods of {namespace} could not be listed: see to those that read it"


def _is_made_anew(owners: list[str]) -> bool:
    """Whether the pod belongs to something that is restarted as a whole, or ends by itself."""
    return any(each in {"ReplicaSet", "StatefulSet", "DaemonSet"} for each in owners)
