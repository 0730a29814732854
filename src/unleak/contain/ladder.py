"""The next way in when a quota refuses the deny: managed policy, boundary, then detaching.

The rungs follow AWS's limits, least intrusive first.  Nobody's inline policy is ever deleted to
make room.  Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

from __future__ import annotations

import json
from dataclasses import replace
from enum import IntEnum
from typing import TYPE_CHECKING

from unleak.contain.deny_policy import Statement, Unmergeable, append_statement, billed_size, render
from unleak.model.action import (
    Action,
    AttachPolicy,
    CreatePolicy,
    DetachPolicy,
    Holder,
    HolderType,
    SetBoundary,
    SetInlinePolicy,
)
from unleak.model.frozen import dataclass
from unleak.model.plan import Stage, Step, StepState
from unleak.model.policy_names import MANAGED_PREFIX, is_our_sid
from unleak.model.reading import Absent, Known

if TYPE_CHECKING:
    from unleak.model.reading import Reading
    from unleak.model.situation import ManagedPolicy, PrincipalFacts, Quotas


class Rung(IntEnum):
    """The ways in, in the order they are tried."""

    INLINE = 0
    MANAGED = 1
    BOUNDARY = 2
    DETACH = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Climb:
    """The steps of the next rung, with what the person must know about it."""

    rung: Rung
    steps: tuple[Step, ...]
    warning: str


def inline_fits(
    facts: PrincipalFacts, holder: Holder, action: SetInlinePolicy, quotas: Quotas
) -> bool:
    """Whether the deny fits beside the other inline policies; True where that is not known."""
    if not isinstance(facts.inline, Known) or action.after is None:
        return True
    others = sum(
        billed_size(each.document) for each in facts.inline.value if each.name != action.policy_name
    )
    limit = quotas.role_inline if holder.type is HolderType.ROLE else quotas.user_inline
    return others + billed_size(action.after) <= limit


def climb(
    step: Step,
    *,
    above: Rung,
    facts: PrincipalFacts,
    quotas: Quotas,
    incident: str,
    partition: str | None,
) -> Climb | None:
    """Return the next possible rung above the one that was refused, None when there is none.

    Args:
        step: the inline deny that did not fit.
        above: the rung that was refused last.
        facts: a full reading of the principal.
        quotas: the account's limits.
        incident: makes the name of the managed policy unique.
        partition: `aws`, `aws-cn`, ...; None where it is not known, and then no ARN can be made.
    """
    action = step.action
    if not isinstance(action, SetInlinePolicy) or action.after is None:
        return None
    own = None
    if partition is not None and step.account is not None:
        own = _Own(
            name=f"{MANAGED_PREFIX}{incident}-{step.id}",
            path=f"arn:{partition}:iam::{step.account}:policy/",
            statements=_new_statements(action.after),
        )
    if above < Rung.MANAGED and own is not None and _can_attach(facts, action.holder, quotas):
        return _managed(step, action.holder, own)
    if above < Rung.BOUNDARY and own is not None:
        found = _boundary(step, action.holder, own, facts.boundary)
        if found is not None:
            return found
    if above < Rung.DETACH:
        return _detach(step, action.holder, facts)
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Own:
    """A managed policy of ours that is to be made."""

    name: str
    path: str
    statements: list[Statement]


def _new_statements(document: str) -> list[Statement]:
    """Return our denies alone: what else was in the merged policy is in place already.

    A plan of an earlier unleak wrote denies without an id: then all denies are taken.
    """
    statements: list[Statement] = json.loads(document)["Statement"]
    denies = [each for each in statements if each.get("Effect") == "Deny"]
    return [each for each in denies if is_our_sid(str(each.get("Sid", "")))] or denies


def _can_attach(facts: PrincipalFacts, holder: Holder, quotas: Quotas) -> bool:
    limit = quotas.attached_per_role if holder.type is HolderType.ROLE else quotas.attached_per_user
    return not isinstance(facts.attached, Known) or len(facts.attached.value) < limit


def _managed(step: Step, holder: Holder, own: _Own) -> Climb:
    arn = own.path + own.name
    create = CreatePolicy(policy_arn=arn, policy_name=own.name, document=render(own.statements))
    return Climb(
        rung=Rung.MANAGED,
        steps=_pair(step, create, AttachPolicy(holder=holder, policy_arn=arn), mark="m"),
        warning=(
            f"the inline policies of {holder.label} are full, so the deny goes into a managed "
            f"policy, {own.name}"
        ),
    )


def _boundary(
    step: Step, holder: Holder, own: _Own, boundary: Reading[ManagedPolicy]
) -> Climb | None:
    """The boundary must allow all that the old one did, and deny on top."""
    match boundary:
        case Absent():
            everything: Statement = {"Effect": "Allow", "Action": ["*"], "Resource": ["*"]}
            before, document = None, render([everything, *own.statements])
        case Known(value=policy) if isinstance(policy.document, Known):
            before, document = policy.arn, policy.document.value
            try:
                for statement in own.statements:
                    document = append_statement(document, statement)
            except Unmergeable:
                return None
        case _:
            return None
    name = f"{own.name}-boundary"
    arn = own.path + name
    create = CreatePolicy(policy_arn=arn, policy_name=name, document=document)
    swap = SetBoundary(holder=holder, before=before, after=arn)
    return Climb(
        rung=Rung.BOUNDARY,
        steps=_pair(step, create, swap, mark="b"),
        warning=(
            f"no more policies fit on {holder.label}, so the deny goes into its permissions "
            f"boundary, {name}, which allows all that the old one did"
        ),
    )


def _detach(step: Step, holder: Holder, facts: PrincipalFacts) -> Climb | None:
    if not isinstance(facts.attached, Known) or not facts.attached.value:
        return None
    actions = [DetachPolicy(holder=holder, policy_arn=each.arn) for each in facts.attached.value]
    steps = tuple(
        replace(
            _fallback(step, action, f"{step.id}d{number}"),
            impact=(
                f"everybody who works as {holder.label} loses this policy, new sessions too, until "
                "`unleak undo`"
            ),
        )
        for number, action in enumerate(actions, start=1)
    )
    return Climb(
        rung=Rung.DETACH,
        steps=steps,
        warning=(
            f"no deny fits anywhere on {holder.label}, so its managed policies are detached: new "
            "sessions lose them as well, and inline policies go on allowing what they allow"
        ),
    )


def _pair(step: Step, create: CreatePolicy, use: Action, *, mark: str) -> tuple[Step, Step]:
    """Return the making of a policy and its use; `mark` keeps the rungs' step ids apart."""
    first = replace(_fallback(step, create, f"{step.id}{mark}1"), impact="none by itself")
    second = _fallback(step, use, f"{step.id}{mark}2")
    return first, replace(second, stage=Stage.AFTER_CONTAIN)


def _fallback(step: Step, action: Action, step_id: str) -> Step:
    return replace(
        step,
        id=step_id,
        action=action,
        stage=Stage.CONTAIN,
        state=StepState.PLANNED,
        is_fallback_of=step.id,
        reason=f"stands in for {step.id}, which does not fit into the policy size quota",
    )
