"""An account in memory that answers as `Reader` and obeys as `Writer`.

It keeps what IAM keeps (users, roles, keys, policies, groups, boundaries, instance profiles), the
fence of an organization, and nothing more: it enforces no policy.  `calls` is the order of the
writes, `failing` makes a method raise.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from fakes.user_rest import UserRest
from unleak.errors import (
    AwsFailure,
    MissingPermission,
    NoOrganization,
    NoSuchPrincipal,
    UnleakError,
)
from unleak.model.account import AccountDetails, PolicyDetail, Provider, RoleDetail, UserDetail
from unleak.model.action import Holder, HolderType, KeyState, RoleRecord
from unleak.model.credential import FoundCredential
from unleak.model.organization import Organization, scp_quotas
from unleak.model.outcome import Receipt
from unleak.model.ports import Denial, KeyUse, RoleRead, Simulation, TrailEvent
from unleak.model.principal import Principal, PrincipalType
from unleak.model.reading import Known
from unleak.model.secret import Secret
from unleak.model.situation import Caller, GroupFacts, InlinePolicy, KeyFact, ManagedPolicy

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from unleak.model.ports import Clock

START = datetime(2026, 11, 24, 7, 0, 0, tzinfo=UTC)
LONG_AGO = START - timedelta(days=400)
"""When everything was made that a test puts into the account without a word about its age."""


class FakeClock:
    """A clock that stands still until it is told to move; None: AWS was never heard."""

    def __init__(self, at: datetime | None = START, *, skew: float | None = 0.0) -> None:
        self.at = at
        self.skew = skew

    def now(self) -> datetime | None:
        return self.at

    def skew_seconds(self) -> float | None:
        return self.skew

    def move(self, by: timedelta) -> None:
        if self.at is not None:
            self.at += by


@dataclass(slots=True)
class FakeGroup:
    """A group: its policies."""

    inline: dict[str, str] = field(default_factory=dict)
    attached: list[str] = field(default_factory=list)


@dataclass(slots=True)
class FakePrincipal:
    """A user or a role: everything that IAM keeps of it."""

    principal: Principal
    inline: dict[str, str] = field(default_factory=dict)
    attached: list[str] = field(default_factory=list)
    boundary: str | None = None
    keys: dict[str, KeyState] = field(default_factory=dict)
    groups: list[str] = field(default_factory=list)
    profiles: list[str] = field(default_factory=list)
    record: RoleRecord | None = None
    created_at: datetime = LONG_AGO
    last_used_at: datetime | None = None
    keys_made_at: dict[str, datetime] = field(default_factory=dict)
    password_made_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One write as it arrived: the method and its arguments as text."""

    method: str
    target: str


