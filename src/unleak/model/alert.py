"""What somebody else's alarm says: a key, a user or a role that is out, in words that are safe."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from unleak.model.frozen import dataclass

if TYPE_CHECKING:
    from datetime import datetime

    from unleak.model.principal import Principal


class Sender(StrEnum):
    """Who raised the alarm."""

    AWS_HEALTH = "aws-health"
    TRUSTED_ADVISOR = "trusted-advisor"
    GUARDDUTY = "guardduty"
    ATTACK_SEQUENCE = "attack-sequence"
    QUARANTINE = "quarantine"
    SECURITY_HUB = "security-hub"
    GITHUB = "github"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class GithubAlert:
    """One secret-scanning alert of GitHub, whose secret has to be fetched: the event has none."""

    host: str
    """The web host as the event names it, `github.com` for example; to be compared, not trusted."""
    owner: str
    repository: str
    number: int
    secret_type: str

    @property
    def label(self) -> str:
        """`OWNER/REPOSITORY#NUMBER`."""
        return f"{self.owner}/{self.repository}#{self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One thing that one event says has leaked; every field was checked or cleaned.

    Nothing in it is proven: whoever may write to the bus, or cause a finding, chooses its content.
    """

    sender: Sender
    type: str
    """The sender's own word for it: `AWS_RISK_CREDENTIALS_EXPOSED` for example."""
    id: str
    """The same for every repeat of one finding."""
    account: str | None = None
    """Twelve digits, as the event claims."""
    region: str | None = None
    access_key_id: str | None = None
    principal: Principal | None = None
    principal_id: str | None = None
    """`AROA...` or `AIDA...` as the sender names it: compare it with IAM's before acting."""
    session_name: str | None = None
    at: datetime | None = None
    severity: str = ""
    """`low`, `medium`, `high` or `critical`; empty where the sender grades nothing."""
    summary: str = ""
    """One clean line for a person."""
    source: GithubAlert | None = None
    """Where the secret has to be fetched; None: the alert names what leaked."""

    @property
    def words(self) -> str:
        """Who raised it and what it said, in one line."""
        return f"{self.sender}: {self.summary or self.type}"

    @property
    def subject(self) -> str:
        """What one response is about, equal for every sender and every repeat.

        A key id is unique in all of AWS, so it stands alone: not every sender names an account.
        Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
        """
        if self.access_key_id is not None:
            return f"key/{self.access_key_id}"
        account = self.account or "unknown"
        if self.principal is not None:
            session = "" if self.session_name is None else f"/session/{self.session_name}"
            return f"account/{account}/{self.principal.label}{session}"
        if self.source is not None:
            return f"{self.sender}/{self.source.host}/{self.source.label}".lower()
        return f"account/{account}/{self.sender}/{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one event came to: the alerts in it, and what in it was no alert, with the reason."""

    alerts: tuple[Alert, ...] = ()
    ignored: tuple[str, ...] = ()
