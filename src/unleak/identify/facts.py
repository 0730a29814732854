"""What a role or user has: read at once, the little that a deny needs or everything a plan can use.

Only the principal's own absence ends the reading; whatever else fails is an `Unknown` in its field.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from unleak.errors import NoSuchPrincipal
from unleak.identify.policy_texts import with_texts
from unleak.identify.questions import Failed, Round, Told, unknown
from unleak.model.action import Holder, HolderType
from unleak.model.policy_names import BEARER_POLICY, CONSOLE_POLICY, DENY_ALL_POLICY, SESSION_POLICY
from unleak.model.principal import Principal, PrincipalType
from unleak.model.reading import NOT_LOOKED_AT, Absent, Known
from unleak.model.situation import ManagedPolicy, PrincipalFacts

if TYPE_CHECKING:
    from concurrent.futures import Future

    from unleak.identify.questions import Answer
    from unleak.model.ports import Reader, RoleRead
    from unleak.model.reading import Listing, Reading
    from unleak.model.situation import GroupFacts, InlinePolicy, KeyFact
    from unleak.model.ways_in import ServiceCredential

T = TypeVar("T")


class Need(StrEnum):
    """What a plan wants to know beyond the principal itself."""

    REVOKE_POLICY = "revoke-policy"
    OWN_POLICY = "own-policy"
    DENY_ALL_POLICY = "deny-all-policy"
    KEYS = "keys"
    SERVICE_CREDENTIALS = "service-credentials"
    EVERYTHING = "everything"


_EVERYTHING = frozenset(Need) - {Need.SERVICE_CREDENTIALS}
FOR_A_DENY = frozenset({Need.REVOKE_POLICY, Need.OWN_POLICY, Need.KEYS})


@dataclass(slots=True, kw_only=True)
class _Asked:
    """The questions under way about one principal; None: not asked."""

    role: Future[Answer[RoleRead]] | None = None
    user: Future[Answer[Principal]] | None = None
    revoke_policy: Future[Answer[str | None]] | None = None
    own_policy: Future[Answer[str | None]] | None = None
    deny_all_policy: Future[Answer[str | None]] | None = None
    keys: Future[Answer[tuple[KeyFact, ...]]] | None = None
    inline: Future[Answer[tuple[InlinePolicy, ...]]] | None = None
    attached: Future[Answer[tuple[ManagedPolicy, ...]]] | None = None
    groups: Future[Answer[tuple[GroupFacts, ...]]] | None = None
    boundary: Future[Answer[str | None]] | None = None
    profiles: Future[Answer[tuple[str, ...]]] | None = None
    services: Future[Answer[tuple[ServiceCredential, ...]]] | None = None
    bearer_policy: Future[Answer[str | None]] | None = None


def gather(
    principal: Principal,
    *,
    reader: Reader,
    quick: bool,
    needs: frozenset[Need] = FOR_A_DENY,
) -> PrincipalFacts:
    """Read a role or user; other principals have nothing to read and come back as they are.

    Args:
        principal: whose facts; only its type and name are used to ask.
        reader: reads only.
        quick: whether to read only `needs`, in one round trip; else everything, in two.
        needs: what the deny needs.

    Raises:
        NoSuchPrincipal: the role or user itself does not exist.
        ResponderCredentials: our own credentials stopped working.
    """
    if principal.type not in {PrincipalType.ROLE, PrincipalType.USER}:
        return PrincipalFacts(principal=principal)
    wanted = needs if quick else needs | {Need.EVERYTHING}
    if Need.EVERYTHING in wanted:
        wanted = wanted | _EVERYTHING
    holder = Holder(type=HolderType(principal.type.value), name=principal.name)
    with Round() as first:
        asked = _ask(first, holder, reader, wanted)
    facts = _collect(principal, asked)
    return with_texts(facts, reader=reader) if Need.EVERYTHING in wanted else facts


def _ask(asking: Round, holder: Holder, reader: Reader, wanted: frozenset[Need]) -> _Asked:
    asked = _Asked()
    is_role = holder.type is HolderType.ROLE
    if is_role:
        asked.role = asking.ask(partial(reader.role, holder.name))
    else:
        asked.user = asking.ask(partial(reader.user, holder.name))
    policy = partial(reader.inline_policy, holder)
    if Need.REVOKE_POLICY in wanted:
        asked.revoke_policy = asking.ask(partial(policy, CONSOLE_POLICY))
    if Need.OWN_POLICY in wanted:
        asked.own_policy = asking.ask(partial(policy, SESSION_POLICY))
    if Need.DENY_ALL_POLICY in wanted:
        asked.deny_all_policy = asking.ask(partial(policy, DENY_ALL_POLICY))
    if Need.KEYS in wanted and not is_role:
        asked.keys = asking.ask(partial(reader.keys, holder.name))
    if Need.SERVICE_CREDENTIALS in wanted and not is_role:
        asked.services = asking.ask(partial(reader.service_credentials, holder.name))
        asked.bearer_policy = asking.ask(partial(policy, BEARER_POLICY))
    if Need.EVERYTHING in wanted:
        _ask_everything(asked, asking, holder, reader)
    return asked


def _ask_everything(asked: _Asked, asking: Round, holder: Holder, reader: Reader) -> None:
    asked.inline = asking.ask(partial(reader.inline_policies, holder))
    asked.attached = asking.ask(partial(reader.attached_policies, holder))
    asked.boundary = asking.ask(partial(reader.boundary, holder))
    if holder.type is HolderType.ROLE:
        asked.profiles = asking.ask(partial(reader.instance_profiles, holder.name))
    else:
        asked.groups = asking.ask(partial(reader.groups, holder.name))


def _collect(principal: Principal, asked: _Asked) -> PrincipalFacts:
    facts = PrincipalFacts(
        principal=principal,
        revoke_policy=_reading(asked.revoke_policy, "iam:GetRolePolicy or iam:GetUserPolicy"),
        own_policy=_reading(asked.own_policy, "iam:GetRolePolicy or iam:GetUserPolicy"),
        deny_all_policy=_reading(asked.deny_all_policy, "iam:GetRolePolicy or iam:GetUserPolicy"),
        keys=_listing(asked.keys, "iam:ListAccessKeys"),
        inline=_listing(asked.inline, "listing the inline policies"),
        attached=_listing(asked.attached, "listing the attached policies"),
        groups=_listing(asked.groups, "iam:ListGroupsForUser"),
        boundary=_boundary(asked.boundary),
        instance_profiles=_listing(asked.profiles, "iam:ListInstanceProfilesForRole"),
        service_credentials=_listing(asked.services, "iam:ListServiceSpecificCredentials"),
        bearer_policy=_reading(asked.bearer_policy, "iam:GetUserPolicy"),
    )
    if asked.role is not None:
        return _with_role(facts, asked.role.result())
    if asked.user is not None:
        return _with_user(facts, asked.user.result())
    return facts


def _with_role(facts: PrincipalFacts, told: Answer[RoleRead]) -> PrincipalFacts:
    match told:
        case Failed(error=error):
            if isinstance(error, NoSuchPrincipal):
                raise error
            gap = unknown(error, operation="iam:GetRole")
            return replace(facts, record=gap, last_used=gap)
        case Told(value=role):
            last_used = Absent() if role.last_used is None else Known(role.last_used)
            return replace(
                facts,
                principal=_merged(facts.principal, role.principal),
                max_session_seconds=role.record.max_session_seconds,
                created_at=role.created_at,
                record=Known(role.record),
                last_used=last_used,
            )


def _with_user(facts: PrincipalFacts, told: Answer[Principal]) -> PrincipalFacts:
    match told:
        case Failed(error=error):
            # a cloud without users' records may still take their policies: go on with the name
            if isinstance(error, NoSuchPrincipal):
                raise error
            return facts
        case Told(value=user):
            return replace(facts, principal=_merged(facts.principal, user))


def _merged(named: Principal, read: Principal) -> Principal:
    """Take what was read; keep what the name told where the reading has a gap."""
    return replace(
        read,
        arn=read.arn or named.arn,
        account=read.account or named.account,
        partition=read.partition or named.partition,
        unique_id=read.unique_id or named.unique_id,
    )


def _boundary(asked: Future[Answer[str | None]] | None) -> Reading[ManagedPolicy]:
    arn = _reading(asked, "reading the permissions boundary")
    if isinstance(arn, Known):
        return Known(ManagedPolicy(arn=arn.value, name=arn.value.rsplit("/", 1)[-1]))
    return arn


def _reading(asked: Future[Answer[T | None]] | None, operation: str) -> Reading[T]:
    if asked is None:
        return NOT_LOOKED_AT
    match asked.result():
        case Told(value=value) if value is not None:
            return Known(value)
        case Told():
            return Absent()
        case Failed(error=error):
            return unknown(error, operation=operation)


def _listing(asked: Future[Answer[T]] | None, operation: str) -> Listing[T]:
    if asked is None:
        return NOT_LOOKED_AT
    match asked.result():
        case Told(value=value):
            return Known(value)
        case Failed(error=error):
            return unknown(error, operation=operation)
