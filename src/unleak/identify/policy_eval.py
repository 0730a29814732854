"""A small IAM evaluator: may these policies do this action?  Yes, no, or maybe, and why maybe.

It reads identity policies and a boundary, nothing else: no resource policy, no organization
policy, no session policy.  It is for plain words about a leak, never the proof of a containment.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import TYPE_CHECKING

from unleak.identify.wildcard import matches
from unleak.model.frozen import dataclass

if TYPE_CHECKING:
    from unleak.identify.policy_document import Statement


class Verdict(StrEnum):
    """The answer to "can it?"; unknown is not no."""

    YES = "yes"
    NO = "no"
    MAYBE = "maybe"
    UNKNOWN = "unknown"


class Doubt(StrEnum):
    """Why an answer is only maybe, or by what a yes was told."""

    CONDITIONS = "under conditions"
    SOME_RESOURCES = "on some resources"
    UNREAD = "unless a policy that could not be read says otherwise"


@dataclass(frozen=True, slots=True)
class Ruling:
    """The answer for one action."""

    verdict: Verdict
    doubts: frozenset[Doubt] = frozenset()


_RANK = {Verdict.NO: 0, Verdict.UNKNOWN: 1, Verdict.MAYBE: 2, Verdict.YES: 3}


def stronger(one: Ruling, other: Ruling) -> Ruling:
    """Return the ruling that gives more power."""
    return one if _RANK[one.verdict] >= _RANK[other.verdict] else other


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicySet:
    """The statements of one layer, and whether some of its policies could not be read."""

    statements: tuple[Statement, ...]
    is_whole: bool = True


def rule(
    action: str,
    *,
    identity: PolicySet,
    boundary: PolicySet | None = None,
    resource: str | None = None,
) -> Ruling:
    """Say whether an action is allowed by identity policies within a boundary.

    Args:
        action: `service:Action`, no wildcard.
        identity: inline, attached and group policies together.
        boundary: the permissions boundary; None: there is none.
        resource: the ARN that is acted on; None asks for "on anything at all", and an allowance for
            a part of the resources is then a maybe.
    """
    ruling = _rule_layer(action, identity, resource)
    if boundary is None:
        return ruling
    return _both(ruling, _rule_layer(action, boundary, resource))


def _both(one: Ruling, other: Ruling) -> Ruling:
    """A boundary only takes away: the weaker of the two counts, with the doubts of both."""
    if Verdict.NO in {one.verdict, other.verdict}:
        return Ruling(Verdict.NO)
    if one.verdict is Verdict.UNKNOWN:
        return one
    if other.verdict is Verdict.UNKNOWN:
        return Ruling(Verdict.MAYBE, one.doubts | {Doubt.UNREAD})
    weaker = one if _RANK[one.verdict] <= _RANK[other.verdict] else other
    return Ruling(weaker.verdict, one.doubts | other.doubts)


def _rule_layer(action: str, layer: PolicySet, resource: str | None) -> Ruling:
    allowed = _reach(action, layer.statements, "Allow", resource)
    denied = _reach(action, layer.statements, "Deny", resource)
    if denied.verdict is Verdict.YES:
        return Ruling(Verdict.NO)
    if allowed.verdict is Verdict.NO:
        return Ruling(Verdict.NO if layer.is_whole else Verdict.UNKNOWN)
    doubts = set(allowed.doubts | denied.doubts)
    if not layer.is_whole:
        doubts.add(Doubt.UNREAD)
    return Ruling(Verdict.MAYBE if doubts else Verdict.YES, frozenset(doubts))


def _reach(
    action: str, statements: Iterable[Statement], effect: str, resource: str | None
) -> Ruling:
    """Say how far the statements of one effect reach, without the other effect."""
    best = Ruling(Verdict.NO)
    for statement in statements:
        if statement.effect != effect or not _is_about(statement, action):
            continue
        covers = _covers(statement, action, resource)
        if covers is Verdict.NO:
            continue
        doubts = set()
        if covers is Verdict.MAYBE:
            doubts.add(Doubt.SOME_RESOURCES)
        if statement.is_conditional:
            doubts.add(Doubt.CONDITIONS)
        if not doubts:
            return Ruling(Verdict.YES)
        found = Ruling(Verdict.MAYBE, frozenset(doubts))
        # the fewer doubts, the further it reaches
        if best.verdict is Verdict.NO or len(doubts) < len(best.doubts):
            best = found
    return best


def _is_about(statement: Statement, action: str) -> bool:
    name = action.lower()
    if statement.not_actions:
        return not any(matches(pattern, name) for pattern in statement.not_actions)
    return any(matches(pattern, name) for pattern in statement.actions)


def _covers(statement: Statement, action: str, resource: str | None) -> Verdict:
    """Say whether a statement is for all of the resources in question, some, or none."""
    if statement.not_resources:
        return _outside(statement.not_resources, resource)
    best = Verdict.NO
    for pattern in statement.resources:
        covers = _one_pattern(pattern, action, resource)
        if _RANK[covers] > _RANK[best]:
            best = covers
    return best


def _outside(patterns: tuple[str, ...], resource: str | None) -> Verdict:
    if any(_is_everything(pattern) for pattern in patterns):
        return Verdict.NO
    if resource is None or any("${" in pattern for pattern in patterns):
        return Verdict.MAYBE
    return Verdict.NO if any(matches(pattern, resource) for pattern in patterns) else Verdict.YES


def _one_pattern(pattern: str, action: str, resource: str | None) -> Verdict:
    if _is_everything(pattern):
        return Verdict.YES
    if resource is not None and "${" not in pattern:
        return Verdict.YES if matches(pattern, resource) else Verdict.NO
    if resource is not None:
        return Verdict.MAYBE
    return _rough(pattern, action.partition(":")[0])


def _is_everything(pattern: str) -> bool:
    return pattern != "" and set(pattern) == {"*"}


_ARN_PARTS = 6


def _rough(pattern: str, service: str) -> Verdict:
    """Judge `arn:aws:s3:::*` and its like as all of a service, anything narrower as some of it."""
    parts = pattern.split(":", _ARN_PARTS - 1)
    if len(parts) < _ARN_PARTS:
        return Verdict.MAYBE
    named, rest = parts[2], parts[5]
    if not matches(named.lower(), service.lower()):
        return Verdict.NO if _is_plain(named) else Verdict.MAYBE
    is_wide = all(part in {"", "*"} for part in parts[3:5]) and rest in {"*", "*/*", "*:*"}
    return Verdict.YES if is_wide else Verdict.MAYBE


def _is_plain(text: str) -> bool:
    return not set("*?$") & set(text)
