"""Posters and sources of secrets that keep what they were given."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from unleak.errors import NoSuchPrincipal
from unleak.model.secret import Secret

if TYPE_CHECKING:
    from unleak.errors import UnleakError

TOPIC = "arn:aws:sns:eu-west-1:123456789012:security"


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """One thing that was sent through AWS."""

    to: tuple[str, ...]
    sender: str
    subject: str
    text: str


@dataclass(slots=True, kw_only=True)
class KeepingPoster:
    """A `Poster`; `trouble` is raised instead of sending."""

    posted: list[Posted] = field(default_factory=list)
    trouble: Exception | None = None
    hangs_until: threading.Event | None = None

    def publish(self, topic_arn: str, subject: str, text: str) -> None:
        self._take(Posted(to=(topic_arn,), sender="", subject=subject, text=text))

    def send_mail(self, sender: str, recipients: tuple[str, ...], subject: str, text: str) -> None:
        self._take(Posted(to=recipients, sender=sender, subject=subject, text=text))

    def _take(self, posted: Posted) -> None:
        if self.hangs_until is not None and posted.sender == "":
            self.hangs_until.wait(30)
        if self.trouble is not None:
            raise self.trouble
        self.posted.append(posted)


@dataclass(slots=True, kw_only=True)
class KnownSecrets:
    """A `SecretSource` of what it was given."""

    values: dict[str, str] = field(default_factory=dict)
    trouble: UnleakError | None = None

    def fetch(self, reference: str) -> Secret:
        if self.trouble is not None:
            raise self.trouble
        if reference not in self.values:
            message = f"{reference} is not there"
            raise NoSuchPrincipal(message)
        return Secret(self.values[reference])
