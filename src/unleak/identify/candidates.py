"""Everything that is newer than the leak, before anybody asks who made it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from unleak.model.action import Holder, HolderType, KeyState
from unleak.model.door import Door, DoorKind, DoorState
from unleak.model.frozen import dataclass
from unleak.model.policy_names import MANAGED_PREFIX
from unleak.model.principal import Principal, PrincipalType
from unleak.model.reading import Known

if TYPE_CHECKING:
    from datetime import datetime

    from unleak.identify.leak import Leak
    from unleak.identify.making_event import Maker
    from unleak.identify.sweep import Swept, UserAccess
    from unleak.model.account import AccountDetails, RoleDetail, UserDetail
    from unleak.model.ways_in import ServiceCredential

_RESERVED = ("/aws-service-role/", "/aws-reserved/")
"""Roles that only AWS itself can make: service-linked ones, and IAM Identity Center's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One thing that may be a way in, and who made it, as far as CloudTrail tells."""

    door: Door
    makers: tuple[Maker, ...] = ()
    is_dated: bool = True
    """Whether IAM's own date shows it to be newer; else only the trail says that it was changed."""


def candidates(swept: Swept, leak: Leak, kinds: frozenset[DoorKind]) -> tuple[Candidate, ...]:
    """Return everything that is newer than the leak and of a kind that it could have made.

    The leaked principals, the responder and what only AWS can make are left out.

    Args:
        swept: what was read.
        leak: what leaked, and since when.
        kinds: what the leak could have made.
    """
    found: list[Candidate] = []
    if isinstance(swept.details, Known):
        found += _users(swept.details.value, leak)
        found += _roles(swept.details.value, leak)
        found += _policies(swept.details.value, leak)
    if isinstance(swept.access, Known):
        for each in swept.access.value:
            found += _keys(each, leak)
            found += _password(each, leak)
    if isinstance(swept.services, Known):
        found += _services(swept.services.value, leak)
    if isinstance(swept.providers, Known):
        for provider in swept.providers.value:
            if is_newer(provider.created_at, leak):
                makers = leak.makers.of(DoorKind.PROVIDER, provider.arn.split(":", 5)[-1])
                made = _made(DoorKind.PROVIDER, provider.arn, provider.created_at)
                found.append(Candidate(door=made, makers=makers))
    found += _changed(swept, leak, {(each.door.kind, each.door.target) for each in found})
    return tuple(
        each for each in found if each.door.kind in kinds and each.door not in leak.cleared
    )


def is_newer(moment: datetime | None, leak: Leak) -> bool:
    """Whether something was made since the leak; a tie counts, since dates are whole seconds."""
    return moment is not None and moment >= leak.since


def is_left_out(detail: UserDetail | RoleDetail, leak: Leak) -> bool:
    """Whether it is no second identity: leaked itself, our own, or AWS's."""
    principal = principal_of(detail)
    return leak.is_leaked(principal) or leak.is_responder(principal) or is_reserved(detail)


def is_reserved(detail: UserDetail | RoleDetail) -> bool:
    """Whether only AWS itself can make or change it."""
    return detail.path.startswith(_RESERVED)


def principal_of(detail: UserDetail | RoleDetail) -> Principal:
    """Return it as a principal."""
    fields = detail.arn.split(":")
    kind = PrincipalType.ROLE if ":role/" in detail.arn else PrincipalType.USER
    account = fields[4] if len(fields) > 4 else None  # noqa: PLR2004 - where an ARN has it
    return Principal(type=kind, name=detail.name, arn=detail.arn, account=account or None)


def _made(
    kind: DoorKind, target: str, made_at: datetime | None, holder: Holder | None = None
) -> Door:
    return Door(kind=kind, target=target, reason="", weight=2, holder=holder, made_at=made_at)


def _users(details: AccountDetails, leak: Leak) -> Iterator[Candidate]:
    for user in details.users:
        if is_newer(user.created_at, leak) and not is_left_out(user, leak):
            holder = Holder(type=HolderType.USER, name=user.name)
            yield Candidate(
                door=_made(DoorKind.USER, holder.label, user.created_at, holder),
                makers=leak.makers.of(DoorKind.USER, user.name),
            )


def _roles(details: AccountDetails, leak: Leak) -> Iterator[Candidate]:
    for role in details.roles:
        if is_newer(role.created_at, leak) and not is_left_out(role, leak):
            holder = Holder(type=HolderType.ROLE, name=role.name)
            yield Candidate(
                door=_made(DoorKind.ROLE, holder.label, role.created_at, holder),
                makers=leak.makers.of(DoorKind.ROLE, role.name),
            )


