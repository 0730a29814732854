"""What the control plane knows, as values: every write makes a new world and leaves the old one be.

That is what makes the lag cheap: a region that is behind simply holds on to an older world.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import TypeAlias


@dataclass(frozen=True, kw_only=True)
class AccessKey:
    """A long-term key of a user or of root."""

    key_id: str
    secret: str = field(repr=False)
    created: datetime
    is_active: bool = True


@dataclass(frozen=True, kw_only=True)
class Extra:
    """Something else that a user signs in with."""

    kind: str
    name: str
    created: datetime
    status: str = "Active"
    service: str = ""


@dataclass(frozen=True, kw_only=True)
class Holder:
    """What users, roles and groups have in common: they hold policies."""

    name: str
    unique_id: str
    arn: str
    created: datetime
    path: str = "/"
    inline: Mapping[str, str] = field(default_factory=dict)
    attached: tuple[str, ...] = ()
    boundary: str | None = None
    tags: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class User(Holder):
    """A user with keys, groups and, perhaps, a password."""

    keys: Mapping[str, AccessKey] = field(default_factory=dict)
    groups: tuple[str, ...] = ()
    login_profile: datetime | None = None
    extras: Mapping[str, Extra] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Role(Holder):
    """A role with the policy that says who may assume it."""

    trust: str
    description: str = ""
    max_session_seconds: int = 3600


@dataclass(frozen=True, kw_only=True)
class Group(Holder):
    """A group; its members are written down at the users."""


@dataclass(frozen=True, kw_only=True)
class PolicyVersion:
    """One text of a managed policy."""

    document: str
    created: datetime


@dataclass(frozen=True, kw_only=True)
class ManagedPolicy:
    """A managed policy with its versions."""

    name: str
    unique_id: str
    arn: str
    path: str
    created: datetime
    versions: Mapping[str, PolicyVersion]
    default: str
    made: int = 1
    """How many versions there ever were: ids are not used twice."""

    @property
    def document(self) -> str:
        """The text that counts."""
        return self.versions[self.default].document


@dataclass(frozen=True, kw_only=True)
class Account:
    """One account's IAM."""

    number: str
    root_key: AccessKey
    users: Mapping[str, User] = field(default_factory=dict)
    roles: Mapping[str, Role] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    policies: Mapping[str, ManagedPolicy] = field(default_factory=dict)
    providers: Mapping[str, datetime] = field(default_factory=dict)
    """ARNs of OIDC and SAML providers, with the time they were made."""

    def keep(self, holder: Holder) -> Account:
        """Return the account with a user, role or group put in or put right."""
        match holder:
            case User():
                return replace(self, users={**self.users, holder.name: holder})
            case Role():
                return replace(self, roles={**self.roles, holder.name: holder})
            case Group():
                return replace(self, groups={**self.groups, holder.name: holder})
            case _:
                raise TypeError(type(holder))

    def drop(self, holder: Holder) -> Account:
        """Return the account without a user, role or group."""
        return replace(
            self,
            users={name: one for name, one in self.users.items() if one is not holder},
            roles={name: one for name, one in self.roles.items() if one is not holder},
            groups={name: one for name, one in self.groups.items() if one is not holder},
        )

    @cached_property
    def key_owners(self) -> Mapping[str, User]:
        """The user of every key id."""
        return {key: user for user in self.users.values() for key in user.keys}

    @cached_property
    def by_unique_id(self) -> Mapping[str, Holder]:
        """Users and roles by `AIDA...` and `AROA...`."""
        holders: tuple[Holder, ...] = (*self.users.values(), *self.roles.values())
        return {holder.unique_id: holder for holder in holders}


@dataclass(frozen=True, kw_only=True)
class ControlPolicy:
    """A service control policy."""

    id: str
    name: str
    arn: str
    document: str
    description: str = ""
    is_aws_managed: bool = False


@dataclass(frozen=True, kw_only=True)
class Organization:
    """An organization with one root; accounts hang directly from it."""

    id: str
    root_id: str
    management: str
    members: tuple[str, ...]
    policies: Mapping[str, ControlPolicy]
    attached: Mapping[str, tuple[str, ...]]
    """Ids of the policies at each target: the root and the accounts."""
    delegated: tuple[str, ...] = ()
    is_enabled: bool = True
    """Whether service control policies are switched on in the root."""

    def layers(self, account: str) -> tuple[tuple[ControlPolicy, ...], ...]:
        """Return the policies that bind an account, level by level; none bind the management's."""
        if account not in self.members or account == self.management or not self.is_enabled:
            return ()
        targets = (self.root_id, account)
        return tuple(tuple(self.policies[one] for one in self.attached[at]) for at in targets)


@dataclass(frozen=True, kw_only=True)
class World:
    """All accounts and the organization at one instant."""

    accounts: Mapping[str, Account]
    organization: Organization | None

    def keep(self, account: Account) -> World:
        """Return the world with one account put right."""
        return replace(self, accounts={**self.accounts, account.number: account})


Answer: TypeAlias = Mapping[str, object]
"""What an operation answers, in the words of botocore's models."""
