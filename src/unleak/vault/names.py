"""The names that Vault gives to users and sessions, and what they tell; pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from unleak.model.frozen import dataclass
from unleak.model.vault import VaultType

if TYPE_CHECKING:
    from collections.abc import Iterable

    from unleak.model.vault import VaultLease

DEFAULT_TEMPLATE: Final = (
    '{{ if (eq .Type "STS") }}{{ printf "vault-%s-%s"  (unix_time) (random 20) | truncate 32 }}'
    '{{ else }}{{ printf "vault-%s-%s-%s" (printf "%s-%s" (.DisplayName) (.PolicyName) | '
    "truncate 42) (unix_time) (random 20) | truncate 64 }}{{ end }}"
)
_OF_ROLE: Final = re.compile(
    r"vault-(?P<body>.{1,42})-(?P<time>\d{10})-[A-Za-z0-9]{0,20}", re.ASCII
)
_FEDERATED: Final = re.compile(r"vault-(?P<time>\d{10})-[A-Za-z0-9]{0,20}", re.ASCII)
_LONGEST_BODY: Final = 42
_BEFORE: Final = timedelta(seconds=2)
_AFTER: Final = timedelta(seconds=30)
"""Vault makes the name, then calls AWS several times, then writes the lease down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedName:
    """A user's or session's name that has the form of Vault's default template.

    Source: https://developer.hashicorp.com/vault/api-docs/secret/aws (`username_template`)
    """

    name: str
    body: str
    """Display name and role, joined by `-` and cut at 42 characters; empty in a federated name."""
    issued_at: datetime

    def may_be_of(self, role: str) -> bool:
        """Whether this role of Vault's can have given it out; a cut name may be anybody's."""
        return not self.body or len(self.body) == _LONGEST_BODY or self.body.endswith(f"-{role}")

    def consumer(self, role: str) -> str | None:
        """Return the display name of the token that asked for it, None where it was cut."""
        suffix = f"-{role}"
        return self.body.removesuffix(suffix) if self.body.endswith(suffix) else None

    def may_be_lease(self, lease: VaultLease) -> bool:
        """Whether the lease was written down when this name was made."""
        if lease.issued_at is None:
            return False
        return -_BEFORE <= lease.issued_at - self.issued_at <= _AFTER


def issued_name(name: str) -> IssuedName | None:
    """Return what a name tells, None where Vault's default template does not make such names."""
    matched = _OF_ROLE.fullmatch(name) or _FEDERATED.fullmatch(name)
    if matched is None:
        return None
    return IssuedName(
        name=name,
        body=matched.groupdict().get("body") or "",
        issued_at=datetime.fromtimestamp(int(matched["time"]), UTC),
    )


def is_default(template: str | None) -> bool:
    """Whether a username template makes the names that `issued_name` reads."""
    return not template or "".join(template.split()) == "".join(DEFAULT_TEMPLATE.split())


def users_of(
    role: str, names: Iterable[str], leases: Iterable[VaultLease]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the users that this role's leases made, and those of its form that no lease explains.

    Args:
        role: of Vault's.
        names: every IAM user's.
        leases: the role's.
    """
    listed = tuple(leases)
    found: list[str] = []
    strays: list[str] = []
    for name in names:
        issued = issued_name(name)
        if issued is None or not issued.body or not issued.may_be_of(role):
            continue
        if any(issued.may_be_lease(lease) for lease in listed):
            found.append(name)
        elif issued.consumer(role) is not None:
            strays.append(name)
    return tuple(found), tuple(strays)


def leases_of(issued: IssuedName, leases: Iterable[VaultLease]) -> tuple[VaultLease, ...]:
    """Return the leases that can have come with a name; more than one: nobody can tell which."""
    return tuple(lease for lease in leases if issued.may_be_lease(lease))


def gives_names(type_: VaultType | None) -> bool:
    """Whether what a role gives out carries a name with the role in it."""
    return type_ in {VaultType.IAM_USER, VaultType.ASSUMED_ROLE}
