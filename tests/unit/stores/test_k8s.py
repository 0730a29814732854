"""Kubernetes: every object that holds the key, and a swap that somebody else's write stops.

The API is a stand-in here, for refusals; tests/clouds/test_kubernetes.py has the real server.
"""

from __future__ import annotations

import base64
import gzip
import json
from typing import TYPE_CHECKING

import pytest

from fakes.stores import NEEDLE, NEW, OLD, parted, reach, scene
from lab.stores.kubernetes_api import KubernetesLab
from lab.stores.loopback import Given, serve
from unleak.errors import WrongUse
from unleak.stores.failures import StoreRefused, StoreSilent
from unleak.stores.interface import CannotSwap, Moved, NotSetUp, Reach
from unleak.stores.k8s import Kubernetes
from unleak.stores.text_file import NoWayBack

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TOKEN = "sha256~abcdefghijklmnopqrstuvwxyz0123456789"


def sealed(value: str | bytes) -> str:
    content = value if isinstance(value, bytes) else value.encode()
    return base64.b64encode(content).decode()


PAIR = {"id": sealed(OLD.key_id), "key": sealed(OLD.secret.reveal()), "blob": sealed(b"\xff\x00")}
MAP = {"AWS_ACCESS_KEY_ID": OLD.key_id, "AWS_SECRET_ACCESS_KEY": OLD.secret.reveal()}
DATA = {"aws_access_key_id": PAIR["id"], "aws_secret_access_key": PAIR["key"], "b": PAIR["blob"]}


@pytest.fixture
def cluster() -> KubernetesLab:
    return KubernetesLab(token=TOKEN)


@pytest.fixture
def environment(cluster: KubernetesLab, tmp_path: Path) -> Iterator[dict[str, str]]:
    with serve(cluster) as url:
        yield {"KUBECONFIG": kubeconfig(tmp_path, url)}


@pytest.fixture
def there(environment: dict[str, str]) -> Reach:
    return reach(environment)


def kubeconfig(folder: Path, url: str) -> str:
    file = folder / "kubeconfig"
    context = {"cluster": "c", "user": "u", "namespace": "web"}
    told = {
        "current-context": "shop",
        "contexts": [{"name": "shop", "context": context}],
        "clusters": [{"name": "c", "cluster": {"server": url}}],
        "users": [{"name": "u", "user": {"token": TOKEN}}],
    }
    file.write_text(json.dumps(told))
    return str(file)


def pod(**content: object) -> dict[str, object]:
    return {"template": {"spec": {"containers": [{"name": "main", **content}]}}}


def test_a_secret_is_patched_and_nothing_else_in_it(cluster: KubernetesLab, there: Reach) -> None:
    cluster.add("secrets", "web", "aws", data=DATA, type="Opaque")
    store = Kubernetes()
    spot = store.spot("web/secret/aws")

    written = store.write(spot, OLD.key_id, NEW, store.held(spot, OLD.key_id, there), there)

    assert cluster.objects["secrets", "web", "aws"]["data"] == {
        "aws_access_key_id": sealed(NEW.key_id),
        "aws_secret_access_key": sealed(NEW.secret.reveal()),
        "b": PAIR["blob"],
    }
    assert written.way_back is None
    assert store.pair(spot, NEW.key_id, there) == NEW


def test_a_write_of_somebody_else_stops_ours(cluster: KubernetesLab, there: Reach) -> None:
    cluster.add("secrets", "web", "aws", data=DATA)
    store = Kubernetes()
    spot = store.spot("web/secret/aws")
    held = store.held(spot, OLD.key_id, there)
    cluster.add("secrets", "web", "aws", data={**DATA, "more": sealed("x")})

    with pytest.raises(Moved):
        store.write(spot, OLD.key_id, NEW, held, there)


def test_a_write_between_our_two_calls_is_a_conflict(cluster: KubernetesLab, there: Reach) -> None:
    cluster.add("secrets", "web", "aws", data=DATA)
    store = Kubernetes()
    spot = store.spot("web/secret/aws")
    held = store.held(spot, OLD.key_id, there)
    stale = json.loads(json.dumps(cluster.objects["secrets", "web", "aws"]))
    cluster.add("secrets", "web", "aws", data={**DATA, "more": sealed("x")})
    cluster.scripted.append(Given(body=stale))

    with pytest.raises(Moved, match="409"):
        store.write(spot, OLD.key_id, NEW, held, there)