class FakeCloud(UserRest):
    """One account in memory; implements `Reader` and `Writer`.

    Args:
        account: the twelve digits.
        clock: AWS's clock.
    """

    def __init__(self, *, account: str = "123456789012", clock: FakeClock | None = None) -> None:
        super().__init__()
        self.account = account
        self.fake_clock = FakeClock() if clock is None else clock
        self.identity = Caller(
            account=account,
            arn=f"arn:aws:iam::{account}:user/responder",
            unique_id="AIDARESPONDER",
            access_key_id="AKIARESPONDERRESPOND",
        )
        self.principals: dict[str, FakePrincipal] = {}
        self.group_policies: dict[str, FakeGroup] = {}
        self.policies: dict[str, str] = {}
        self.policy_details: dict[str, PolicyDetail] = {}
        self.identity_providers: list[Provider] = []
        self.profiles: dict[str, list[str]] = {}
        self.events: list[TrailEvent] = []
        self.simulations: tuple[Simulation, ...] = ()
        self.denials: dict[str, Denial] = {}
        self.leaked_identity: Caller | None = None
        self.enabled_regions: tuple[str, ...] = ("us-east-1",)
        self.summary: dict[str, int] = {}
        self.over: Organization | None = None
        self.fences: dict[str, str] = {}
        self.central_root: frozenset[str] = frozenset()
        self.held_by_root: dict[str, dict[str, KeyState]] = {}
        self.other_scps: int = 1
        self.members: dict[str, FakeCloud] = {}
        """Other accounts that we can enter."""
        self.strangers: set[str] = set()
        """Members of the organization that let nobody in."""
        self.key_services: dict[str, str] = {}
        self.failing: dict[str, UnleakError] = {}
        self.calls: list[Call] = []
        self.asked: list[str] = []
        self.on_call: Callable[[Call], None] | None = None
        self._lock = threading.Lock()
        self._created = 0

    # what is in the account

    def add_role(
        self, name: str, *, path: str = "/", tags: Sequence[tuple[str, str]] = ()
    ) -> Holder:
        """Put a role into the account."""
        record = RoleRecord(
            name=name,
            path=path,
            trust_policy='{"Version":"2012-10-17","Statement":[]}',
            description="",
            max_session_seconds=3600,
            boundary=None,
            tags=tuple(tags),
        )
        self._make_role(record)
        return Holder(type=HolderType.ROLE, name=name)

    def add_user(
        self, name: str, *, keys: Sequence[str] = (), groups: Sequence[str] = ()
    ) -> Holder:
        """Put a user with active keys into the account."""
        principal = Principal(
            type=PrincipalType.USER,
            name=name,
            arn=f"arn:aws:iam::{self.account}:user/{name}",
            account=self.account,
            partition="aws",
            unique_id=f"AIDA{name.upper()}",
        )
        self.principals[f"user/{name}"] = FakePrincipal(
            principal, keys=dict.fromkeys(keys, KeyState.ACTIVE), groups=list(groups)
        )
        for group in groups:
            self.group_policies.setdefault(group, FakeGroup())
        return Holder(type=HolderType.USER, name=name)

    def at(self, holder: Holder) -> FakePrincipal:
        """Return what IAM keeps of a user or role, to look at it or to change it."""
        found = self.principals.get(holder.label)
        if found is None:
            message = f"{holder.label} does not exist"
            raise NoSuchPrincipal(message)
        return found

    def _make_role(self, record: RoleRecord) -> None:
        self._created += 1
        principal = Principal(
            type=PrincipalType.ROLE,
            name=record.name,
            arn=f"arn:aws:iam::{self.account}:role{record.path}{record.name}",
            account=self.account,
            partition="aws",
            unique_id=f"AROA{self._created:016d}",
        )
        self.principals[f"role/{record.name}"] = FakePrincipal(
            principal, record=record, boundary=record.boundary
        )

    # Reader

    @property
    def clock(self) -> Clock:
        return self.fake_clock

    @property
    def region(self) -> str:
        return "us-east-1"

    def signing_key_id(self) -> str | None:
        return self.identity.access_key_id

    def caller(self) -> Caller:
        self._ask("caller")
        return self.identity

    def account_of_key(self, key_id: str) -> str:
        self._ask("account_of_key", key_id)
        return self.account

    def key_use(self, key_id: str) -> KeyUse:
        self._ask("key_use", key_id)
        owners = [each.principal.name for each in self.principals.values() if key_id in each.keys]
        return KeyUse(user=owners[0] if owners else None, service=self.key_services.get(key_id))

    def users(self) -> tuple[str, ...]:
        self._ask("users")
        return tuple(
            each.principal.name
            for each in self.principals.values()
            if each.principal.type is PrincipalType.USER
        )

    def keys(self, user: str) -> tuple[KeyFact, ...]:
        self._ask("keys", user)
        found = self.at(Holder(type=HolderType.USER, name=user))
        return tuple(
            KeyFact(key_id=key_id, state=state, created_at=found.keys_made_at.get(key_id))
            for key_id, state in found.keys.items()
        )

    def user(self, name: str) -> Principal:
        self._ask("user", name)
        return self.at(Holder(type=HolderType.USER, name=name)).principal

    def role(self, name: str) -> RoleRead:
        self._ask("role", name)
        found = self.at(Holder(type=HolderType.ROLE, name=name))
        if found.record is None:
            message = f"role/{name} has no record"
            raise NoSuchPrincipal(message)
        record = replace(found.record, boundary=found.boundary)
        return RoleRead(
            principal=found.principal, record=record, created_at=found.created_at, last_used=None
        )

    def inline_policy(self, holder: Holder, policy_name: str) -> str | None:
        self._ask("inline_policy", holder.label)
        return self.at(holder).inline.get(policy_name)

    def inline_policies(self, holder: Holder) -> tuple[InlinePolicy, ...]:
        self._ask("inline_policies", holder.label)
        return _inline(self.at(holder).inline)

    def attached_policies(self, holder: Holder) -> tuple[ManagedPolicy, ...]:
        self._ask("attached_policies", holder.label)
        return _attached(self.at(holder).attached)

    def managed_policy(self, policy_arn: str) -> str | None:
        self._ask("managed_policy", policy_arn)
        return self.policies.get(policy_arn)

    def groups(self, user: str) -> tuple[GroupFacts, ...]:
        self._ask("groups", user)
        found = self.at(Holder(type=HolderType.USER, name=user))
        return tuple(
            GroupFacts(
                name=name,
                inline=Known(_inline(self.group_policies[name].inline)),
                attached=Known(_attached(self.group_policies[name].attached)),
            )
            for name in found.groups
        )

    def boundary(self, holder: Holder) -> str | None:
        self._ask("boundary", holder.label)
        return self.at(holder).boundary

    def instance_profiles(self, role: str) -> tuple[str, ...]:
        self._ask("instance_profiles", role)
        self.at(Holder(type=HolderType.ROLE, name=role))
        return tuple(name for name, roles in self.profiles.items() if role in roles)

    def account_summary(self) -> Mapping[str, int]:
        self._ask("account_summary")
        return self.summary

    def account_details(self) -> AccountDetails:
        self._ask("account_details")
        with self._lock:
            each = tuple(self.principals.values())
            return AccountDetails(
                users=tuple(_user_detail(one) for one in each if one.record is None),
                roles=tuple(
                    _role_detail(one, one.record) for one in each if one.record is not None
                ),
                policies=tuple(self._policy_detail(arn) for arn in self.policies),
            )

    def login_profile(self, user: str) -> datetime | None:
        self._ask("login_profile", user)
        found = self.principals.get(f"user/{user}")  # AWS's word for both is NoSuchEntity
        return None if found is None else found.password_made_at

    def providers(self) -> tuple[Provider, ...]:
        self._ask("providers")
        return tuple(self.identity_providers)

    def simulate(
        self,
        principal_arn: str,
        actions: Sequence[str],
        *,
        issued_at: datetime | None,  # noqa: ARG002 - the port has it
        context: Mapping[str, str],  # noqa: ARG002 - the port has it
    ) -> tuple[Simulation, ...]:
        self._ask("simulate", principal_arn)
        return tuple(each for each in self.simulations if each.action in actions)

    def regions(self) -> tuple[str, ...]:
        self._ask("regions")
        return self.enabled_regions

    def trail_events(
        self,
        *,
        attribute: str,
        value: str,
        region: str,
        since: datetime | None = None,
    ) -> tuple[TrailEvent, ...]:
        self._ask("trail_events", f"{attribute}={value}")
        return tuple(
            each
            for each in self.events
            if each.region == region
            and value in each.document
            and (since is None or each.at is None or each.at >= since)
        )

    def decode_denial(self, message: str) -> Denial | None:
        self._ask("decode_denial")
        return self.denials.get(message)

    def ask_leaked(self, found: FoundCredential, *, region: str | None) -> Caller:  # noqa: ARG002
        self._ask("ask_leaked", found.access_key_id or "")
        if self.leaked_identity is None:
            raise refusal(code="InvalidClientTokenId", operation="GetCallerIdentity", status=403)
        return self.leaked_identity

    def assume_role(self, role_arn: str, *, session_name: str) -> FoundCredential:
        self._ask("assume_role", f"{role_arn}/{session_name}")
        return FoundCredential(
            access_key_id="ASIACANARYCANARYCANA",
            secret=Secret("canary-secret"),
            session_token=Secret("canary-token"),
        )

    def organization(self) -> Organization:
        self._ask("organization")
        return self._over()

    def fence(self, account: str) -> str | None:
        self._ask("fence", account)
        self._over()
        return self.fences.get(account)

    def fence_room(self, account: str) -> int | None:
        self._ask("fence_room", account)
        return scp_quotas(self._over().partition).attachments - self.other_scps

    def is_member(self, account: str) -> bool:
        self._ask("is_member", account)
        self._over()
        return account in self.members or account in self.strangers

    def of_account(self, account: str | None) -> FakeCloud:
        return self._entered(account)

    def into_account(self, account: str | None) -> FakeCloud:
        return self._entered(account)

    def _entered(self, account: str | None) -> FakeCloud:
        if account is None or account == self.account:
            return self
        self._ask("enter", account)
        if account not in self.members:
            message = f"account {account} cannot be entered as role/OrganizationAccountAccessRole"
            raise MissingPermission(message)
        return self.members[account]

    def root_features(self) -> frozenset[str]:
        self._ask("root_features")
        self._over()
        return self.central_root

    def root_keys(self, account: str) -> tuple[KeyFact, ...]:
        self._ask("root_keys", account)
        found = self.held_by_root.get(account, {})
        return tuple(KeyFact(key_id=key_id, state=state) for key_id, state in found.items())

    # Writer

    def delete_root_key(self, *, account: str, key_id: str) -> Receipt:
        def change() -> None:
            self.held_by_root.get(account, {}).pop(key_id, None)

        return self._do("delete_root_key", key_id, change)

    def set_key_status(self, *, user: str, key_id: str, state: KeyState) -> Receipt:
        return self._do("set_key_status", key_id, lambda: self._set_key(user, key_id, state))

    def delete_key(self, *, user: str, key_id: str) -> Receipt:
        def change() -> None:
            self._set_key(user, key_id, KeyState.INACTIVE)
            del self.at(Holder(type=HolderType.USER, name=user)).keys[key_id]

        return self._do("delete_key", key_id, change)

    def put_inline_policy(self, holder: Holder, *, policy_name: str, document: str) -> Receipt:
        def change() -> None:
            self.at(holder).inline[policy_name] = document

        return self._do("put_inline_policy", f"{holder.label}/{policy_name}", change)

    def delete_inline_policy(self, holder: Holder, *, policy_name: str) -> Receipt:
        def change() -> None:
            if self.at(holder).inline.pop(policy_name, None) is None:
                raise refusal(code="NoSuchEntity", operation="DeletePolicy", status=404)

        return self._do("delete_inline_policy", f"{holder.label}/{policy_name}", change)

    def create_policy(self, *, policy_name: str, document: str) -> Receipt:
        arn = self.arn_of_policy(policy_name)

        def change() -> None:
            if arn in self.policies:
                raise refusal(code="EntityAlreadyExists", operation="CreatePolicy", status=409)
            self.policies[arn] = document

        return self._do("create_policy", arn, change)

    def delete_policy(self, policy_arn: str) -> Receipt:
        def change() -> None:
            if any(policy_arn in each.attached for each in self.principals.values()):
                raise refusal(code="DeleteConflict", operation="DeletePolicy", status=409)
            if self.policies.pop(policy_arn, None) is None:
                raise refusal(code="NoSuchEntity", operation="DeletePolicy", status=404)

        return self._do("delete_policy", policy_arn, change)

    def attach_policy(self, holder: Holder, *, policy_arn: str) -> Receipt:
        def change() -> None:
            found = self.at(holder)
            if policy_arn not in self.policies and not policy_arn.startswith("arn:aws:iam::aws:"):
                raise refusal(code="NoSuchEntity", operation="AttachPolicy", status=404)
            if policy_arn not in found.attached:
                found.attached.append(policy_arn)

        return self._do("attach_policy", f"{holder.label}/{policy_arn}", change)

    def detach_policy(self, holder: Holder, *, policy_arn: str) -> Receipt:
        def change() -> None:
            if policy_arn not in self.at(holder).attached:
                raise refusal(code="NoSuchEntity", operation="DetachPolicy", status=404)
            self.at(holder).attached.remove(policy_arn)

        return self._do("detach_policy", f"{holder.label}/{policy_arn}", change)

    def put_boundary(self, holder: Holder, *, policy_arn: str) -> Receipt:
        def change() -> None:
            self.at(holder).boundary = policy_arn

        return self._do("put_boundary", f"{holder.label}/{policy_arn}", change)

    def delete_boundary(self, holder: Holder) -> Receipt:
        def change() -> None:
            self.at(holder).boundary = None

        return self._do("delete_boundary", holder.label, change)

    def add_to_group(self, *, user: str, group: str) -> Receipt:
        def change() -> None:
            groups = self.at(Holder(type=HolderType.USER, name=user)).groups
            if group not in groups:
                groups.append(group)

        return self._do("add_to_group", f"{user}/{group}", change)

    def remove_from_group(self, *, user: str, group: str) -> Receipt:
        def change() -> None:
            groups = self.at(Holder(type=HolderType.USER, name=user)).groups
            if group not in groups:
                raise refusal(code="NoSuchEntity", operation="RemoveUserFromGroup", status=404)
            groups.remove(group)

        return self._do("remove_from_group", f"{user}/{group}", change)

    def create_role(self, record: RoleRecord) -> Receipt:
        def change() -> None:
            if f"role/{record.name}" in self.principals:
                raise refusal(code="EntityAlreadyExists", operation="CreateRole", status=409)
            self._make_role(record)

        return self._do("create_role", record.name, change)

    def delete_role(self, role: str) -> Receipt:
        def change() -> None:
            found = self.at(Holder(type=HolderType.ROLE, name=role))
            if (
                found.inline
                or found.attached
                or any(role in each for each in self.profiles.values())
            ):
                raise refusal(code="DeleteConflict", operation="DeleteRole", status=409)
            del self.principals[f"role/{role}"]

        return self._do("delete_role", role, change)

    def add_to_instance_profile(self, *, role: str, profile: str) -> Receipt:
        def change() -> None:
            self.profiles.setdefault(profile, []).append(role)

        return self._do("add_to_instance_profile", f"{role}/{profile}", change)

    def remove_from_instance_profile(self, *, role: str, profile: str) -> Receipt:
        def change() -> None:
            if role not in self.profiles.get(profile, []):
                raise refusal(
                    code="NoSuchEntity", operation="RemoveRoleFromInstanceProfile", status=404
                )
            self.profiles[profile].remove(role)

        return self._do("remove_from_instance_profile", f"{role}/{profile}", change)

    def set_fence(self, *, account: str, document: str) -> Receipt:
        self._over()

        def change() -> None:
            self.fences[account] = document

        return self._do("set_fence", account, change)

    def remove_fence(self, account: str) -> Receipt:
        self._over()

        def change() -> None:
            self.fences.pop(account, None)

        return self._do("remove_fence", account, change)

    # the inside

    def _over(self) -> Organization:
        if self.over is None:
            message = "the account is in no organization"
            raise NoOrganization(message)
        return self.over

    def arn_of_policy(self, policy_name: str) -> str:
        """Return the ARN that a customer-managed policy of this account has."""
        return f"arn:aws:iam::{self.account}:policy/{policy_name}"

    def _policy_detail(self, arn: str) -> PolicyDetail:
        plain = PolicyDetail(
            arn=arn,
            name=arn.rsplit("/", 1)[-1],
            created_at=LONG_AGO,
            updated_at=LONG_AGO,
            default_version_id="v1",
            default_version_created_at=LONG_AGO,
            version_count=1,
        )
        return self.policy_details.get(arn, plain)

    def _set_key(self, user: str, key_id: str, state: KeyState) -> None:
        keys = self.at(Holder(type=HolderType.USER, name=user)).keys
        if key_id not in keys:
            message = f"access key {key_id} does not exist"
            raise NoSuchPrincipal(message)
        keys[key_id] = state

    def _forget_password(self, user: str) -> None:
        found = self.at(Holder(type=HolderType.USER, name=user))
        if found.password_made_at is None:
            raise refusal(code="NoSuchEntity", operation="DeleteLoginProfile", status=404)
        found.password_made_at = None

    def _missing(self, name: str) -> UnleakError:
        return NoSuchPrincipal(f"{name} does not exist")

    def _ask(self, method: str, detail: str = "") -> None:
        with self._lock:
            self.asked.append(f"{method} {detail}".strip())
        if method in self.failing:
            raise self.failing[method]

    def _do(self, method: str, target: str, change: Callable[[], None]) -> Receipt:
        call = Call(method, target)
        with self._lock:
            self.calls.append(call)
        if self.on_call is not None:
            self.on_call(call)
        if method in self.failing:
            raise self.failing[method]
        with self._lock:
            change()
            return Receipt(request_id=f"request-{len(self.calls)}", at=self.fake_clock.now())