def _policies(details: AccountDetails, leak: Leak) -> Iterator[Candidate]:
    for policy in details.policies:
        is_old = policy.created_at is not None and policy.created_at < leak.since
        is_changed = is_newer(policy.default_version_created_at, leak)
        if is_old and is_changed and not policy.name.startswith(MANAGED_PREFIX):
            yield Candidate(
                door=_made(DoorKind.POLICY_VERSION, policy.arn, policy.default_version_created_at),
                makers=leak.makers.of(DoorKind.POLICY_VERSION, policy.arn),
            )


def _keys(access: UserAccess, leak: Leak) -> Iterator[Candidate]:
    if not isinstance(access.keys, Known):
        return
    for key in access.keys.value:
        is_own = key.key_id == leak.caller.access_key_id
        if not is_newer(key.created_at, leak) or is_own or key.key_id in leak.key_ids:
            continue
        user = Principal(type=PrincipalType.USER, name=access.user)
        # We never deny ourselves for it: a person has to say whether it is his.
        holder = None if leak.is_responder(user) else Holder(type=HolderType.USER, name=access.user)
        door = Door(
            kind=DoorKind.ACCESS_KEY,
            target=key.key_id,
            reason="",
            weight=2,
            holder=holder,
            made_at=key.created_at,
            state=DoorState.OPEN if key.state is KeyState.ACTIVE else DoorState.CONTAINED,
        )
        makers = leak.makers.of_key(key.key_id, user=access.user, made_at=key.created_at)
        yield Candidate(door=door, makers=makers)


def _password(access: UserAccess, leak: Leak) -> Iterator[Candidate]:
    user = Principal(type=PrincipalType.USER, name=access.user)
    if not isinstance(access.password, Known) or leak.is_responder(user):
        return
    if is_newer(access.password.value, leak):
        holder = Holder(type=HolderType.USER, name=access.user)
        yield Candidate(
            door=_made(DoorKind.LOGIN_PROFILE, holder.label, access.password.value, holder),
            makers=leak.makers.of(DoorKind.LOGIN_PROFILE, access.user),
        )


def _services(listed: tuple[ServiceCredential, ...], leak: Leak) -> Iterator[Candidate]:
    for each in listed:
        if not is_newer(each.made_at, leak) or each.credential_id in leak.key_ids:
            continue
        user = Principal(type=PrincipalType.USER, name=each.user)
        door = Door(
            kind=DoorKind.SERVICE_CREDENTIAL,
            target=each.credential_id,
            reason="",
            weight=2,
            holder=None
            if leak.is_responder(user)
            else Holder(type=HolderType.USER, name=each.user),
            made_at=each.made_at,
            state=DoorState.OPEN if each.state is KeyState.ACTIVE else DoorState.CONTAINED,
        )
        makers = leak.makers.of(DoorKind.SERVICE_CREDENTIAL, each.credential_id)
        yield Candidate(door=door, makers=makers)


def _changed(swept: Swept, leak: Leak, dated: set[tuple[DoorKind, str]]) -> Iterator[Candidate]:
    """What IAM's dates do not show: a new password, trust, or a policy's older version again."""
    names = {kind: leak.makers.names(kind) for kind in DoorKind}
    for kind, name, door in _changeable(swept, leak):
        if name.lower() not in names[kind] or (kind, door.target) in dated:
            continue
        makers = tuple(
            each for each in leak.makers.of(kind, name) if each.at is None or each.at >= leak.since
        )
        if makers:
            yield Candidate(door=door, makers=makers, is_dated=False)


def _changeable(swept: Swept, leak: Leak) -> Iterator[tuple[DoorKind, str, Door]]:
    """Everything that can be changed without a new date, as the door that it would be."""
    for each in swept.access.value if isinstance(swept.access, Known) else ():
        user = Principal(type=PrincipalType.USER, name=each.user)
        if isinstance(each.password, Known) and not leak.is_responder(user):
            holder = Holder(type=HolderType.USER, name=each.user)
            kind = DoorKind.LOGIN_PROFILE
            yield kind, each.user, _made(kind, holder.label, None, holder)
    if isinstance(swept.details, Known):
        yield from _changeable_details(swept.details.value, leak)


def _changeable_details(
    details: AccountDetails, leak: Leak
) -> Iterator[tuple[DoorKind, str, Door]]:
    for role in details.roles:
        if not is_left_out(role, leak) and not is_newer(role.created_at, leak):
            holder = Holder(type=HolderType.ROLE, name=role.name)
            kind = DoorKind.TRUST_POLICY
            yield kind, role.name, _made(kind, holder.label, None, holder)
    for policy in details.policies:
        if not policy.name.startswith(MANAGED_PREFIX):
            kind = DoorKind.POLICY_VERSION
            yield kind, policy.arn, _made(kind, policy.arn, None)
