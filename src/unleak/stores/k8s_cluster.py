"""The cluster that kubeconfig names, through Kubernetes's own Python client.

Proxies, certificates, exec plugins and token files are the client's business; answers are taken as
plain JSON, because a field that this version of the client does not know must not stop a search.
"""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from unleak.aws.answer import Answer, part, parts, text
from unleak.stores.failures import (
    TOO_MANY,
    StoreRefused,
    StoreSilent,
    cleaned,
    client_library,
    refusal,
)
from unleak.stores.interface import NotSetUp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from unleak.model.secret import Secret

EXTRA: Final = "k8s"
_TIMEOUT: Final = (5, 30)
_A_PAGE: Final = 250
_MOST_PAGES: Final = 4_000
_TRIES: Final = 4
_LONGEST_WAIT: Final = 60.0
_GONE: Final = 410


class Cluster:
    """One cluster, as one user of it.

    Args:
        client: an `ApiClient` of the official library that knows the cluster.
        name: what to call it: the context of the kubeconfig.
        namespace: the namespace of the context.
        wait: how to wait for a number of seconds.
    """

    def __init__(
        self,
        client: object,
        *,
        name: str,
        namespace: str,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        library = client_library("kubernetes.client", EXTRA)
        # One class for each API group; which one has a method is the library's own naming.
        self._groups: tuple[object, ...] = (
            library.CoreV1Api(client),
            library.AppsV1Api(client),
            library.BatchV1Api(client),
        )
        self.name = name
        self.namespace = namespace
        self._wait = wait

    def call(
        self,
        method: str,
        arguments: Mapping[str, object] | None = None,
        *,
        secrets: tuple[Secret, ...] = (),
    ) -> Answer:
        """Make one call by the library's own name for it, `read_namespaced_secret` for example.

        Raises:
            StoreRefused: the API server said no.
            StoreSilent: it did not answer.
        """
        api = next(group for group in self._groups if hasattr(group, method))
        for left in reversed(range(_TRIES)):
            try:
                return self._once(api, method, arguments or {}, secrets)
            except _Throttled as error:
                if left == 0 or error.seconds > _LONGEST_WAIT:
                    raise error.refusal from None
                self._wait(error.seconds)
        raise AssertionError  # the last try returns or raises

    def listed(
        self, method: str, arguments: Mapping[str, object] | None = None
    ) -> Iterator[Answer]:
        """Yield every item of a list, page by page.

        Raises:
            StoreRefused: the API server said no; a list that changed under our hands included.
            StoreSilent: it did not answer.
        """
        sent: dict[str, object] = {**(arguments or {}), "limit": _A_PAGE}
        for _ in range(_MOST_PAGES):
            answer = self.call(method, sent)
            yield from parts(answer, "items")
            token = text(part(answer, "metadata"), "continue")
            if not token:
                return
            sent["_continue"] = token
        message = f"Kubernetes: {method} has no end"
        raise StoreRefused(message, status=_GONE)

    def _once(
        self,
        api: object,
        method: str,
        arguments: Mapping[str, object],
        secrets: tuple[Secret, ...],
    ) -> Answer:
        failed = client_library("kubernetes.client.exceptions", EXTRA).ApiException
        lost = client_library("urllib3.exceptions", EXTRA).HTTPError
        what = f"Kubernetes {self.name}: {method}"
        try:
            response = getattr(api, method)(
                **arguments, _preload_content=False, _request_timeout=_TIMEOUT
            )
            data: bytes = response.data
        except failed as error:
            raise _failure(what, error, secrets) from None
        except lost as error:
            message = f"{what}: no answer ({type(error).__name__})"
            hint = "check the cluster's address, HTTPS_PROXY and that the cluster is up"
            raise StoreSilent(message, hint=hint) from None
        return _parsed(data)


def connect(
    environment: Mapping[str, str], *, wait: Callable[[float], None] = time.sleep
) -> Cluster:
    """Sign in as `kubectl` does: `KUBECONFIG`, `~/.kube/config`, or the pod's service account.

    Raises:
        NotInstalled: the `kubernetes` package is missing.
        NotSetUp: there is no configuration, or it cannot be read.
    """
    config = client_library("kubernetes.config", EXTRA)
    settings = client_library("kubernetes.client", EXTRA).Configuration()
    settings.retries = False
    named = environment.get("KUBECONFIG") or _usual(environment)
    try:
        if named is None:
            config.load_incluster_config(client_configuration=settings)
            name, namespace = "in this cluster", "default"
        else:
            config.load_kube_config(
                config_file=named, client_configuration=settings, persist_config=False
            )
            current = config.list_kube_config_contexts(config_file=named)[1]
            name = cleaned(str(current["name"]))
            namespace = str(current["context"].get("namespace") or "default")
    except Exception as error:  # noqa: BLE001 - a broken kubeconfig makes the client raise anything
        message = f"no Kubernetes cluster can be signed in to ({type(error).__name__})"
        hint = "set KUBECONFIG, and check it with: kubectl cluster-info"
        raise NotSetUp(message, hint=hint) from None
    client = client_library("kubernetes.client", EXTRA).ApiClient(settings)
    return Cluster(client, name=name, namespace=namespace, wait=wait)


def _usual(environment: Mapping[str, str]) -> str | None:
    """Return the usual file; None where a pod has its service account instead."""
    file = Path(environment.get("HOME", "~")).expanduser() / ".kube" / "config"
    if file.is_file():
        return str(file)
    if environment.get("KUBERNETES_SERVICE_HOST"):
        return None
    message = "there is no kubeconfig, and this is no pod of a cluster"
    raise NotSetUp(message, hint="set KUBECONFIG where a cluster is to be looked through")


class _Throttled(Exception):
    """The API server asks for patience, so it has done nothing."""

    def __init__(self, refusal: StoreRefused, seconds: float) -> None:
        super().__init__()
        self.refusal = refusal
        self.seconds = seconds


def _failure(
    what: str, error: object, secrets: tuple[Secret, ...]
) -> StoreRefused | StoreSilent | _Throttled:
    status = getattr(error, "status", 0)
    if not isinstance(status, int) or status == 0:
        message = f"{what}: TLS failed: {cleaned(str(getattr(error, 'reason', '')))}"
        hint = "check certificate-authority-data in the kubeconfig"
        return StoreSilent(message, hint=hint)
    body = getattr(error, "body", None)
    told = _parsed(body if isinstance(body, str | bytes) else "")
    refused = refusal(what, status, text(told, "message"), secrets)
    if status != TOO_MANY:
        return refused
    headers = getattr(error, "headers", None) or {}
    asked = str(headers.get("Retry-After", ""))
    return _Throttled(refused, float(asked) if re.fullmatch(r"[0-9]{1,6}", asked) else 2.0)


def _parsed(data: str | bytes) -> Answer:
    try:
        told: object = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}
