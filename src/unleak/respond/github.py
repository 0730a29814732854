"""GitHub's webhook: who signed it, and the secret that its alert is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from unleak.model.alert import GithubAlert
    from unleak.model.secret import Secret


def check_signature(body: bytes, header: str, secret: Secret) -> None:
    """Make sure that GitHub, or somebody else who knows the secret, sent these very bytes.

    Args:
        body: the raw body, before any parsing.
        header: `X-Hub-Signature-256`; empty where it is missing.
        secret: the webhook's secret.

    Raises:
        BadSignature: it is missing, malformed or of other bytes.
    """
    raise NotImplementedError


def fetch_secret(
    source: GithubAlert,
    token: Secret,
    *,
    host: str = "github.com",
    environment: Mapping[str, str],
) -> Secret:
    """Return what leaked, for `evidence.paste.extract`.

    Args:
        source: the alert as the event names it.
        token: may read secret-scanning alerts.
        host: the web host that is ours; an alert of another one is refused.
        environment: where proxies, certificate bundles and `GITHUB_API_URL` are named.

    Raises:
        UnreadableEvent: the alert is not of our host, or shows no secret.
        StoreRefused: GitHub refused.
        StoreSilent: GitHub did not answer.
    """
    raise NotImplementedError
