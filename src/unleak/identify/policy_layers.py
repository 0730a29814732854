"""A principal's policies as two layers, given and bounding, and the words for what was not read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from unleak.identify.policy_document import Statement, read_policy
from unleak.identify.policy_eval import PolicySet
from unleak.model.frozen import dataclass
from unleak.model.policy_names import CONSOLE_POLICY, SESSION_POLICY
from unleak.model.principal import PrincipalType
from unleak.model.reading import Absent, Known, Unknown

if TYPE_CHECKING:
    from unleak.model.reading import Listing
    from unleak.model.situation import InlinePolicy, ManagedPolicy, PrincipalFacts

_CUTOFFS = frozenset({CONSOLE_POLICY, SESSION_POLICY})
"""An earlier cut-off denies earlier sessions; it does not lessen what this principal can do."""

_AWS_MANAGED = re.compile(r"arn:aws[a-z0-9-]*:iam::aws:policy/(?:[\w-]+/)*([\w+=,.@-]+)", re.ASCII)

# The gist of four AWS-managed policies, for where their texts cannot be read.
# Source: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
_BY_NAME = {
    "AdministratorAccess": Statement(effect="Allow", actions=("*",), resources=("*",)),
    "PowerUserAccess": Statement(
        effect="Allow",
        not_actions=("iam:*", "organizations:*", "account:*"),
        resources=("*",),
    ),
    "IAMFullAccess": Statement(effect="Allow", actions=("iam:*",), resources=("*",)),
    "ReadOnlyAccess": Statement(
        effect="Allow",
        actions=(
            "s3:get*",
            "dynamodb:getitem",
            "dynamodb:scan",
            "ssm:getparameter*",
            "logs:get*",
            "lambda:get*",
            "ecr:batchget*",
            "iam:get*",
            "iam:list*",
            "ec2:describe*",
        ),
        resources=("*",),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Layers:
    """What the evaluator needs, and the words about what it could not see."""

    identity: PolicySet
    boundary: PolicySet | None
    unread: tuple[str, ...] = ()
    by_name: tuple[str, ...] = ()


def layers_of(facts: PrincipalFacts) -> Layers:
    """Sort the facts into layers.

    Args:
        facts: what was read; a part that is Unknown makes its layer not whole, never empty.
    """
    texts = tuple(_identity_texts(facts))
    identity: list[Statement] = []
    for text in texts:
        identity += text.statements
    unread = tuple(dict.fromkeys(text.unread for text in texts if text.unread))
    boundary, bound_unread = _boundary(facts)
    return Layers(
        identity=PolicySet(statements=tuple(identity), is_whole=not unread),
        boundary=boundary,
        unread=unread + bound_unread,
        by_name=tuple(dict.fromkeys(text.by_name for text in texts if text.by_name)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Text:
    statements: tuple[Statement, ...] = ()
    unread: str = ""
    by_name: str = ""


def _identity_texts(facts: PrincipalFacts) -> Iterator[_Text]:
    yield from _inline(facts.inline, "inline policies")
    yield from _attached(facts.attached, "attached policies")
    if facts.principal.type is not PrincipalType.USER:
        return
    if isinstance(facts.groups, Unknown):
        yield _unread_part("groups", facts.groups)
        return
    for group in facts.groups.value:
        yield from _inline(group.inline, f"inline policies of group {group.name}")
        yield from _attached(group.attached, f"attached policies of group {group.name}")


def _inline(policies: Listing[tuple[InlinePolicy, ...]], part: str) -> Iterator[_Text]:
    if isinstance(policies, Unknown):
        yield _unread_part(part, policies)
        return
    for policy in policies.value:
        if policy.name in _CUTOFFS:
            continue
        statements = read_policy(policy.document)
        if statements is None:
            yield _Text(unread=f"{policy.name} (its text is not understood)")
        else:
            yield _Text(statements=statements)


def _attached(policies: Listing[tuple[ManagedPolicy, ...]], part: str) -> Iterator[_Text]:
    if isinstance(policies, Unknown):
        yield _unread_part(part, policies)
        return
    for policy in policies.value:
        yield _managed(policy)


def _managed(policy: ManagedPolicy) -> _Text:
    if isinstance(policy.document, Known):
        statements = read_policy(policy.document.value)
        if statements is not None:
            return _Text(statements=statements)
        return _Text(unread=f"{policy.name} (its text is not understood)")
    matched = _AWS_MANAGED.fullmatch(policy.arn)
    known = None if matched is None else _BY_NAME.get(matched.group(1))
    if known is not None:
        return _Text(statements=(known,), by_name=policy.name)
    return _Text(unread=f"{policy.name} (its text could not be read)")


def _boundary(facts: PrincipalFacts) -> tuple[PolicySet | None, tuple[str, ...]]:
    if isinstance(facts.boundary, Absent):
        return None, ()
    unread = PolicySet(statements=(), is_whole=False)
    if isinstance(facts.boundary, Unknown):
        return unread, (_unread_part("the permissions boundary", facts.boundary).unread,)
    text = _managed(facts.boundary.value)
    if text.unread:
        return unread, (f"the permissions boundary {text.unread}",)
    return PolicySet(statements=text.statements), ()


def _unread_part(part: str, why: Unknown) -> _Text:
    return _Text(unread=f"{part} ({why.detail or why.gap})")
