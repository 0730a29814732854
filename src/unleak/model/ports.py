"""The only two doors to AWS, as protocols: a `Reader` that changes nothing, a `Writer` that does.

Planners and identification receive a `Reader`; `apply` alone receives a `Writer`.  Every method
raises `UnleakError` subclasses only: `NoSuchPrincipal` for an entity that is not there,
`MissingPermission` where the responder may not, `AwsFailure` (with AWS's error code) or
`Unreachable` otherwise.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from unleak.model.frozen import dataclass
from unleak.model.user_ports import UserReader, UserWriter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from unleak.model.account import AccountDetails, Provider
    from unleak.model.action import Holder, KeyState, RoleRecord
    from unleak.model.credential import FoundCredential
    from unleak.model.organization import Organization
    from unleak.model.outcome import Receipt
    from unleak.model.principal import Principal
    from unleak.model.secret import Secret
    from unleak.model.situation import Caller, GroupFacts, InlinePolicy, KeyFact, ManagedPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyUse:
    """What `GetAccessKeyLastUsed` tells; `user` None means the root user or nobody."""

    user: str | None
    last_used_at: datetime | None = None
    service: str | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleRead:
    """What `GetRole` tells."""

    principal: Principal
    record: RoleRecord
    created_at: datetime | None
    last_used: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailEvent:
    """One CloudTrail event: its raw JSON text and the fields that every caller needs."""

    event_id: str
    event_name: str
    region: str
    at: datetime | None
    document: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """One `SimulatePrincipalPolicy` verdict for one action."""

    action: str
    decision: str
    """`allowed`, `explicitDeny` or `implicitDeny`."""
    matched: tuple[str, ...]
    """The source policy ids of the statements that decided; empty: the simulator named none."""
    missing: tuple[str, ...] = ()
    """Condition keys that the policies ask for and the question did not tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Denial:
    """What `sts:DecodeAuthorizationMessage` tells of one refused call."""

    is_explicit: bool
    sids: tuple[str, ...] = ()
    """The ids of the statements that denied; empty texts stand for statements without an id."""


class Clock(Protocol):
    """AWS's clock, never the local one."""

    def now(self) -> datetime | None:
        """Return an upper bound of AWS's time now, or None before any answer was seen."""
        ...

    def skew_seconds(self) -> float | None:
        """Return local clock minus AWS's clock in seconds, or None before any answer was seen."""
        ...


