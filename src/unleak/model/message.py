"""What people are told, who tells it, and what became of it at each destination."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from unleak.model.frozen import dataclass

if TYPE_CHECKING:
    from unleak.model.secret import Secret


class Severity(StrEnum):
    """How loud a message is."""

    INFO = "info"
    """Nobody has to do anything at once."""
    WARNING = "warning"
    """Somebody has to decide or to finish something."""
    CRITICAL = "critical"
    """What leaked may still work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message to people, as plain text without a secret.

    Whoever sends it makes it harmless once more for where it goes.
    """

    title: str
    lines: tuple[str, ...]
    next_steps: tuple[str, ...] = ()
    """What a person must do, each with its command between backticks."""
    severity: Severity = Severity.WARNING
    incident: str | None = None
    link: str | None = None
    """Where it can be approved: only https, and never taken from an event."""


class Delivery(StrEnum):
    """What became of a message at one destination."""

    SENT = "sent"
    REFUSED = "refused"
    """The destination answered, and not with success."""
    SILENT = "silent"
    """No answer within the time; it may have arrived."""
    UNUSABLE = "unusable"
    """The destination makes no sense, its secret cannot be read, or a library is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One destination and what became of the message there; holds no secret."""

    destination: str
    """A label: `sns:arn:...`, `secretsmanager:chat, line 2: slack`."""
    delivery: Delivery
    why: str = ""

    @property
    def is_sent(self) -> bool:
        """Whether the destination has taken it."""
        return self.delivery is Delivery.SENT


class Teller(Protocol):
    """Sends a message everywhere; nothing that goes wrong there is raised."""

    def tell(self, message: Message) -> tuple[Told, ...]:
        """Send to every destination, all at the same time, each within a limit.

        Args:
            message: what to say.
        """
        ...


class SecretSource(Protocol):
    """Where the responder's own secrets are kept: of webhooks, chats and approvals."""

    def fetch(self, reference: str) -> Secret:
        """Return the value that stands behind a reference.

        Args:
            reference: `ssm:NAME`, `secretsmanager:NAME` or `secretsmanager:ARN`.

        Raises:
            UnleakError: it makes no sense, is not there, or may not be read.
        """
        ...


class Poster(Protocol):
    """Sends text through AWS, signed with the responder's own credentials."""

    def publish(self, topic_arn: str, subject: str, text: str) -> None:
        """Publish to a topic of SNS.

        Args:
            topic_arn: whole.
            subject: less than 100 ASCII characters, for subscribers by mail.
            text: at most 256 KB.

        Raises:
            UnleakError: AWS refused, or did not answer.
        """
        ...

    def send_mail(self, sender: str, recipients: tuple[str, ...], subject: str, text: str) -> None:
        """Send one mail by SES.

        Args:
            sender: an address or domain that SES has verified.
            recipients: addresses.
            subject: one line.
            text: plain text.

        Raises:
            UnleakError: AWS refused, or did not answer.
        """
        ...
