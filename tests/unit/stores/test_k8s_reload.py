"""Workloads of Kubernetes that read a key when they start: who they are, and a rolling restart."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from fakes.stores import reach
from lab.stores.kubernetes_api import KubernetesLab
from lab.stores.loopback import serve
from unleak.model.rotation import Spot
from unleak.stores.failures import StoreRefused
from unleak.stores.k8s import Kubernetes
from unleak.stores.reloading import KnowsReaders, Progress, Reloader, Ticket

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from unleak.stores.interface import Reach

TOKEN = "sha256~abcdefghijklmnopqrstuvwxyz0123456789"
SECRET = Spot(store="k8s", location="web/secret/aws")
API = Spot(store="k8s", location="web/deployment/api")
TICKET = Ticket(mark="AKIAY34FZKBONEWKEY00 now", since=datetime(2026, 11, 24, tzinfo=UTC))
FROM_SECRET = {"envFrom": [{"secretRef": {"name": "aws"}}]}


@pytest.fixture
def cluster() -> KubernetesLab:
    return KubernetesLab(token=TOKEN)


@pytest.fixture
def there(cluster: KubernetesLab, tmp_path: Path) -> Iterator[Reach]:
    with serve(cluster) as url:
        file = tmp_path / "kubeconfig"
        file.write_text(
            "{current-context: shop, contexts: [{name: shop, context: {cluster: c, user: u}}],"
            f" clusters: [{{name: c, cluster: {{server: '{url}'}}}}],"
            f" users: [{{name: u, user: {{token: '{TOKEN}'}}}}]}}"
        )
        yield reach({"KUBECONFIG": str(file)})


def pod(**content: object) -> dict[str, object]:
    return {"template": {"spec": {"containers": [{"name": "main", **content}]}}}


def test_a_cluster_knows_who_reads_and_can_start_them_anew() -> None:
    assert isinstance(Kubernetes(), KnowsReaders)
    assert isinstance(Kubernetes(), Reloader)


def test_readers_are_workloads_by_environment_by_volume_and_by_projection(
    cluster: KubernetesLab, there: Reach
) -> None:
    cluster.add("deployments", "web", "api", spec=pod(**FROM_SECRET))
    key = {"secretKeyRef": {"name": "aws", "key": "x"}}
    recreate = {"strategy": {"type": "Recreate"}, **pod(env=[{"name": "X", "valueFrom": key}])}
    cluster.add("deployments", "web", "old", spec=recreate)
    volume = {"projected": {"sources": [{"secret": {"name": "aws"}}]}}
    cluster.add("daemonsets", "web", "log", spec={"template": {"spec": {"volumes": [volume]}}})
    cluster.add("deployments", "web", "other", spec=pod())
    cluster.add("deployments", "web", "off", spec={"replicas": 0, **pod(**FROM_SECRET)})

    found = Kubernetes().readers(SECRET, there)

    assert [each.spot.label for each in found.workloads] == [
        "k8s:web/deployment/api",
        "k8s:web/deployment/old",
        "k8s:web/daemonset/log",
    ]
    assert ["Recreate" in each.impact for each in found.workloads] == [False, True, False]
    assert found.notes == ()


def test_what_no_restart_reaches_is_left_to_a_person(cluster: KubernetesLab, there: Reach) -> None:
    cluster.forbidden.add(("daemonsets", "web"))
    cluster.add("deployments", "web", "held", spec={"paused": True, **pod(**FROM_SECRET)})
    by_hand = {"updateStrategy": {"type": "OnDelete"}, **pod(**FROM_SECRET)}
    cluster.add("statefulsets", "web", "db", spec=by_hand)
    partition = {"type": "RollingUpdate", "rollingUpdate": {"partition": 2}}
    cluster.add(
        "statefulsets", "web", "ring", spec={"updateStrategy": partition, **pod(**FROM_SECRET)}
    )
    job = {"jobTemplate": {"spec": pod(**FROM_SECRET)}}
    cluster.add("cronjobs", "web", "nightly", spec=job)
    volume = {"volumes": [{"secret": {"secretName": "aws"}}]}
    cluster.add("pods", "web", "lonely", spec=volume)
    owned = {"ownerReferences": [{"kind": "ReplicaSet", "name": "api-1"}]}
    cluster.add("pods", "web", "api-1-x", spec=volume, metadata=owned)

    found = Kubernetes().readers(SECRET, there)

    assert found.workloads == ()
    assert [note.split(":")[0] for note in found.notes] == [
        "deployment/held",
        "statefulset/db",
        "statefulset/ring",
        "daemonsets of web could not be listed",
        "cronjob/nightly reads it at its next run",
        "pod/lonely has to be made anew",
    ]


def test_a_restart_is_made_once_for_one_ticket(cluster: KubernetesLab, there: Reach) -> None:
    cluster.add("deployments", "web", "api", spec=pod(**FROM_SECRET))
    store = Kubernetes()

    store.reload(API, TICKET, there)
    store.reload(API, TICKET, there)

    assert cluster.restarts == [("deployments", "web", "api")]
    assert store.rollout(API, TICKET, there).progress is Progress.THROUGH


@pytest.mark.parametrize(
    ("status", "progress"),
    [
        ({"observedGeneration": 1, "updatedReplicas": 2}, Progress.ON_ITS_WAY),
        ({"updatedReplicas": 1, "replicas": 3, "availableReplicas": 3}, Progress.ON_ITS_WAY),
        ({"updatedReplicas": 2, "replicas": 3, "availableReplicas": 3}, Progress.ON_ITS_WAY),
        ({"updatedReplicas": 2, "replicas": 2, "availableReplicas": 1}, Progress.ON_ITS_WAY),
        ({"updatedReplicas": 2, "replicas": 2, "availableReplicas": 2}, Progress.THROUGH),
        (
            {"updatedReplicas": 1, "conditions": [{"reason": "ProgressDeadlineExceeded"}]},
            Progress.FAILED,
        ),
        (
            {"observedGeneration": 1, "conditions": [{"reason": "ProgressDeadlineExceeded"}]},
            Progress.ON_ITS_WAY,
        ),
    ],
)
def test_a_rollout_is_through_when_only_new_pods_run_and_all_are_ready(
    cluster: KubernetesLab, there: Reach, status: dict[str, object], progress: Progress
) -> None:
    cluster.rolled = lambda generation: {"observedGeneration": generation, **status}
    cluster.add("deployments", "web", "api", spec={"replicas": 2, **pod(**FROM_SECRET)})
    store = Kubernetes()
    store.reload(API, TICKET, there)

    assert store.rollout(API, TICKET, there).progress is progress


def test_a_daemon_set_is_through_when_every_node_has_the_new_pod(
    cluster: KubernetesLab, there: Reach
) -> None:
    nodes = {"desiredNumberScheduled": 3, "updatedNumberScheduled": 2, "numberAvailable": 3}
    cluster.rolled = lambda generation: {"observedGeneration": generation, **nodes}
    cluster.add("daemonsets", "web", "log", spec=pod(**FROM_SECRET))
    log, store = Spot(store="k8s", location="web/daemonset/log"), Kubernetes()
    store.reload(log, TICKET, there)

    assert store.rollout(log, TICKET, there).progress is Progress.ON_ITS_WAY


def test_a_restart_that_somebody_takes_back_has_failed(
    cluster: KubernetesLab, there: Reach
) -> None:
    cluster.add("deployments", "web", "api", spec=pod(**FROM_SECRET))
    store = Kubernetes()
    store.reload(API, TICKET, there)
    cluster.add("deployments", "web", "api", spec=pod(**FROM_SECRET))

    seen = store.rollout(API, TICKET, there)

    assert (seen.progress, "taken the restart back" in seen.detail) == (Progress.FAILED, True)


def test_a_workload_that_is_gone_is_an_error(there: Reach) -> None:
    with pytest.raises(StoreRefused):
        Kubernetes().reload(API, TICKET, there)
