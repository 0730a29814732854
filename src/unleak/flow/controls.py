"""The controls that were put in place: looked at again and again, put back where they are gone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

from unleak.apply.reality import Standing, look
from unleak.contain.deny_policy import Unmergeable
from unleak.contain.fence import refenced
from unleak.contain.fence_statement import Unfenceable
from unleak.contain.replan import moved_forward
from unleak.errors import NoSuchPrincipal, UnleakError
from unleak.model.action import CreatePolicy, SetFence, SetInlinePolicy, target_of
from unleak.model.elsewhere import home_of
from unleak.model.frozen import dataclass
from unleak.model.plan import Step, StepState
from unleak.model.vault_action import VaultAction
from unleak.verify.denies import read_denies

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from unleak.model.plan import Plan
    from unleak.model.ports import Reader

_WORKERS = 8
IN_PLACE = frozenset({StepState.DONE, StepState.ALREADY})


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """A control that is not as we left it."""

    step: Step
    what: str
    current: str | None = None
    """The exact text of the policy that is there instead, where there is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlook:
    """One look at every control."""

    gone: tuple[Gone, ...]
    unread: tuple[str, ...]
    """What could not be looked at, with the reason: unknown, not untouched."""


def look_over(plan: Plan, reader: Reader) -> Overlook:
    """Look at every control that is in place, all at once.

    Args:
        plan: its steps carry the states they have come to.
        reader: the responder's eyes.
    """
    steps = [
        step
        for step in plan.steps
        if step.state in IN_PLACE and not isinstance(step.action, VaultAction)
    ]
    if not steps:
        return Overlook(gone=(), unread=())
    with ThreadPoolExecutor(max_workers=min(_WORKERS, len(steps))) as pool:
        seen = tuple(pool.map(lambda step: _look(step, reader), steps))
    return Overlook(
        gone=tuple(each for each in seen if isinstance(each, Gone)),
        unread=tuple(each for each in seen if isinstance(each, str)),
    )


def mended(gone: Sequence[Gone], plan: Plan, *, cutoff: datetime | None) -> Plan:
    """Return the plan with the steps of what is gone to be made once more.

    A policy that somebody else has rewritten is merged with, so that nothing of his is lost.

    Args:
        gone: what has to be put back.
        plan: the plan as it stands.
        cutoff: sessions issued before it are denied.
    """
    again = {each.step.id: _again(each, cutoff) for each in gone}
    return plan.with_steps(tuple(again.get(step.id, step) for step in plan.steps))


def _again(gone: Gone, cutoff: datetime | None) -> Step:
    step = gone.step
    if isinstance(step.action, SetFence):
        step = replace(step, action=_refenced(step.action, gone.current))
    elif gone.current is not None and cutoff is not None:
        step = moved_forward(step, current=gone.current, cutoff=cutoff)
    return replace(step, state=StepState.PLANNED, has_stood=True)


def _refenced(action: SetFence, current: str | None) -> SetFence:
    """Keep what others have put into the fence meanwhile, where there is room for both."""
    try:
        return replace(action, after=refenced(current, action.after or ""))
    except (Unmergeable, Unfenceable):
        return action


def _look(step: Step, reader: Reader) -> Gone | str | None:
    try:
        reader = reader.of_account(home_of(step))
        sight = look(step.action, reader)
    except NoSuchPrincipal:
        return _if_missed(step)
    except UnleakError as error:
        return f"{target_of(step.action)}: {error.message}"
    match sight.standing:
        case Standing.AFTER | Standing.DEAD:
            return None
        case Standing.BEFORE:
            return Gone(
                step=step, what=f"what {step.id} had put on {target_of(step.action)} is gone"
            )
        case Standing.CHANGED:
            return _changed(step, sight.words, reader)


def _if_missed(step: Step) -> Gone | None:
    """A principal that is gone needs no deny; one that comes back under its name is seen then."""
    if isinstance(step.action, CreatePolicy):
        return Gone(step=step, what=f"{target_of(step.action)} is gone")
    return None


def _changed(step: Step, words: str, reader: Reader) -> Gone | None:
    action = step.action
    if isinstance(action, SetFence):
        return Gone(step=step, what=words, current=reader.fence(action.account))
    if not isinstance(action, SetInlinePolicy) or action.after is None:
        return Gone(step=step, what=words)
    current = reader.inline_policy(action.holder, action.policy_name)
    present = () if current is None else read_denies(current)
    wanted = read_denies(action.after)
    if wanted and all(any(there.covers(deny) for there in present) for deny in wanted):
        return None  # somebody has moved it further forward: not a weaker one
    return Gone(step=step, what=words, current=current)
