"""A deny that was planned a while ago, merged anew with what is there now; pure."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from unleak.contain.deny_policy import Unmergeable, merge_cutoff, merge_sessions
from unleak.contain.fence import refenced
from unleak.contain.fence_statement import Unfenceable
from unleak.contain.options import MARGIN
from unleak.contain.sessions import USER_LIFETIME, lifetime_of
from unleak.model.action import SetFence, SetInlinePolicy
from unleak.model.instant import round_up
from unleak.model.plan import Step, StepState
from unleak.model.policy_names import CONSOLE_POLICY, SESSION_POLICY

if TYPE_CHECKING:
    from unleak.contain.deny_policy import Merged


def later_cutoff(planned: datetime, *, created_at: datetime, now: datetime) -> datetime:
    """Return the cut-off for a plan that is taken up again.

    Sessions opened since the plan was made would survive its cut-off, so it moves to now; one that
    the person chose in the past stays where he put it.

    Args:
        planned: the plan's cut-off.
        created_at: when the incident began.
        now: an upper bound of AWS's time.
    """
    was_chosen = planned < created_at
    return planned if was_chosen else max(planned, round_up(now) + MARGIN)


def merged_anew(step: Step, *, current: str | None, cutoff: datetime) -> Step:
    """Return the step with its policy merged with the text that is there now.

    Of a step that has stood already, the text now may be its own: that is nothing to put back.

    Args:
        step: a step that was planned and not made.
        current: the exact text of its policy now, None where there is none.
        cutoff: sessions issued before it are denied.
    """
    action = step.action
    if isinstance(action, SetFence) and action.after is not None:
        return _fenced_anew(step, action, current=current, cutoff=cutoff)
    if not isinstance(action, SetInlinePolicy):
        return step
    if action.after is None:
        gone = current is None
        state = StepState.ALREADY if gone else StepState.PLANNED
        return replace(step, action=replace(action, before=current), state=state)
    merged = _merged(action, current, cutoff)
    if merged is None:
        return replace(step, action=replace(action, before=current), state=StepState.PLANNED)
    return replace(
        step,
        action=replace(action, before=_start(step, action, current), after=merged.document),
        safe_date=merged.cutoff + lifetime_of(action.holder),
        state=_found(step) if merged.is_already_there else StepState.PLANNED,
    )


def moved_forward(step: Step, *, current: str | None, cutoff: datetime) -> Step:
    """Return a step that is in place with its cut-off moved forward, to be made once more.

    What `undo` puts back stays what was there before the first cut.

    Args:
        step: a cut-off that is in place; any other step comes back as it is.
        current: the exact text of its policy now, None where somebody took it away.
        cutoff: sessions issued before it are denied from now on.
    """
    action = step.action
    if not isinstance(action, SetInlinePolicy) or action.after is None:
        return step
    merged = _merged(action, current, cutoff)
    if merged is None:
        return step
    return replace(
        step,
        action=replace(action, after=merged.document),
        safe_date=merged.cutoff + lifetime_of(action.holder),
        has_stood=True,
        state=StepState.DONE if merged.is_already_there else StepState.PLANNED,
    )


def _fenced_anew(step: Step, action: SetFence, *, current: str | None, cutoff: datetime) -> Step:
    """Keep what others put into the fence meanwhile; fail rather than push them out of it."""
    try:
        after = refenced(current, action.after or "")
    except (Unmergeable, Unfenceable):
        return replace(step, state=StepState.FAILED)
    dates = [date for date in (step.safe_date, cutoff + USER_LIFETIME) if date is not None]
    return replace(
        step,
        action=replace(action, before=_start(step, action, current), after=after),
        safe_date=max(dates),
        state=_found(step) if after == current else StepState.PLANNED,
    )


def _start(step: Step, action: SetInlinePolicy | SetFence, current: str | None) -> str | None:
    """Return what an undo puts back."""
    return action.before if step.has_stood else current


def _found(step: Step) -> StepState:
    """Return the state of a step whose work is there; what is ours, an undo takes away."""
    return StepState.DONE if step.has_stood else StepState.ALREADY


def _merged(action: SetInlinePolicy, current: str | None, cutoff: datetime) -> Merged | None:
    """Return the merged text, None for a policy that is written whole (or cannot be merged)."""
    try:
        if action.policy_name == CONSOLE_POLICY:
            return merge_cutoff(current, cutoff)
        if action.policy_name == SESSION_POLICY and action.after is not None:
            return merge_sessions(current, _user_ids(action), cutoff)
    except Unmergeable:
        return None
    return None


def _user_ids(action: SetInlinePolicy) -> tuple[str, ...]:
    """Return the sessions that this step itself wanted to deny: those not in the text before."""
    wanted = _ids_in(action.after)
    had = _ids_in(action.before)
    return tuple(each for each in wanted if each not in had) or wanted


def _ids_in(document: str | None) -> tuple[str, ...]:
    if document is None:
        return ()
    found: list[str] = []
    for statement in json.loads(document).get("Statement", []):
        match statement:
            case {"Condition": {"StringEquals": {"aws:userid": str(user_id)}}}:
                found.append(user_id)
            case _:
                pass
    return tuple(found)
