"""Belt and braces for a principal that could edit its own containment; pure.

A conditional deny can be taken away while it is not enforced yet, and a session that is opened in
that time is newer than the cut-off.  So four kills go out at once, each in another place, and the
thief has to win several races: the cut-off, an unconditional inline deny, AWS's own deny-all as a
managed policy, and the same as permissions boundary.  The three on top are temporary: they are
lifted when the cut-off, moved to after the thief's last act, is proven.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from unleak.contain.deny_policy import deny_all_document
from unleak.contain.lockout import is_own_principal
from unleak.contain.sessions import lifetime_of
from unleak.model.action import AttachPolicy, Holder, SetBoundary, SetInlinePolicy
from unleak.model.plan import Stage, Step, Strategy
from unleak.model.policy_names import AWS_DENY_ALL, FREEZE_POLICY
from unleak.model.reading import Absent, Known

if TYPE_CHECKING:
    from datetime import datetime

    from unleak.model.action import Action
    from unleak.model.situation import Caller, PrincipalFacts

FREEZE_SID = "UnleakFreeze"
_REASON = (
    "it could take the deny off again before AWS enforces it, or open newer sessions: this is one "
    "more lock, elsewhere, so that several races have to be won"
)


def braces(
    facts: PrincipalFacts,
    holder: Holder,
    *,
    cutoff: datetime,
    caller: Caller,
    strategy: Strategy,
) -> tuple[Step, ...]:
    """Return the temporary kills for one role or user, without ids.

    The responder's own principal gets none: they would stop him before he could lift them.

    Args:
        facts: the full look; a boundary that could not be read is left alone, because what cannot
            be put back is not swapped.
        holder: the role or user.
        cutoff: the cut-off of the lasting deny, for the safe date.
        caller: the responder.
        strategy: the blunt ones deny without condition by themselves.
    """
    if is_own_principal(caller, holder):
        return ()
    step = Step(
        id="",
        action=AttachPolicy(holder=holder, policy_arn=""),
        account=facts.principal.account or caller.account,
        reason=_REASON,
        impact=(
            f"nobody can work as {holder.label}, with new sessions neither, until the deny is seen "
            "to be enforced (usually seconds, at most as long as it is held); then it is lifted"
        ),
        reversible=True,
        safe_date=cutoff + lifetime_of(holder),
        stage=Stage.CONTAIN,
        is_temporary=True,
    )
    return tuple(replace(step, action=each) for each in _actions(facts, holder, strategy))


def _actions(facts: PrincipalFacts, holder: Holder, strategy: Strategy) -> tuple[Action, ...]:
    actions: list[Action] = []
    stands = isinstance(facts.inline, Known) and FREEZE_POLICY in {
        each.name for each in facts.inline.value
    }
    if strategy is Strategy.REVOKE_SESSIONS and not stands:
        document = deny_all_document(sid=FREEZE_SID)
        actions.append(
            SetInlinePolicy(holder=holder, policy_name=FREEZE_POLICY, before=None, after=document)
        )
    arn = f"arn:{facts.principal.partition or 'aws'}:{AWS_DENY_ALL}"
    if isinstance(facts.attached, Known) and arn not in {each.arn for each in facts.attached.value}:
        actions.append(AttachPolicy(holder=holder, policy_arn=arn))
    match facts.boundary:
        case Absent():
            actions.append(SetBoundary(holder=holder, before=None, after=arn))
        case Known(value=policy) if policy.arn != arn:
            actions.append(SetBoundary(holder=holder, before=policy.arn, after=arn))
        case _:
            pass
    return tuple(actions)


def numbered(steps: tuple[Step, ...], *, letter: str, taken: int = 0) -> tuple[Step, ...]:
    """Return the steps with ids of their own series.

    Args:
        steps: without ids.
        letter: the series.
        taken: how many ids of it are used already.
    """
    return tuple(
        replace(step, id=f"{letter}{number}") for number, step in enumerate(steps, start=taken + 1)
    )