def refusal(*, code: str, operation: str, status: int = 400) -> AwsFailure:
    """Return AWS's refusal as the aws room would raise it."""
    return AwsFailure(f"{operation}: {code}", error_code=code, operation=operation, status=status)


def _inline(policies: Mapping[str, str]) -> tuple[InlinePolicy, ...]:
    return tuple(InlinePolicy(name=name, document=text) for name, text in policies.items())


def _user_detail(one: FakePrincipal) -> UserDetail:
    return UserDetail(
        name=one.principal.name,
        arn=one.principal.arn or "",
        unique_id=one.principal.unique_id,
        created_at=one.created_at,
        inline=_inline(one.inline),
        attached=tuple(one.attached),
        groups=tuple(one.groups),
        boundary=one.boundary,
    )


def _role_detail(one: FakePrincipal, record: RoleRecord) -> RoleDetail:
    return RoleDetail(
        name=one.principal.name,
        arn=one.principal.arn or "",
        unique_id=one.principal.unique_id,
        path=record.path,
        created_at=one.created_at,
        trust_policy=record.trust_policy,
        last_used_at=one.last_used_at,
        inline=_inline(one.inline),
        attached=tuple(one.attached),
        boundary=one.boundary,
    )


def _attached(arns: Sequence[str]) -> tuple[ManagedPolicy, ...]:
    return tuple(ManagedPolicy(arn=arn, name=arn.rsplit("/", 1)[-1]) for arn in arns)