class Reader(UserReader, Protocol):
    """Questions that change nothing."""

    @property
    def clock(self) -> Clock:
        """The clock that the answers set."""
        ...

    @property
    def region(self) -> str:
        """The region that regional questions go to."""
        ...

    def signing_key_id(self) -> str | None:
        """Return the responder's own access key id; no call is made."""
        ...

    def caller(self) -> Caller:
        """Ask `sts:GetCallerIdentity`."""
        ...

    def account_of_key(self, key_id: str) -> str:
        """Ask `sts:GetAccessKeyInfo` for the account of a key id."""
        ...

    def key_use(self, key_id: str) -> KeyUse:
        """Ask `iam:GetAccessKeyLastUsed` for the user of a key."""
        ...

    def users(self) -> tuple[str, ...]:
        """List all user names (`iam:ListUsers`)."""
        ...

    def keys(self, user: str) -> tuple[KeyFact, ...]:
        """List the access keys of a user."""
        ...

    def user(self, name: str) -> Principal:
        """Read one user."""
        ...

    def role(self, name: str) -> RoleRead:
        """Read one role."""
        ...

    def inline_policy(self, holder: Holder, policy_name: str) -> str | None:
        """Return the exact text of an inline policy, or None where there is none."""
        ...

    def inline_policies(self, holder: Holder) -> tuple[InlinePolicy, ...]:
        """Return all inline policies with their texts."""
        ...

    def attached_policies(self, holder: Holder) -> tuple[ManagedPolicy, ...]:
        """Return the attached managed policies, without their texts."""
        ...

    def managed_policy(self, policy_arn: str) -> str | None:
        """Return the text of the default version of a managed policy, None where there is none."""
        ...

    def groups(self, user: str) -> tuple[GroupFacts, ...]:
        """Return the groups of a user with the policies they bring."""
        ...

    def boundary(self, holder: Holder) -> str | None:
        """Return the ARN of the permissions boundary, or None."""
        ...

    def instance_profiles(self, role: str) -> tuple[str, ...]:
        """Return the names of the instance profiles that a role is in."""
        ...

    def account_summary(self) -> Mapping[str, int]:
        """Read `iam:GetAccountSummary`."""
        ...

    def account_details(self) -> AccountDetails:
        """Read all users, roles and own policies (`iam:GetAccountAuthorizationDetails`)."""
        ...

    def providers(self) -> tuple[Provider, ...]:
        """List the OpenID Connect and SAML providers with their dates."""
        ...

    def simulate(
        self,
        principal_arn: str,
        actions: Sequence[str],
        *,
        issued_at: datetime | None,
        context: Mapping[str, str],
    ) -> tuple[Simulation, ...]:
        """Ask `iam:SimulatePrincipalPolicy`, as a session issued at `issued_at` where given."""
        ...

    def regions(self) -> tuple[str, ...]:
        """Return the regions that are enabled for the account."""
        ...

    def trail_events(
        self, *, attribute: str, value: str, region: str, since: datetime | None = None
    ) -> tuple[TrailEvent, ...]:
        """Ask `cloudtrail:LookupEvents` in one region, the newest events, not before `since`."""
        ...

    def decode_denial(self, message: str) -> Denial | None:
        """Ask `sts:DecodeAuthorizationMessage`; None where the answer is not understood."""
        ...

    def ask_leaked(self, found: FoundCredential, *, region: str | None) -> Caller:
        """Ask `sts:GetCallerIdentity` signed with the leaked credential; the caller has consent."""
        ...

    def assume_role(self, role_arn: str, *, session_name: str) -> FoundCredential:
        """Mint a session of ours (`sts:AssumeRole`, the shortest lifetime) for proof of life."""
        ...

    def organization(self) -> Organization:
        """Ask `organizations:DescribeOrganization` and `organizations:ListRoots`.

        Raises:
            NoOrganization: the account that asks is in none.
        """
        ...

    def fence(self, account: str) -> str | None:
        """Return the exact text of unleak's service control policy of a member account.

        None where none is attached to the account: one that is there but attached to nothing
        binds nobody.  Asks `organizations:ListPoliciesForTarget`, `organizations:DescribePolicy`.

        Raises:
            NoOrganization: the account is no member of the organization that is in reach.
        """
        ...

    def fence_room(self, account: str) -> int | None:
        """Return how many more service control policies fit on the account, ours not counted.

        None where it is not known.  Asks `organizations:ListPoliciesForTarget`.

        Raises:
            NoOrganization: the account is no member of the organization that is in reach.
        """
        ...

    def is_member(self, account: str) -> bool:
        """Ask `organizations:DescribeAccount` whether an account is of our own organization.

        Raises:
            NoOrganization: the account that asks is in none.
        """
        ...

    def of_account(self, account: str | None) -> Reader:
        """Return the reader of an account: this one where it is our own, or nobody can tell.

        Another account is entered (`sts:AssumeRole`, for what unleak does there and nothing else).

        Raises:
            UnleakError: it cannot be entered.
        """
        ...

    def root_features(self) -> frozenset[str]:
        """Ask `iam:ListOrganizationsFeatures` how central root access is set up.

        `RootCredentialsManagement` and `RootSessions` are the names that matter.

        Raises:
            NoOrganization: the account that asks manages none.
        """
        ...

    def root_keys(self, account: str) -> tuple[KeyFact, ...]:
        """List the access keys of a member account's root user.

        Asks `sts:AssumeRoot` for a session that may only look, and `iam:ListAccessKeys` with it.
        """
        ...


