"""GitHub secret scanning: an AWS key stands in a repository; the event does not say which.

Sources: https://docs.github.com/en/webhooks/webhook-events-and-payloads#secret_scanning_alert
https://docs.github.com/en/code-security/secret-scanning/introduction/supported-secret-scanning-patterns
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from unleak.errors import UnreadableEvent
from unleak.evidence.alerts import checked
from unleak.model.alert import Alert, GithubAlert, Reading, Sender

if TYPE_CHECKING:
    from unleak.evidence.alerts.fields import Fields

EVENTS: Final = frozenset({"secret_scanning_alert", "secret_scanning_alert_location"})
"""The values of `X-GitHub-Event` that can bring an alert."""
_ACTIONS: Final = frozenset({"created", "publicly_leaked", "reopened", "validated"})
_OURS: Final = ("aws_", "amazon_bedrock_")
"""`aws_access_key_id`, `aws_secret_access_key`, `aws_session_token` ... and keys for Bedrock."""
_NO_ALERT: Final = "a webhook of GitHub names no alert: host, owner, repository and number"
_HINT: Final = "send it again from the webhook's page on GitHub"
_OWNER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
_REPOSITORY: Final = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}")
_HOST: Final = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?(?::[0-9]{1,5})?")
_LARGEST: Final = 10**12
_LONGEST_URL: Final = 1_000


def is_github(body: Fields) -> bool:
    """Whether it is the body of one of the two webhooks."""
    return "action" in body and "secret_type" in body.part("alert")


def read_github(body: Fields) -> Reading:
    """Return the alert of one webhook; its signature is checked elsewhere, over the raw bytes.

    Raises:
        UnreadableEvent: it names no alert that could be fetched.
    """
    action, alert = checked.word(body.text("action")), body.part("alert")
    kind = checked.word(alert.text("secret_type"))
    if not kind:
        raise UnreadableEvent(_NO_ALERT, hint=_HINT)
    if not kind.startswith(_OURS):
        return Reading(ignored=(f"GitHub: {kind} is not AWS's",))
    if action not in _ACTIONS:
        return Reading(ignored=(f"GitHub: an alert was {action or 'touched'}",))
    if alert.text("resolution") or alert.text("state") == "resolved":
        return Reading(ignored=("GitHub: the alert is resolved",))
    source = _source(body, alert, kind)
    is_public = alert.get("publicly_leaked") is True or action == "publicly_leaked"
    where = "in public" if is_public else "in a repository"
    return Reading(
        alerts=(
            Alert(
                sender=Sender.GITHUB,
                type=kind,
                id=f"{source.host}/{source.label}{'/public' if is_public else ''}",
                at=checked.instant(alert.get("updated_at"))
                or checked.instant(alert.get("created_at")),
                severity="critical" if is_public else "high",
                summary=f"GitHub found it {where}: {source.label}",
                source=source,
            ),
        )
    )


def _source(body: Fields, alert: Fields, kind: str) -> GithubAlert:
    repository = body.part("repository")
    owner, _, name = repository.text("full_name").partition("/")
    host = _host(repository.text("html_url") or alert.text("html_url"))
    number = alert.get("number")
    is_number = isinstance(number, int) and not isinstance(number, bool) and 0 < number < _LARGEST
    if not (_OWNER.fullmatch(owner) and _REPOSITORY.fullmatch(name) and host and is_number):
        raise UnreadableEvent(_NO_ALERT, hint=_HINT)
    return GithubAlert(
        host=host,
        owner=owner,
        repository=name,
        number=number if isinstance(number, int) else 0,
        secret_type=kind,
    )


def _host(url: str) -> str:
    """Return the host that a link points at, without port 443; empty where it is no HTTPS link."""
    try:
        parts = urlsplit(url[:_LONGEST_URL])
        host = parts.netloc.lower().removesuffix(":443")
    except ValueError:
        return ""
    return host if parts.scheme == "https" and _HOST.fullmatch(host) else ""
