"""Kubernetes Secrets and ConfigMaps as places where a key lives, and can be replaced."""

from __future__ import annotations

import base64
import json
import re
import time
from typing import TYPE_CHECKING, Final

from unleak.aws.answer import Answer, part, text
from unleak.errors import WrongUse
from unleak.model.frozen import dataclass
from unleak.stores.failures import CONFLICT, NO_SUCH_THING, StoreRefused
from unleak.stores.interface import (
    CannotSwap,
    Held,
    KeyPair,
    Moved,
    Reach,
    Scene,
    Scope,
    Spot,
    Written,
)
from unleak.stores.k8s_cluster import Cluster, connect
from unleak.stores.k8s_objects import config_texts, secret_bytes, texts_only
from unleak.stores.k8s_reload import readers_of, restart, rollout_of
from unleak.stores.k8s_search import HOLDERS, STORE, ClusterSearch, unlisted
from unleak.stores.standing_key import id_in_map, renewed
from unleak.stores.swap import pair_in_map
from unleak.stores.text_file import NoWayBack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from unleak.model.reference import Needle
    from unleak.stores.interface import Finding
    from unleak.stores.reloading import Readers, Rollout, Ticket

_NAME: Final = r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?"
_PLACE: Final = re.compile(rf"({_NAME})/(secret|configmap)/({_NAME})")
_MADE: Final = "made"
_ADDED: Final = "added"


@dataclass(frozen=True, slots=True)
class _Place:
    """One Secret or ConfigMap."""

    namespace: str
    kind: str
    name: str

    def arguments(self, body: Mapping[str, object] | None = None) -> dict[str, object]:
        """Return what the client's methods take."""
        named: dict[str, object] = {"name": self.name, "namespace": self.namespace}
        return named if body is None else {**named, "body": body}

    def method(self, verb: str) -> str:
        """Return the client's name of a call, `read_namespaced_secret` for example."""
        return f"{verb}_namespaced_{HOLDERS[self.kind]}"


class Kubernetes:
    """The cluster of kubeconfig's current context, or the one that this pod runs in.

    Searching lists Secrets, ConfigMaps and workloads; writing patches one object on the condition
    that its `resourceVersion` is still the one that was read, which the API server checks.
    Source: https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions

    Args:
        wait: how to wait for a number of seconds, where the API server asks for patience.
    """

    name = STORE
    title = "Kubernetes Secrets, ConfigMaps and workloads"
    scope = Scope.ACCOUNT
    needs: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    listens: tuple[str, ...] = ()
    reloads: tuple[str, ...] = ()

    def __init__(self, *, wait: Callable[[float], None] = time.sleep) -> None:
        self._wait = wait

    def search(self, needle: Needle, scene: Scene) -> Iterator[Finding]:
        """Yield every place of the cluster that holds the key; `scene.targets` are namespaces.

        Raises:
            NotInstalled: the `kubernetes` package is missing.
            NotSetUp: there is no kubeconfig, and this is no pod.
            StoreRefused: nothing at all may be listed.
            StoreSilent: the cluster does not answer.
        """
        cluster = connect(scene.environment, wait=self._wait)
        gap = unlisted(cluster, scene.targets)
        if gap is not None:
            yield gap
        yield from ClusterSearch(cluster, scene.targets).run(needle)

    def spot(self, text: str) -> Spot:
        """Read `NAMESPACE/secret/NAME` or `NAMESPACE/configmap/NAME`.

        Raises:
            WrongUse: it is neither.
        """
        if _PLACE.fullmatch(text) is None:
            message = f"{text[:80]!a} names no Kubernetes object"
            raise WrongUse(
                message, hint="k8s:NAMESPACE/secret/NAME or k8s:NAMESPACE/configmap/NAME"
            )
        return Spot(store=STORE, location=text)

    def held(self, spot: Spot, old_key_id: str, reach: Reach) -> Held:
        """Read which key stands in the object; nothing where there is no such object.

        Raises:
            UnleakError: it cannot be read.
        """
        item = _read(self._cluster(reach), _place(spot))
        if item is None:
            return Held(key_id=None, version=None)
        return Held(key_id=id_in_map(_texts(spot, item), old_key_id), version=_version(item))

    def pair(self, spot: Spot, key_id: str, reach: Reach) -> KeyPair | None:
        """Read the pair back; a Secret's values can be read by whoever may write it.

        Raises:
            UnleakError: it cannot be read.
        """
        item = _read(self._cluster(reach), _place(spot))
        return None if item is None else pair_in_map(_texts(spot, item), key_id)

    def write(self, spot: Spot, old_key_id: str, new: KeyPair, held: Held, reach: Reach) -> Written:
        """Patch the object, or make it where there is none.

        Raises:
            Moved: it is not what `held` says any more.
            CannotSwap: it is immutable, or the old pair cannot be told from the rest.
            UnleakError: the write was refused, or got no answer.
        """
        cluster, place = self._cluster(reach), _place(spot)
        item = _read(cluster, place)
        if (None if item is None else _version(item)) != held.version:
            raise _moved(spot)
        if item is None:
            made = _make(cluster, place, new)
            way_back = f"{_MADE}:{text(part(made, 'metadata'), 'uid')}"
            return Written(version=_version(made), way_back=way_back)
        values = _swapped(spot, item, old_key_id, new)
        after = _patch(cluster, place, held.version or "", values, new)
        added = [name for name in values if name not in part(item, "data")]
        return Written(
            version=_version(after),
            way_back=f"{_ADDED}:{json.dumps(added)}" if added else None,
        )

    def restore(self, spot: Spot, written: Written, reach: Reach) -> None:
        """Take away what was added; Kubernetes keeps no former values, so a swap has no way back.

        Raises:
            Moved: the object has been changed since.
            NoWayBack: there is no way back.
            UnleakError: it was refused.
        """
        cluster, place = self._cluster(reach), _place(spot)
        verb, _, rest = (written.way_back or "").partition(":")
        version = written.version or ""
        if verb == _ADDED:
            names: list[str] = json.loads(rest)
            _patch(cluster, place, version, dict.fromkeys(names), None)
        elif verb == _MADE:
            conditions = {"preconditions": {"resourceVersion": version, "uid": rest}}
            _guarded(cluster, place.method("delete"), place.arguments(conditions))
        else:
            message = f"k8s:{spot.location}: Kubernetes keeps no former values"
            raise NoWayBack(message, hint="write another key there with rotate --to")

    def readers(self, spot: Spot, reach: Reach) -> Readers:
        """Return the workloads that take the object into their environment, or mount it.

        Raises:
            UnleakError: the cluster cannot be signed in to, or does not answer.
        """
        return readers_of(self._cluster(reach), STORE, spot.location)

    def reload(self, workload: Spot, ticket: Ticket, reach: Reach) -> None:
        """Restart a workload as `kubectl rollout restart` does; needs `patch` on it.

        Raises:
            UnleakError: it was refused, or got no answer.
        """
        restart(self._cluster(reach), workload.location, ticket)

    def rollout(self, workload: Spot, ticket: Ticket, reach: Reach) -> Rollout:
        """Return how far the restart has come.

        Raises:
            UnleakError: it cannot be looked at.
        """
        return rollout_of(self._cluster(reach), workload.location, ticket)

    def _cluster(self, reach: Reach) -> Cluster:
        return connect(reach.environment, wait=self._wait)