class Writer(UserWriter, Protocol):
    """The changes that unleak can make; held by `apply` alone."""

    def into_account(self, account: str | None) -> Writer:
        """Return the writer of an account: this one where it is our own, or nobody can tell.

        Raises:
            UnleakError: another account cannot be entered; nothing was changed there.
        """
        ...

    def set_key_status(self, *, user: str, key_id: str, state: KeyState) -> Receipt:
        """Call `iam:UpdateAccessKey`, always with the user's name."""
        ...

    def delete_key(self, *, user: str, key_id: str) -> Receipt:
        """Call `iam:DeleteAccessKey`."""
        ...

    def delete_root_key(self, *, account: str, key_id: str) -> Receipt:
        """Call `sts:AssumeRoot` for the task of deleting, and `iam:DeleteAccessKey` with it."""
        ...

    def put_inline_policy(self, holder: Holder, *, policy_name: str, document: str) -> Receipt:
        """Call `iam:PutRolePolicy` or `iam:PutUserPolicy`."""
        ...

    def delete_inline_policy(self, holder: Holder, *, policy_name: str) -> Receipt:
        """Call `iam:DeleteRolePolicy` or `iam:DeleteUserPolicy`."""
        ...

    def create_policy(self, *, policy_name: str, document: str) -> Receipt:
        """Call `iam:CreatePolicy`."""
        ...

    def delete_policy(self, policy_arn: str) -> Receipt:
        """Call `iam:DeletePolicy`."""
        ...

    def attach_policy(self, holder: Holder, *, policy_arn: str) -> Receipt:
        """Call `iam:AttachRolePolicy` or `iam:AttachUserPolicy`."""
        ...

    def detach_policy(self, holder: Holder, *, policy_arn: str) -> Receipt:
        """Call `iam:DetachRolePolicy` or `iam:DetachUserPolicy`."""
        ...

    def put_boundary(self, holder: Holder, *, policy_arn: str) -> Receipt:
        """Call `iam:PutRolePermissionsBoundary` or `iam:PutUserPermissionsBoundary`."""
        ...

    def delete_boundary(self, holder: Holder) -> Receipt:
        """Call `iam:DeleteRolePermissionsBoundary` or `iam:DeleteUserPermissionsBoundary`."""
        ...

    def add_to_group(self, *, user: str, group: str) -> Receipt:
        """Call `iam:AddUserToGroup`."""
        ...

    def remove_from_group(self, *, user: str, group: str) -> Receipt:
        """Call `iam:RemoveUserFromGroup`."""
        ...

    def create_role(self, record: RoleRecord) -> Receipt:
        """Call `iam:CreateRole`."""
        ...

    def delete_role(self, role: str) -> Receipt:
        """Call `iam:DeleteRole`."""
        ...

    def add_to_instance_profile(self, *, role: str, profile: str) -> Receipt:
        """Call `iam:AddRoleToInstanceProfile`."""
        ...

    def remove_from_instance_profile(self, *, role: str, profile: str) -> Receipt:
        """Call `iam:RemoveRoleFromInstanceProfile`."""
        ...

    def set_fence(self, *, account: str, document: str) -> Receipt:
        """Give the account's own policy this text, make it where it is missing, and attach it.

        Calls `organizations:ListPoliciesForTarget`, then `organizations:UpdatePolicy`, or
        `organizations:CreatePolicy` (a name that is taken: `organizations:ListPolicies` finds it)
        and `organizations:AttachPolicy`.
        """
        ...

    def remove_fence(self, account: str) -> Receipt:
        """Call `organizations:DetachPolicy` and `organizations:DeletePolicy`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeAnswer:
    """What one harmless signed call got back."""

    service: str
    operation: str
    region: str
    ok: bool
    error_code: str = ""
    message: str = ""
    status: int = 0
    at: datetime | None = None
    encoded: Secret | None = None
    """The encoded authorization failure message, for `decode_denial` alone; never shown."""


class Prober(Protocol):
    """Signs harmless read-only calls with a credential that is not the responder's."""

    def probe(self, credential: FoundCredential, *, service: str, region: str) -> ProbeAnswer:
        """Make the one harmless call of `service` and say what came back; never raises."""
        ...

    @property
    def services(self) -> tuple[str, ...]:
        """The services that a probe exists for."""
        ...