def test_an_immutable_secret_is_left_alone(cluster: KubernetesLab, there: Reach) -> None:
    cluster.add("secrets", "web", "aws", data=DATA, immutable=True)
    store = Kubernetes()
    spot = store.spot("web/secret/aws")

    with pytest.raises(CannotSwap, match="immutable"):
        store.write(spot, OLD.key_id, NEW, store.held(spot, OLD.key_id, there), there)


def test_a_key_within_binary_data_is_left_to_a_person(cluster: KubernetesLab, there: Reach) -> None:
    blob = sealed(b"\xff" + OLD.key_id.encode())
    cluster.add("secrets", "web", "aws", data={**DATA, "keystore": blob})
    store = Kubernetes()
    spot = store.spot("web/secret/aws")

    with pytest.raises(CannotSwap, match="binary"):
        store.write(spot, OLD.key_id, NEW, store.held(spot, OLD.key_id, there), there)


def test_what_was_made_or_added_is_taken_away_again(cluster: KubernetesLab, there: Reach) -> None:
    cluster.add("secrets", "web", "other", data={"x": sealed("y")})
    store = Kubernetes()

    for name in ("fresh", "other"):
        spot = store.spot(f"web/secret/{name}")
        written = store.write(spot, OLD.key_id, NEW, store.held(spot, OLD.key_id, there), there)
        store.restore(spot, written, there)

    assert ("secrets", "web", "fresh") not in cluster.objects
    assert cluster.objects["secrets", "web", "other"]["data"] == {"x": sealed("y")}


def test_what_was_changed_since_is_not_taken_away(cluster: KubernetesLab, there: Reach) -> None:
    store = Kubernetes()
    spot = store.spot("web/secret/fresh")
    written = store.write(spot, OLD.key_id, NEW, store.held(spot, OLD.key_id, there), there)
    cluster.add("secrets", "web", "fresh", data={"x": sealed("y")})

    with pytest.raises(Moved):
        store.restore(spot, written, there)


def test_a_swap_has_no_way_back(cluster: KubernetesLab, there: Reach) -> None:
    cluster.add("secrets", "web", "aws", data=DATA)
    store = Kubernetes()
    spot = store.spot("web/secret/aws")
    written = store.write(spot, OLD.key_id, NEW, store.held(spot, OLD.key_id, there), there)

    with pytest.raises(NoWayBack):
        store.restore(spot, written, there)


def test_every_kind_of_object_is_looked_into(
    cluster: KubernetesLab, environment: dict[str, str]
) -> None:
    owner = [{"kind": "ExternalSecret", "name": "aws"}]
    cluster.add("secrets", "web", "aws", data=DATA, metadata={"ownerReferences": owner})
    release = sealed(base64.b64encode(gzip.compress(json.dumps(MAP).encode())))
    cluster.add("secrets", "web", "helm", data={"release": release}, type="helm.sh/release.v1")
    cluster.add("configmaps", "web", "env", data=MAP)
    literal = pod(env=[{"name": "KEY", "value": OLD.key_id}], args=["--key", OLD.key_id])
    cluster.add("deployments", "web", "api", spec=literal)
    made = {"ownerReferences": [{"kind": "ReplicaSet", "name": "api-1"}]}
    cluster.add("pods", "web", "api-1-x", metadata=made, spec={"containers": []})

    references, searched, gaps = parted(Kubernetes().search(NEEDLE, scene(environment)))

    assert [(each.location, each.field, each.updatable) for each in references] == [
        ("web/secret/aws", "aws_access_key_id", True),
        ("web/secret/helm", "release", False),
        ("web/configmap/env", "AWS_ACCESS_KEY_ID", True),
        ("web/deployment/api", "main/KEY", False),
        ("web/deployment/api", "main/args", False),
    ]
    assert "ExternalSecret aws owns it" in references[0].note
    assert gaps == []
    assert [(each.where, each.seen) for each in searched] == [("k8s shop", 5)]


