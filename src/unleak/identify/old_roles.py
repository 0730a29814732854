"""Roles that were there before the leak: which of them the thief may have come into since.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics-single-account.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from unleak.identify.candidates import is_left_out, is_newer, is_reserved, principal_of
from unleak.identify.making_event import account_of
from unleak.identify.trust_policy import Guest, guests_of
from unleak.model.action import Holder, HolderType
from unleak.model.door import Door, DoorKind
from unleak.model.frozen import dataclass
from unleak.model.reading import Known

if TYPE_CHECKING:
    from unleak.identify.leak import Leak
    from unleak.identify.sweep import Swept
    from unleak.model.account import RoleDetail


@dataclass(frozen=True, slots=True, kw_only=True)
class OldRole:
    """One role older than the leak, and how the leaked principal may come into it."""

    role: RoleDetail
    guests: tuple[Guest, ...]
    names_leak: bool
    """Whether its trust policy names the leaked principal: no policy of its own is needed then."""
    is_reachable: bool
    """Whether the leaked principal may open sessions of it."""
    is_opened: bool
    """Whether the trail shows the leak opening a session of it."""
    lets_strangers_in: bool
    """Whether it lets anybody, or a foreign account, in without any condition."""

    @property
    def holder(self) -> Holder:
        """Whom a deny has to sit on."""
        return Holder(type=HolderType.ROLE, name=self.role.name)


def old_roles(swept: Swept, leak: Leak) -> tuple[OldRole, ...]:
    """Return every role that is older than the leak, is not leaked itself and not AWS's own."""
    if not isinstance(swept.details, Known):
        return ()
    could_assume = leak.could_assume()
    return tuple(
        _old_role(
            role,
            leak,
            could_assume,
            is_opened=leak.makers.opened(role.name, account=account_of(role.arn)),
        )
        for role in swept.details.value.roles
        if not is_reserved(role)
        and not leak.is_leaked(principal_of(role))
        and not is_newer(role.created_at, leak)
    )


def used_since(
    roles: tuple[OldRole, ...], leak: Leak, kinds: frozenset[DoorKind]
) -> Iterator[Door]:
    """Return those that the thief may have come into, if somebody used them since the leak.

    AWS tells the last use late, so an unused role may have been used; nothing can be said of it.

    Args:
        roles: from `old_roles`.
        leak: what leaked.
        kinds: what the leak could have made or changed.
    """
    for each in roles:
        if is_left_out(each.role, leak):
            continue
        if each.is_opened:
            yield _session_door(each, "the trail shows the leak opening a session of it", weight=3)
        elif not is_newer(each.role.last_used_at, leak):
            continue
        elif each.lets_strangers_in and DoorKind.TRUST_POLICY in kinds:
            reason = (
                "it lets anybody or a foreign account in without a condition, the leak could have"
                " made it so, and it was used since"
            )
            kind = DoorKind.TRUST_POLICY
            label = each.holder.label
            yield Door(kind=kind, target=label, reason=reason, weight=1, holder=each.holder)
        elif each.is_reachable:
            reason = (
                "used since the leak, and the leaked principal may open sessions of it: a session"
                " of it may be the thief's"
            )
            yield _session_door(each, reason, weight=1)


def _session_door(old: OldRole, reason: str, *, weight: int) -> Door:
    kind = DoorKind.ROLE_SESSION
    label = old.holder.label
    return Door(kind=kind, target=label, reason=reason, weight=weight, holder=old.holder)


def letting_in(roles: tuple[OldRole, ...], suspects: dict[str, str], leak: Leak) -> Iterator[Door]:
    """Return those whose trust policy names a suspect.

    Args:
        roles: from `old_roles`.
        suspects: the labels of suspect users, roles and providers by their ARNs and unique ids.
        leak: what leaked.
    """
    for each in roles:
        if is_left_out(each.role, leak):
            continue
        named = [
            label
            for guest in each.guests
            if (label := _suspect(guest, suspects, principal_of(each.role).account))
        ]
        if named:
            label = each.holder.label
            reason = f"its trust policy lets {named[0]} in, a suspect itself"
            kind = DoorKind.TRUST_POLICY
            yield Door(kind=kind, target=label, reason=reason, weight=2, holder=each.holder)


def _old_role(
    role: RoleDetail, leak: Leak, could_assume: Callable[[str], bool], *, is_opened: bool
) -> OldRole:
    guests = guests_of(role.trust_policy)
    own = principal_of(role).account
    arns = {name for each in leak.principals for name in (each.arn, each.unique_id) if name}
    is_open = any(each.is_anybody and not each.is_conditional for each in guests)
    labels = {each.label for each in leak.principals}
    names_leak = is_open or any(
        each.name in arns or (each.account == own and each.role_of_session in labels)
        for each in guests
    )
    by_account = any(each.is_anybody or each.whole_account == own for each in guests)
    strangers = [
        each
        for each in guests
        if not each.is_conditional and (each.is_anybody or each.account not in {None, own})
    ]
    return OldRole(
        role=role,
        guests=guests,
        names_leak=names_leak,
        is_reachable=(names_leak or (by_account and could_assume(role.arn)) or is_opened),
        is_opened=is_opened,
        lets_strangers_in=bool(strangers),
    )


def _suspect(guest: Guest, suspects: dict[str, str], account: str | None) -> str | None:
    """Return what we call the suspect that is let in, None where it is none."""
    if guest.role_of_session in suspects.values() and guest.account == account:
        return guest.role_of_session
    return suspects.get(guest.name)
