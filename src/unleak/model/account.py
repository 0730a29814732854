"""Everything that can act in an account, as one reading tells it: users, roles, policies.

Instants are None where a cloud leaves them out: then the age of a thing is not known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.model.frozen import dataclass

if TYPE_CHECKING:
    from datetime import datetime

    from unleak.model.situation import InlinePolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class UserDetail:
    """One user with its own policies and the names of what is attached to it."""

    name: str
    arn: str
    unique_id: str | None = None
    path: str = "/"
    created_at: datetime | None = None
    inline: tuple[InlinePolicy, ...] = ()
    attached: tuple[str, ...] = ()
    """ARNs of managed policies."""
    groups: tuple[str, ...] = ()
    boundary: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleDetail:
    """One role with its trust policy, exactly as it is stored."""

    name: str
    arn: str
    unique_id: str | None = None
    path: str = "/"
    created_at: datetime | None = None
    trust_policy: str = ""
    last_used_at: datetime | None = None
    """AWS tells it late, by hours at worst; None: never used, or not told."""
    inline: tuple[InlinePolicy, ...] = ()
    attached: tuple[str, ...] = ()
    """ARNs of managed policies."""
    boundary: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyDetail:
    """One customer-managed policy: how old it is, and how old what it says now is."""

    arn: str
    name: str
    created_at: datetime | None = None
    updated_at: datetime | None = None
    default_version_id: str | None = None
    default_version_created_at: datetime | None = None
    version_count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountDetails:
    """What `GetAccountAuthorizationDetails` tells, all pages."""

    users: tuple[UserDetail, ...] = ()
    roles: tuple[RoleDetail, ...] = ()
    policies: tuple[PolicyDetail, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One identity provider: whom it vouches for may open sessions of the roles that trust it."""

    arn: str
    created_at: datetime | None = None
