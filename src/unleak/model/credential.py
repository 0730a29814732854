"""What leaked: as it was found in the evidence, and as it was identified."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from unleak.model.frozen import dataclass

if TYPE_CHECKING:
    from datetime import datetime

    from unleak.model.principal import Principal
    from unleak.model.secret import Secret


class CredentialKind(StrEnum):
    """The kinds of credential of the contract; `unknown-*` says that the id alone does not tell."""

    USER_KEY = "user-key"
    ROLE_SESSION = "role-session"
    USER_SESSION = "user-session"
    FEDERATED_SESSION = "federated-session"
    ROOT_KEY = "root-key"
    ROOT_SESSION = "root-session"
    SERVICE_KEY = "service-key"
    UNKNOWN_SESSION = "unknown-session"
    PRINCIPAL = "principal"
    """Nothing but a name was given: everything that this user or role holds counts as leaked."""

    @property
    def is_session(self) -> bool:
        """Whether it is temporary: it dies by a deny, never by deactivation."""
        return self in _SESSIONS


_SESSIONS = frozenset(
    {
        CredentialKind.ROLE_SESSION,
        CredentialKind.USER_SESSION,
        CredentialKind.FEDERATED_SESSION,
        CredentialKind.ROOT_SESSION,
        CredentialKind.UNKNOWN_SESSION,
    }
)


class CredentialStatus(StrEnum):
    """What AWS says of a key, or the clock of a session."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    EXPIRED = "expired"
    DELETED = "deleted"


class How(StrEnum):
    """Where a fact about a credential comes from."""

    OFFLINE = "offline"
    STS = "sts"
    IAM = "iam"
    CLOUDTRAIL = "cloudtrail"
    ASKED_LEAKED = "asked-leaked"
    """`GetCallerIdentity` signed with the leaked credential itself."""
    NAMED = "named"
    """The person said so."""
    VAULT = "vault"
    """Vault said so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundCredential:
    """One credential as the evidence shows it; parts that were not in it are None."""

    access_key_id: str | None
    secret: Secret | None = None
    session_token: Secret | None = None
    account_hint: str | None = None
    """From the key id or the session token, offline; a typo in an id decodes too."""
    region_hint: str | None = None
    """The STS region that issued the session token."""
    expires_at: datetime | None = None
    """Where the evidence says so (the JSON of AssumeRole, IMDS, credential_process)."""
    arn: str | None = None
    """An identity ARN that stands with it (`AssumedRoleUser.Arn`); a claim, to be checked."""
    service: str | None = None
    """The only service that takes it, `bedrock.amazonaws.com`; None: a credential for all."""
    alias: str | None = None
    """The name that such a credential carries inside."""
    notes: tuple[str, ...] = ()

    @property
    def can_sign(self) -> bool:
        """Whether the evidence holds all that is needed to make a request with it."""
        if self.access_key_id is None or self.secret is None:
            return False
        return self.session_token is not None or not self.access_key_id.startswith("ASIA")


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """One leaked credential, identified as far as it could be."""

    access_key_id: str | None
    kind: CredentialKind
    account: str | None = None
    partition: str | None = None
    principal: Principal | None = None
    parent: Principal | None = None
    """The IAM user behind a federated session: the deny has to sit there."""
    session_name: str | None = None
    issued_at: datetime | None = None
    expires_at: datetime | None = None
    status: CredentialStatus | None = None
    how: tuple[How, ...] = ()
    notes: tuple[str, ...] = ()
    service: str | None = None
    """The only service that takes it; None: a credential for all, or not known."""
    alias: str | None = None
    """The name that a credential of one service carries."""

    @property
    def label(self) -> str:
        """How to call it in a sentence: its id, else whose it is."""
        if self.access_key_id is not None:
            return self.access_key_id
        if self.principal is None:
            return str(self.kind)
        if self.session_name is not None:
            return f"session/{self.principal.name}/{self.session_name}"
        return self.principal.label
