"""Whether a caller may do something: policies, boundary, session policy and organization.

A deny anywhere wins; otherwise every layer that limits has to allow.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from lab.lagging.access import CallerType
from lab.lagging.aws_policies import AWS_POLICIES
from lab.lagging.estate import User
from lab.lagging.policy import Statement, speaking_of

if TYPE_CHECKING:
    from lab.lagging.access import Caller
    from lab.lagging.conditions import Context
    from lab.lagging.estate import Account, Holder, World


class Layer(StrEnum):
    """Where a policy stands; the values are AWS's words for it in refusals."""

    IDENTITY = "identity-based policy"
    BOUNDARY = "permissions boundary"
    SESSION = "session policy"
    SCP = "service control policy"
    TRUST = "resource-based policy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One policy that has a say."""

    layer: Layer
    name: str
    document: str

    def matching(self, action: str, resource: str, context: Context) -> tuple[Statement, ...]:
        """Return the statements that speak of a request."""
        return speaking_of(self.document, action, resource, context)


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """A statement that decided, and the policy it stands in."""

    source: Source
    statement: Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What came out: allowed, or the layer that did not allow, with the statements that matched."""

    is_allowed: bool
    is_explicit: bool = False
    layer: Layer = Layer.IDENTITY
    matched: tuple[Matched, ...] = ()

    @property
    def reason(self) -> str:
        """The end of AWS's sentence, after "is not authorized to perform ... on resource: ..."."""
        article = "an" if self.layer is Layer.IDENTITY else "a"
        if self.is_explicit:
            return f"with an explicit deny in {article} {self.layer}"
        return f"because no {self.layer} allows the {{action}} action"


def identity_sources(account: Account, holder: Holder) -> tuple[Source, ...]:
    """Return the policies that a user (with its groups) or a role holds."""
    holders = [holder]
    if isinstance(holder, User):
        holders += [account.groups[name] for name in holder.groups if name in account.groups]
    found: list[Source] = []
    for one in holders:
        found += [
            Source(layer=Layer.IDENTITY, name=name, document=document)
            for name, document in one.inline.items()
        ]
        found += [managed_source(account, arn, Layer.IDENTITY) for arn in one.attached]
    return tuple(found)


def boundary_sources(account: Account, holder: Holder) -> tuple[Source, ...]:
    """Return the boundary of a user or role, if it has one."""
    if holder.boundary is None:
        return ()
    return (managed_source(account, holder.boundary, Layer.BOUNDARY),)


def managed_source(account: Account, arn: str, layer: Layer) -> Source:
    """Return a managed policy by its ARN, AWS's own included."""
    policy = AWS_POLICIES.get(arn) or account.policies[arn]
    return Source(layer=layer, name=policy.name, document=policy.document)


def decide(
    world: World, caller: Caller, *, action: str, resource: str, context: Context
) -> Decision:
    """Decide by all that a region knows about the caller."""
    groups = _limits(world, caller)
    hits = [
        [
            Matched(source=source, statement=statement)
            for source in group
            for statement in source.matching(action, resource, context)
        ]
        for _, group in groups
    ]
    denies = tuple(hit for group in hits for hit in group if hit.statement.is_deny)
    if denies:
        layer = denies[0].source.layer
        return Decision(is_allowed=False, is_explicit=True, layer=layer, matched=denies)
    for (layer, _), group_hits in zip(groups, hits, strict=True):
        if not group_hits:
            return Decision(is_allowed=False, layer=layer)
    return Decision(is_allowed=True, matched=tuple(hit for group in hits for hit in group))


def decide_by(sources: tuple[tuple[Source, ...], ...], action: str, context: Context) -> Decision:
    """Decide by given groups of policies alone, each of which has to allow: a simulation."""
    hits = [
        Matched(source=source, statement=statement)
        for group in sources
        for source in group
        for statement in source.matching(action, "*", context)
    ]
    denies = tuple(hit for hit in hits if hit.statement.is_deny)
    if denies:
        return Decision(is_allowed=False, is_explicit=True, matched=denies)
    is_allowed = all(any(hit.source in group for hit in hits) for group in sources)
    return Decision(is_allowed=is_allowed, matched=tuple(hits) if is_allowed else ())


def _limits(world: World, caller: Caller) -> list[tuple[Layer, tuple[Source, ...]]]:
    groups: list[tuple[Layer, tuple[Source, ...]]] = []
    if world.organization is not None:
        for level in world.organization.layers(caller.account):
            sources = (
                Source(layer=Layer.SCP, name=one.name, document=one.document) for one in level
            )
            groups.append((Layer.SCP, tuple(sources)))
    holder = caller.holder
    if holder is None:
        return groups  # root: nothing in its own account limits it
    account = world.accounts[caller.account]
    groups.append((Layer.IDENTITY, identity_sources(account, holder)))
    if holder.boundary is not None:
        groups.append((Layer.BOUNDARY, boundary_sources(account, holder)))
    if caller.session is not None and caller.session.policy is not None:
        source = Source(layer=Layer.SESSION, name="session", document=caller.session.policy)
        groups.append((Layer.SESSION, (source,)))
    elif caller.type is CallerType.FEDERATED:
        groups.append((Layer.SESSION, ()))
    return groups
