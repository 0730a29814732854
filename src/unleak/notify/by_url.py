"""Chats, pagers, mail servers and webhooks by their URL, through apprise.

Source of the URLs: https://github.com/caronc/apprise/wiki
"""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Final

from unleak.errors import NotInstalled
from unleak.model.message import Delivery, Severity
from unleak.notify.outcome import Result
from unleak.notify.wording import body, title

if TYPE_CHECKING:
    from collections.abc import Iterable

    from apprise import AppriseAsset, NotifyBase

    from unleak.model.message import Message
    from unleak.model.secret import Secret

_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_STATUS: Final = re.compile(r"\berror=([1-5][0-9]{2})\b")
_NO_CONNECTION: Final = re.compile(r"(?i)connection error|timed? ?out|timeout")
_MOST: Final = 20_000
"""Characters of one message, whatever a service says it takes."""
_LONGEST_TITLE: Final = 250
_KINDS: Final = {
    Severity.INFO: "info",
    Severity.WARNING: "warning",
    Severity.CRITICAL: "failure",
}


def send(url: Secret, message: Message) -> Result:
    """Send a message to one URL, and return what became of it.

    Args:
        url: of apprise's kind: `slack://...`, `workflows://...` for Teams, `pagerduty://...`,
            `jsons://...`, `mailtos://...`, or the https address that Slack or Teams shows.
        message: what to say.

    Raises:
        NotInstalled: apprise is not there.
    """
    try:
        from apprise import Apprise  # noqa: PLC0415 - optional, and loads a hundred services
    except ImportError as error:
        missing = "the Python package apprise is not installed"
        raise NotInstalled(missing, hint="`pip install 'unleak[notify]'`") from error
    asset = _asset()
    service = Apprise.instantiate(url.reveal(), asset=asset)
    if service is None:
        return Result(delivery=Delivery.UNUSABLE, why="apprise knows no such URL")
    name = str(service.service_name)
    unsafe = _unsafe(service)
    if unsafe:
        return Result(delivery=Delivery.UNUSABLE, why=unsafe, name=name)
    is_markdown = _takes(service, "markdown") and not _takes(service, "text")
    heading = title(message, min(service.title_maxlen, _LONGEST_TITLE) or _LONGEST_TITLE)
    room = min(service.body_maxlen, _MOST) - len(heading) - len("\r\n")
    sender = Apprise(asset=asset)
    sender.add(service)
    result = sender.notify(
        title=heading,
        body=body(message, room, is_markdown=is_markdown),
        body_format="markdown" if is_markdown else "text",
        notify_type=_KINDS[message.severity],
    )
    if result:
        return Result(delivery=Delivery.SENT, name=name)
    return _failed(name, [entry.message for entry in result.logs()])


def _asset() -> AppriseAsset:
    """Return settings under which apprise keeps to itself.

    No picture of another host's, no redirect, no thread of its own, nothing on disk; and no log,
    because that shows parts of URLs.
    """
    from apprise import AppriseAsset  # noqa: PLC0415 - optional

    logging.getLogger("apprise").propagate = False
    return AppriseAsset(
        app_id="unleak",
        app_desc="unleak",
        app_url="",
        async_mode=False,
        http_redirects=False,
        image_url_mask="",
        image_url_logo="",
        interpret_emojis=False,
        secure_logging=True,
        service_timeout=0,
        storage_mode="memory",
    )


def _takes(service: NotifyBase, form: str) -> bool:
    formats: object = service.notify_format
    offered: Iterable[object] = formats if isinstance(formats, tuple) else (formats,)
    return any(form == getattr(each, "value", each) for each in offered)


def _unsafe(service: NotifyBase) -> str:
    """Return why a message must not go there, empty where it may: it can hold an approval link."""
    if getattr(service, "host", None) in _LOOPBACK:
        return ""
    secure: object = service.secure_protocol
    names: Iterable[object] = secure if isinstance(secure, tuple) else (secure,)
    shown = str(service.url(privacy=True))  # type: ignore[no-untyped-call]  # apprise's own gap
    if shown.partition(":")[0] not in names:
        return "its URL is for a way that is not encrypted"
    if not service.verify_certificate:
        return "its URL switches off the check of the certificate"
    return ""


def _failed(name: str, logged: list[str]) -> Result:
    """Return what apprise's log tells of a failure, and nothing of its words: they hold URLs."""
    words = " ".join(logged)
    status = _STATUS.search(words)
    if status is not None:
        return Result(delivery=Delivery.REFUSED, why=f"HTTP {status[1]}", name=name)
    if _NO_CONNECTION.search(words):
        return Result(delivery=Delivery.SILENT, why="no connection, or no answer", name=name)
    return Result(delivery=Delivery.REFUSED, why="apprise could not send it", name=name)
