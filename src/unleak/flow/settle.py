"""The second cut after a key: until the first is enforced, a dying key opens sessions still.

`GetSessionToken` needs no permission and cannot be denied, so whoever holds a key uses the seconds
before it is dead everywhere to open a session that is newer than the first cut-off.  Once the key
is seen dead, the cut-off moves to that moment: it hits all that the key has ever opened.
Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from unleak.flow.measure import measure
from unleak.flow.thaw import move_cutoff
from unleak.model.action import KeyState, SetInlinePolicy, SetKeyStatus
from unleak.model.plan import Scope, StepState, Strategy
from unleak.model.proof import Level
from unleak.model.user_action import DeleteLoginProfile
from unleak.model.vault_action import RotateVaultRoot, users_gone_with

if TYPE_CHECKING:
    from unleak.flow.cut import Cutter
    from unleak.flow.measure import Measurement
    from unleak.flow.workplace import Workplace
    from unleak.model.plan import Plan
    from unleak.model.proof import Verification

BLIND = 5.0
"""Seconds after the first change that are waited for where nothing shows when it is enforced."""


def needs_second_cut(plan: Plan) -> bool:
    """Whether a key or password went just now whose sessions a conditional deny has to reach.

    Args:
        plan: as it stands after the cut.
    """
    done = tuple(step.action for step in plan.steps if step.state is StepState.DONE)
    gone = {user for action in done for user in users_gone_with(action)}
    turned_off = {
        action.user
        for action in done
        if isinstance(action, DeleteLoginProfile | RotateVaultRoot)
        or (isinstance(action, SetKeyStatus) and action.after is KeyState.INACTIVE)
    } - gone
    return (
        plan.strategy is Strategy.REVOKE_SESSIONS
        and plan.scope is Scope.PRINCIPAL
        and not plan.self_lockout
        and any(
            isinstance(step.action, SetInlinePolicy)
            and step.action.holder.label in {f"user/{user}" for user in turned_off}
            for step in plan.steps
        )
    )


def second_cut(
    measurement: Measurement, measured: Verification, cutter: Cutter, place: Workplace
) -> tuple[Plan, Verification]:
    """Move the cut-off past the key's death, and read the moved one back.

    A key that is still alive gets no second cut: it would be too early again.

    Args:
        measurement: what was measured; its plan is moved.
        measured: what was seen, of which the probes stand.
        cutter: sends the moved deny.
        place: doors, journal and timing.
    """
    plan = measurement.plan
    if measured.effective is False:
        return plan, measured
    if measured.level.rank <= Level.SIMULATED.rank and cutter.accepted_at is not None:
        waited = place.timing.monotonic() - cutter.accepted_at
        if waited < BLIND:
            place.person.hears("waiting until the key is dead, to cut off what it opened last")
            place.timing.pause(BLIND - waited)
    moved = move_cutoff(plan, cutter, place)
    if moved == plan:
        return plan, measured
    again = replace(
        measurement, plan=moved, consented=(), canaries=None, wanted=Level.SIMULATED, baseline=None
    )
    read = measure(again, place.doors, place.person, timing=place.timing)
    kept = tuple(each for each in measured.checks if each.level not in _READ)
    return moved, replace(
        measured, checks=(*(each for each in read.checks if each.level in _READ), *kept)
    )


_READ = frozenset({Level.READ_BACK, Level.SIMULATED})