def _place(spot: Spot) -> _Place:
    return _Place(*spot.location.split("/"))


def _read(cluster: Cluster, place: _Place) -> Answer | None:
    try:
        return cluster.call(place.method("read"), place.arguments())
    except StoreRefused as error:
        if error.status != NO_SUCH_THING:
            raise
        return None


def _texts(spot: Spot, item: Answer) -> dict[str, str]:
    if _place(spot).kind == "configmap":
        return config_texts(item)
    return texts_only(secret_bytes(item))


def _version(item: Answer) -> str:
    return text(part(item, "metadata"), "resourceVersion")


def _swapped(spot: Spot, item: Answer, old_key_id: str, new: KeyPair) -> dict[str, str]:
    if item.get("immutable") is True:
        message = f"k8s:{spot.location} is immutable"
        hint = "make a new object with the new key, and let the workloads read that one"
        raise CannotSwap(message, hint=hint)
    before = _texts(spot, item)
    if _place(spot).kind == "secret":
        raw = secret_bytes(item)
        hidden = [name for name in raw if name not in before and old_key_id.encode() in raw[name]]
        if hidden:
            message = f"k8s:{spot.location} holds the key within binary data too"
            raise CannotSwap(message, hint="make that file anew with the new key")
    return renewed(before, old_key_id, new)


def _stored(place: _Place, values: Mapping[str, str | None]) -> dict[str, str | None]:
    if place.kind == "configmap":
        return dict(values)
    return {
        name: None if value is None else base64.b64encode(value.encode()).decode()
        for name, value in values.items()
    }


def _make(cluster: Cluster, place: _Place, new: KeyPair) -> Answer:
    body: dict[str, object] = {
        "metadata": {"name": place.name, "namespace": place.namespace},
        "data": _stored(place, renewed({}, new.key_id, new)),
    }
    if place.kind == "secret":
        body["type"] = "Opaque"
    arguments = {"namespace": place.namespace, "body": body}
    return _guarded(cluster, place.method("create"), arguments, new)


def _patch(
    cluster: Cluster,
    place: _Place,
    version: str,
    values: Mapping[str, str | None],
    new: KeyPair | None,
) -> Answer:
    body = {"metadata": {"resourceVersion": version}, "data": _stored(place, values)}
    return _guarded(cluster, place.method("patch"), place.arguments(body), new)


def _guarded(
    cluster: Cluster, method: str, arguments: Mapping[str, object], new: KeyPair | None = None
) -> Answer:
    """Make a change on a condition; that somebody else was faster is a situation of its own."""
    try:
        return cluster.call(method, arguments, secrets=() if new is None else (new.secret,))
    except StoreRefused as error:
        if error.status != CONFLICT:
            raise
        raise Moved(error.message, hint="read what it holds now, then try again") from error


def _moved(spot: Spot) -> Moved:
    message = f"k8s:{spot.location} has been changed since it was read"
    return Moved(message, hint="read what it holds now, then try again")
