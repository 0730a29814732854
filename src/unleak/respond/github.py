"""GitHub's webhook: who signed it, and the secret that its alert is about."""

from __future__ import annotations

import hashlib
import hmac
import re
import time
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from unleak.errors import BadSignature, UnreadableEvent
from unleak.model.secret import Secret
from unleak.stores.github_place import github

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from unleak.model.alert import GithubAlert

_SIGNATURE: Final = re.compile(r"sha256=([0-9a-f]{64})")
_DOT_COM: Final = "github.com"
_API: Final = "https://api.github.com"
_LARGEST: Final = 100_000


def check_signature(body: bytes, header: str, secret: Secret) -> None:
    """Make sure that GitHub, or somebody else who knows the secret, sent these very bytes.

    An old request that somebody has recorded passes too: what it asks for has to be harmless when
    it is asked for twice.
    Source: https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries

    Args:
        body: the raw body, before any parsing.
        header: `X-Hub-Signature-256`; empty where it is missing.
        secret: the webhook's secret.

    Raises:
        BadSignature: it is missing, malformed or of other bytes, or there is no secret.
    """
    if not secret:
        message = "the webhook's secret is empty, so every signature would be worthless"
        raise BadSignature(message, hint="store the secret of the webhook where the policy says")
    given = _SIGNATURE.fullmatch(header)
    right = hmac.new(secret.reveal().encode(), body, hashlib.sha256).hexdigest()
    if given is None or not hmac.compare_digest(given.group(1), right):
        what = "has no signature that could be read" if given is None else "is signed otherwise"
        message = f"a webhook {what}: anybody may have sent it"
        raise BadSignature(message, hint="give the webhook the secret that the policy names")


def fetch_secret(
    source: GithubAlert,
    token: Secret,
    *,
    host: str = _DOT_COM,
    environment: Mapping[str, str],
    wait: Callable[[float], None] = time.sleep,
) -> Secret:
    """Return what leaked, for `evidence.paste.extract`.

    The token needs to read secret-scanning alerts, and goes to our host only, whatever the event
    names.
    Source: https://docs.github.com/en/rest/secret-scanning/secret-scanning#get-a-secret-scanning-alert

    Args:
        source: the alert as the event names it.
        token: may read secret-scanning alerts.
        host: the web host that is ours; an alert of another one is refused.
        environment: where proxies and certificate bundles are named, and `GITHUB_API_URL` where
            ours is an Enterprise server.
        wait: how to wait for a number of seconds, where GitHub asks for patience.

    Raises:
        UnreadableEvent: the alert is not of our host, or shows no secret.
        StoreRefused: GitHub refused.
        StoreSilent: GitHub did not answer.
    """
    if source.host != host:
        message = f"an alert of {source.host}, and the policy knows {host} only"
        raise UnreadableEvent(message, hint="set github.host in the policy if it is yours")
    settings = {
        **environment,
        "GITHUB_TOKEN": token.reveal(),
        "GITHUB_API_URL": api_of(host, environment),
    }
    path = f"/repos/{quote(source.owner, safe='')}/{quote(source.repository, safe='')}"
    answer = github(settings, wait=wait).ask(
        "GET", f"{path}/secret-scanning/alerts/{source.number}"
    )
    return _told(source, answer.fields)


def _told(source: GithubAlert, alert: Mapping[str, object]) -> Secret:
    secret, kind = alert.get("secret"), alert.get("secret_type")
    if not isinstance(secret, str) or not 0 < len(secret) <= _LARGEST:
        message = f"GitHub's alert {source.label} shows no secret"
        hint = "the token must be of somebody who may see it: look at the alert on GitHub"
        raise UnreadableEvent(message, hint=hint)
    return Secret(_labelled(kind if isinstance(kind, str) else source.secret_type, secret))


def api_of(host: str, environment: Mapping[str, str]) -> str:
    """Return the address of the API; workflows on github.com set theirs, which is not a server's.

    Args:
        host: the web host that is ours.
        environment: may name the address in `GITHUB_API_URL`.

    Sources: https://docs.github.com/en/enterprise-server@latest/rest/using-the-rest-api/getting-started-with-the-rest-api
    https://docs.github.com/en/enterprise-cloud@latest/admin/data-residency/about-github-enterprise-cloud-with-data-residency
    """
    named = environment.get("GITHUB_API_URL", "")
    if named and (host == _DOT_COM or named.rstrip("/") != _API):
        return named
    if host == _DOT_COM:
        return _API
    return f"https://api.{host}" if host.endswith(".ghe.com") else f"https://{host}/api/v3"


def _labelled(kind: str, secret: str) -> str:
    """Say what it is, because forty characters alone could be anything."""
    label = _LABELS.get(kind)
    return secret if label is None else f"{label}={secret}"


_LABELS: Final = {
    "aws_access_key_id": "aws_access_key_id",
    "aws_temporary_access_key_id": "aws_access_key_id",
    "aws_secret_access_key": "aws_secret_access_key",
    "aws_session_token": "aws_session_token",
}
