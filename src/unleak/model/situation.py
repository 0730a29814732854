"""The facts that a plan rests on: who we are, what the principal has, what its policies say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.model.frozen import dataclass
from unleak.model.reading import NOT_LOOKED_AT

if TYPE_CHECKING:
    from datetime import datetime

    from unleak.model.action import KeyState, RoleRecord
    from unleak.model.credential import Credential
    from unleak.model.organization import FenceFacts
    from unleak.model.principal import Principal
    from unleak.model.reading import Listing, Reading
    from unleak.model.ways_in import ServiceCredential, WaysIn


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who the responder is, from `GetCallerIdentity`; all None where the cloud cannot tell."""

    account: str | None
    arn: str | None
    unique_id: str | None
    """`AROA...:session` for a role session, `AIDA...` for a user."""
    access_key_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFact:
    """One access key of a user, from `ListAccessKeys`."""

    key_id: str
    state: KeyState
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InlinePolicy:
    """One inline policy with its exact text."""

    name: str
    document: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagedPolicy:
    """One attached managed policy; its text is read only where it matters."""

    arn: str
    name: str
    document: Reading[str] = NOT_LOOKED_AT


@dataclass(frozen=True, slots=True, kw_only=True)
class PrincipalFacts:
    """What we read of one role or user before planning.

    The quick look (with `--yes`) reads only what the deny needs; the rest stays `NOT_LOOKED_AT`.
    """

    principal: Principal
    max_session_seconds: int | None = None
    created_at: datetime | None = None
    revoke_policy: Reading[str] = NOT_LOOKED_AT
    """The exact text of the inline policy `AWSRevokeOlderSessions`."""
    own_policy: Reading[str] = NOT_LOOKED_AT
    """The exact text of unleak's inline policy for single sessions."""
    deny_all_policy: Reading[str] = NOT_LOOKED_AT
    """The exact text of unleak's unconditional deny."""
    keys: Listing[tuple[KeyFact, ...]] = NOT_LOOKED_AT
    inline: Listing[tuple[InlinePolicy, ...]] = NOT_LOOKED_AT
    attached: Listing[tuple[ManagedPolicy, ...]] = NOT_LOOKED_AT
    groups: Listing[tuple[GroupFacts, ...]] = NOT_LOOKED_AT
    boundary: Reading[ManagedPolicy] = NOT_LOOKED_AT
    instance_profiles: Listing[tuple[str, ...]] = NOT_LOOKED_AT
    record: Reading[RoleRecord] = NOT_LOOKED_AT
    last_used: Reading[str] = NOT_LOOKED_AT
    """Words about the last use of a role: instant and region."""
    service_credentials: Listing[tuple[ServiceCredential, ...]] = NOT_LOOKED_AT
    """Read before the cut where a credential for one service leaked, and only then."""
    bearer_policy: Reading[str] = NOT_LOOKED_AT
    """The exact text of unleak's deny of bearer tokens; read with the credentials above."""
    ways_in: WaysIn | None = None
    """What a user signs in with beside access keys; None: not looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupFacts:
    """A group that the user is in, with the policies that come from it."""

    name: str
    inline: Listing[tuple[InlinePolicy, ...]] = NOT_LOOKED_AT
    attached: Listing[tuple[ManagedPolicy, ...]] = NOT_LOOKED_AT


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotas:
    """Policy size limits in characters, white space not counted, and attachment limits.

    Defaults from https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    """

    role_inline: int = 10_240
    user_inline: int = 2_048
    managed: int = 6_144
    attached_per_role: int = 10
    attached_per_user: int = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class RootFacts:
    """What was read before a leak of an account's root user is contained."""

    account: str
    fence: FenceFacts
    features: Listing[frozenset[str]] = NOT_LOOKED_AT
    """How central root access is set up: `RootCredentialsManagement`, `RootSessions`."""
    keys: Listing[tuple[KeyFact, ...]] = NOT_LOOKED_AT
    """The root user's access keys, where central root access let us look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """All facts of one response, gathered before anything is planned."""

    caller: Caller
    credentials: tuple[Credential, ...]
    principals: tuple[PrincipalFacts, ...]
    quotas: Quotas = Quotas()
    notes: tuple[str, ...] = ()
    roots: tuple[RootFacts, ...] = ()
    """One for each account whose root user leaked, where an organization was looked for."""
