"""A key in a cluster, on a real API server: found, replaced under RBAC, read by a second client."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from fakes.stores import NEEDLE, NEW, OLD, parted, reach, scene
from lab.kubernetes_server import ADMIN, BINARY, GUEST, ApiServer, running
from unleak.model.rotation import Spot
from unleak.stores.failures import StoreRefused
from unleak.stores.interface import CannotSwap, Moved
from unleak.stores.k8s import Kubernetes
from unleak.stores.reloading import Progress, Ticket

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [
    pytest.mark.kubernetes,
    pytest.mark.skipif(not BINARY.exists(), reason="`make kubernetes` builds the API server"),
]
SECRETS = "/api/v1/namespaces/default/secrets"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    with running(tmp_path_factory.mktemp("kubernetes")) as server:
        yield server


@pytest.fixture
def environment(server: ApiServer) -> dict[str, str]:
    return {"KUBECONFIG": server.kubeconfig(ADMIN)}


def make_secret(server: ApiServer, name: str, **more: object) -> None:
    values = {"AWS_ACCESS_KEY_ID": OLD.key_id, "AWS_SECRET_ACCESS_KEY": OLD.secret.reveal()}
    body = {"metadata": {"name": name}, "stringData": {**values, "other": "kept"}, **more}
    server.ask("POST", SECRETS, body)


def values_of(server: ApiServer, name: str) -> dict[str, str]:
    data = server.ask("GET", f"{SECRETS}/{name}")["data"]
    assert isinstance(data, dict)
    return {key: base64.b64decode(value).decode() for key, value in data.items()}


def deployment(secret: str) -> dict[str, object]:
    container = {
        "name": "main",
        "image": "app",
        "envFrom": [{"secretRef": {"name": secret}}],
        "env": [{"name": "KEY", "value": OLD.key_id}],
    }
    template = {"metadata": {"labels": {"app": "x"}}, "spec": {"containers": [container]}}
    spec = {"selector": {"matchLabels": {"app": "x"}}, "template": template}
    return {"metadata": {"name": "app"}, "spec": spec}


def test_a_key_is_found_and_replaced_and_a_second_client_reads_the_new_one(
    server: ApiServer, environment: dict[str, str]
) -> None:
    make_secret(server, "swapped")
    server.ask("POST", "/apis/apps/v1/namespaces/default/deployments", deployment("swapped"))
    store, there = Kubernetes(), reach(environment)
    spot = store.spot("default/secret/swapped")
    references, _, _ = parted(store.search(NEEDLE, scene(environment)))

    written = store.write(spot, OLD.key_id, NEW, store.held(spot, OLD.key_id, there), there)

    found = {(each.location, each.field) for each in references}
    assert ("default/secret/swapped", "AWS_ACCESS_KEY_ID") in found
    assert ("default/deployment/app", "main/KEY") in found
    assert values_of(server, "swapped") == {
        "AWS_ACCESS_KEY_ID": NEW.key_id,
        "AWS_SECRET_ACCESS_KEY": NEW.secret.reveal(),
        "other": "kept",
    }
    assert [each.spot.location for each in store.readers(spot, there).workloads] == [
        "default/deployment/app"
    ]
    assert store.held(spot, OLD.key_id, there).version == written.version


def test_the_server_refuses_a_patch_of_what_has_moved(
    server: ApiServer, environment: dict[str, str]
) -> None:
    make_secret(server, "contested")
    store, there = Kubernetes(), reach(environment)
    spot = store.spot("default/secret/contested")
    written = store.write(spot, OLD.key_id, NEW, store.held(spot, OLD.key_id, there), there)
    fresh = store.spot("default/secret/made")
    made = store.write(fresh, OLD.key_id, NEW, store.held(fresh, OLD.key_id, there), there)
    touched = server.ask("GET", f"{SECRETS}/made")
    server.ask("PUT", f"{SECRETS}/made", {**touched, "stringData": {"x": "y"}})

    with pytest.raises(Moved):
        store.write(spot, OLD.key_id, OLD, store.held(fresh, OLD.key_id, there), there)
    with pytest.raises(Moved, match="409"):
        store.restore(fresh, made, there)

    assert store.held(spot, OLD.key_id, there).version == written.version


def test_what_was_made_is_deleted_again(environment: dict[str, str]) -> None:
    store, there = Kubernetes(), reach(environment)
    spot = store.spot("default/configmap/fresh")
    written = store.write(spot, OLD.key_id, NEW, store.held(spot, OLD.key_id, there), there)

    store.restore(spot, written, there)

    assert store.held(spot, OLD.key_id, there).version is None


def test_the_server_keeps_an_immutable_secret(
    server: ApiServer, environment: dict[str, str]
) -> None:
    make_secret(server, "fixed", immutable=True)
    store, there = Kubernetes(), reach(environment)
    spot = store.spot("default/secret/fixed")

    with pytest.raises(CannotSwap):
        store.write(spot, OLD.key_id, NEW, store.held(spot, OLD.key_id, there), there)


def test_whoever_may_see_one_namespace_is_told_what_was_not_searched(server: ApiServer) -> None:
    server.ask("POST", "/api/v1/namespaces", {"metadata": {"name": "team"}})
    rules = [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["list"]}]
    roles = "/apis/rbac.authorization.k8s.io/v1/namespaces/team"
    server.ask("POST", f"{roles}/roles", {"metadata": {"name": "r"}, "rules": rules})
    binding = {
        "metadata": {"name": "b"},
        "subjects": [{"kind": "User", "name": "guest", "apiGroup": "rbac.authorization.k8s.io"}],
        "roleRef": {"kind": "Role", "name": "r", "apiGroup": "rbac.authorization.k8s.io"},
    }
    server.ask("POST", f"{roles}/rolebindings", json.loads(json.dumps(binding)))
    values = {"metadata": {"name": "aws"}, "stringData": {"id": OLD.key_id}}
    server.ask("POST", "/api/v1/namespaces/team/secrets", values)
    environment = {"KUBECONFIG": server.kubeconfig(GUEST, "team")}

    references, searched, gaps = parted(Kubernetes().search(NEEDLE, scene(environment)))

    assert [each.location for each in references] == ["team/secret/aws"]
    assert len(searched) == 1
    assert {"k8s namespaces other than team", "k8s configmaps in team"} <= {g.where for g in gaps}


def test_a_stranger_is_refused(server: ApiServer) -> None:
    environment = {"KUBECONFIG": server.kubeconfig("nobodys-token")}

    with pytest.raises(StoreRefused) as caught:
        list(Kubernetes().search(NEEDLE, scene(environment)))

    assert caught.value.status == 401


def test_a_restart_is_one_new_generation_and_waits_for_the_controllers_word(
    server: ApiServer, environment: dict[str, str]
) -> None:
    url = "/apis/apps/v1/namespaces/default/deployments"
    body = deployment("restarted")
    server.ask("POST", url, {**body, "metadata": {"name": "again"}})
    store, there = Kubernetes(), reach(environment)
    workload = Spot(store="k8s", location="default/deployment/again")
    ticket = Ticket(mark=f"{NEW.key_id} now", since=datetime.now(UTC))

    store.reload(workload, ticket, there)
    store.reload(workload, ticket, there)
    unseen = store.rollout(workload, ticket, there)
    restarted = server.ask("GET", f"{url}/again")
    counts = {"replicas": 1, "updatedReplicas": 1, "availableReplicas": 1, "readyReplicas": 1}
    seen = {**restarted, "status": {"observedGeneration": 2, **counts}}
    server.ask("PUT", f"{url}/again/status", seen)

    metadata = restarted["metadata"]
    assert isinstance(metadata, dict)
    assert metadata["generation"] == 2
    assert unseen.progress is Progress.ON_ITS_WAY
    assert store.rollout(workload, ticket, there).progress is Progress.THROUGH


def test_whoever_may_not_patch_a_workload_cannot_restart_it(server: ApiServer) -> None:
    there = reach({"KUBECONFIG": server.kubeconfig(GUEST)})
    workload = Spot(store="k8s", location="default/deployment/again")

    with pytest.raises(StoreRefused):
        Kubernetes().reload(workload, Ticket(mark="x", since=datetime.now(UTC)), there)