def test_what_may_not_be_listed_as_a_whole_is_listed_by_namespace(
    cluster: KubernetesLab, environment: dict[str, str]
) -> None:
    cluster.namespaces = ["web", "vault"]
    cluster.forbidden |= {("secrets", "*"), ("secrets", "vault")}
    cluster.add("secrets", "web", "aws", data=DATA)

    references, searched, gaps = parted(Kubernetes().search(NEEDLE, scene(environment)))

    assert [each.location for each in references] == ["web/secret/aws"]
    assert [each.where for each in gaps] == ["k8s secrets in vault"]
    assert len(searched) == 1


def test_whoever_may_not_list_namespaces_learns_that_there_may_be_more(
    cluster: KubernetesLab, environment: dict[str, str]
) -> None:
    cluster.forbidden |= {("namespaces", "*"), ("secrets", "*")}
    cluster.add("secrets", "web", "aws", data=DATA)

    references, _, gaps = parted(Kubernetes().search(NEEDLE, scene(environment)))

    assert [each.location for each in references] == ["web/secret/aws"]
    assert [each.where for each in gaps] == ["k8s namespaces other than web"]


def test_a_token_that_is_not_accepted_is_an_error_without_the_token(
    cluster: KubernetesLab, environment: dict[str, str]
) -> None:
    cluster.token = "another"

    with pytest.raises(StoreRefused) as caught:
        list(Kubernetes().search(NEEDLE, scene(environment)))

    assert caught.value.status == 401
    assert TOKEN not in caught.value.message + caught.value.hint


def test_a_throttled_call_waits_as_long_as_it_is_told(cluster: KubernetesLab, there: Reach) -> None:
    waits: list[float] = []
    cluster.scripted.append(Given(status=429, body={}, headers={"Retry-After": "5"}))
    store = Kubernetes(wait=waits.append)

    held = store.held(store.spot("web/secret/none"), OLD.key_id, there)

    assert (held.version, waits) == (None, [5.0])


def test_the_token_does_not_follow_a_redirect(cluster: KubernetesLab, there: Reach) -> None:
    stranger = KubernetesLab(token="?")
    with serve(stranger) as url:
        cluster.scripted.append(Given(status=302, headers={"Location": f"{url}/x"}))
        store = Kubernetes()

        with pytest.raises(StoreRefused):
            store.held(store.spot("web/secret/aws"), OLD.key_id, there)

    assert stranger.asked == []


def test_a_cluster_that_is_away_or_speaks_no_tls_has_a_hint(
    environment: dict[str, str], tmp_path: Path
) -> None:
    store = Kubernetes()
    spot = store.spot("web/secret/aws")

    environment["KUBECONFIG"] = kubeconfig(tmp_path, "http://127.0.0.1:9")
    with pytest.raises(StoreSilent, match="no answer") as caught:
        store.held(spot, OLD.key_id, reach(environment))

    assert "HTTPS_PROXY" in caught.value.hint


def test_a_server_without_tls_is_told_apart(
    cluster: KubernetesLab, environment: dict[str, str], tmp_path: Path
) -> None:
    store = Kubernetes()
    with serve(cluster) as url:
        environment["KUBECONFIG"] = kubeconfig(tmp_path, url.replace("http:", "https:"))

        with pytest.raises(StoreSilent, match="TLS") as caught:
            store.held(store.spot("web/secret/aws"), OLD.key_id, reach(environment))

    assert "kubeconfig" in caught.value.hint


@pytest.mark.parametrize(
    "text", ["", "web", "web/secret", "web/pod/x", "Web/secret/x", "../secret/x", "web/secret/x\n"]
)
def test_what_is_no_object_is_refused(text: str) -> None:
    with pytest.raises(WrongUse):
        Kubernetes().spot(text)


def test_without_a_kubeconfig_it_is_not_set_up(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.write_text("a: [")

    for environment in ({"HOME": str(tmp_path)}, {"KUBECONFIG": str(broken)}):
        with pytest.raises(NotSetUp):
            list(Kubernetes().search(NEEDLE, scene(environment)))
