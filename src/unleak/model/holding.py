"""The long-lived credentials of an account, how risky each is, and what could take its place."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from unleak.model.frozen import dataclass
from unleak.model.plan import Grip
from unleak.model.reading import NOT_LOOKED_AT

if TYPE_CHECKING:
    from datetime import datetime

    from unleak.model.reading import Reading
    from unleak.model.reference import KeyUsers

ROOT = "root"
"""The owner of what the root user holds."""


class HoldingKind(StrEnum):
    """The kinds of credential that live until somebody takes them away."""

    ACCESS_KEY = "access-key"
    PASSWORD = "password"  # noqa: S105 - the name of a kind
    SERVICE_KEY = "service-key"
    """Of one service alone: CodeCommit, Keyspaces, Bedrock, CloudWatch Logs."""
    SSH_KEY = "ssh-public-key"
    CERTIFICATE = "signing-certificate"


class HoldingState(StrEnum):
    """Whether it works."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """The last use that IAM has noted, some hours late."""

    at: datetime
    service: str | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """One long-lived credential."""

    kind: HoldingKind
    owner: str
    """The user's name, or `root`."""
    owner_arn: str
    state: HoldingState
    id: str | None = None
    """Its id; passwords have none, and those of root's keys only root is told."""
    is_root: bool = False
    created_at: datetime | None = None
    """When it was made or last changed; None: not known."""
    last_used: Reading[Used] = NOT_LOOKED_AT
    """`Absent`: never, as far as AWS has kept count."""
    service: str | None = None
    """For a service key, which service takes it."""
    expires_at: datetime | None = None
    has_mfa: bool | None = None
    """For a password; None: not known."""

    @property
    def label(self) -> str:
        """What it is called in one line: `user/ci AKIA...`, `root password`."""
        whose = ROOT if self.is_root else f"user/{self.owner}"
        return f"{whose} {self.id or self.kind}"


class Risk(StrEnum):
    """How urgent it is."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def rank(self) -> int:
        """The higher, the more urgent."""
        return {Risk.LOW: 1, Risk.MEDIUM: 2, Risk.HIGH: 3}[self]


class Rule(StrEnum):
    """Why it is risky; the ids are what pipelines see."""

    ROOT_KEY = "root-access-key"
    ROOT_CERTIFICATE = "root-signing-certificate"
    ROOT_PASSWORD = "root-password"  # noqa: S105 - the name of a rule
    NO_MFA = "password-without-mfa"
    ADMIN = "can-take-over-the-account"
    MANY_SOURCES = "used-from-many-sources"
    NEVER_USED = "never-used"
    UNUSED = "unused"
    OLD = "old"
    NO_EXPIRY = "never-expires"
    TWO_KEYS = "two-active-keys"
    SWITCHED_OFF = "inactive-but-kept"
    LONG_LIVED = "long-lived"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One reason for a risk, in words."""

    rule: Rule
    risk: Risk
    words: str


class ReplacementKind(StrEnum):
    """What gives temporary credentials instead."""

    DELETE = "delete"
    """Nobody uses it: nothing has to take its place."""
    INSTANCE_PROFILE = "instance-profile"
    TASK_ROLE = "ecs-task-role"
    EXECUTION_ROLE = "lambda-execution-role"
    EKS = "eks-pod-identity-or-irsa"
    GITHUB = "oidc-github-actions"
    GITLAB = "oidc-gitlab"
    TERRAFORM = "oidc-hcp-terraform"
    IDENTITY_CENTER = "identity-center"
    ROLES_ANYWHERE = "roles-anywhere"
    BEDROCK = "bedrock-short-term-key"
    CODECOMMIT = "git-remote-codecommit"
    SIGNED_REQUESTS = "signed-requests"
    SES = "ses-api-with-a-role"
    ROOT = "central-root-access"
    ASK = "ask-who-uses-it"
    """Nothing tells who uses it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snippet:
    """A few lines to copy."""

    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """What to use instead, why we think so, and the lines that set it up."""

    kind: ReplacementKind
    title: str
    why: str
    snippets: tuple[Snippet, ...] = ()
    link: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One long-lived credential, judged."""

    holding: Holding
    risk: Risk
    reasons: tuple[Reason, ...]
    """The gravest first; never empty."""
    power: Grip = Grip.NOT_LOOKED_AT
    """Whether its owner could take the account over."""
    users: KeyUsers | None = None
    """None: CloudTrail was not asked."""
    replacements: tuple[Replacement, ...] = ()
    """The best fit first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotAudited:
    """What could not be looked at, and why: unknown is not clean."""

    where: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditResult:
    """All long-lived credentials that could be seen, the riskiest first."""

    account: str | None
    partition: str
    at: datetime
    findings: tuple[Finding, ...]
    not_audited: tuple[NotAudited, ...]
    users_seen: int
    report_at: datetime | None = None
    """When AWS made the credential report that dates were taken from; None: there is none."""
