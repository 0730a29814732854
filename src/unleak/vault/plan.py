"""From what Vault told to the steps that go with a plan; pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, assert_never

from unleak.contain.braces import numbered
from unleak.model.action import DeleteKey, KeyState, SetKeyStatus
from unleak.model.plan import Stage, Step, StepState, Strategy
from unleak.model.reading import Known
from unleak.model.vault import VaultType
from unleak.model.vault_action import (
    CreateStaticRole,
    DeleteStaticRole,
    RevokeLease,
    RevokePrefix,
    RotateStaticRole,
    RotateVaultRoot,
    TryNewLease,
)
from unleak.vault import words
from unleak.vault.case import Leased, OwnKey, Static

if TYPE_CHECKING:
    from unleak.model.action import Action
    from unleak.model.plan import Plan
    from unleak.model.situation import KeyFact, Situation
    from unleak.vault.case import VaultCase

SERIES = "v"
"""The letter of the ids of steps that Vault makes."""


def with_vault(plan: Plan, case: VaultCase, situation: Situation) -> Plan:
    """Return the plan with the steps that Vault makes, in an order in which each can work.

    Args:
        plan: of the AWS side, with all that reinforces it.
        case: what Vault told.
        situation: for the keys of the users concerned.
    """
    more: list[Step] = []
    for finding in case.findings:
        match finding:
            case Leased():
                more += _of_leased(finding)
            case Static():
                more += _of_static(finding, situation)
            case OwnKey():
                plan, steps = _of_own_key(plan, finding, situation)
                more += steps
            case _:
                assert_never(finding)
    taken = sum(step.id.startswith(SERIES) for step in plan.steps)
    here = tuple(replace(step, account=situation.caller.account) for step in more)
    return replace(
        plan,
        steps=(*plan.steps, *numbered(here, letter=SERIES, taken=taken)),
        warnings=(*plan.warnings, *case.notes, *words.warnings(case)),
        manual=(*plan.manual, *words.manual(case)),
        next=(*words.readers(case), *plan.next),
    )


def late_deactivation(plan: Plan, rotation: Step) -> Plan:
    """Return the plan with the old key of Vault's to be made inactive, Vault having left it active.

    Args:
        plan: as it stands.
        rotation: what was to delete the key.
    """
    action = rotation.action
    if not isinstance(action, RotateVaultRoot):
        return plan
    step = Step(
        id="",
        action=SetKeyStatus(
            user=action.user,
            key_id=action.key_id,
            before=KeyState.ACTIVE,
            after=KeyState.INACTIVE,
        ),
        account=rotation.account,
        reason="Vault has not deleted the key that leaked, so it is made inactive here",
        impact=words.STOPS_VAULT if rotation.state is StepState.FAILED else words.HAS_ANOTHER,
        reversible=True,
        safe_date=None,
        revives_leak=True,
    )
    taken = sum(each.id.startswith(SERIES) for each in plan.steps)
    return plan.with_steps((*plan.steps, *numbered((step,), letter=SERIES, taken=taken)))


def _step(action: Action, reason: str, impact: str, *, stage: Stage, depth: int = 0) -> Step:
    return Step(
        id="",
        action=action,
        account=None,
        reason=reason,
        impact=impact,
        reversible=False,
        safe_date=None,
        stage=stage,
        depth=depth,
    )


def _of_leased(found: Leased) -> tuple[Step, ...]:
    is_sts = found.type is None or found.type.is_sts
    reason = words.STS_REASON if is_sts else words.USER_REASON
    impact = words.impact_of(found)
    if found.lease is not None:
        actions: tuple[Action, ...] = (RevokeLease(lease=found.lease, users=found.users),)
    else:
        actions = tuple(
            RevokePrefix(prefix=each, users=found.users if number == 0 else ())
            for number, each in enumerate(found.prefixes)
        )
    steps = tuple(
        replace(
            _step(each, reason, impact, stage=Stage.AFTER_CONTAIN),
            waits_for_proof=found.is_cut_in_aws,
        )
        for each in actions
    )
    arn = found.role_arns[0] if len(found.role_arns) > 1 else None
    return (*steps, *_trial(found.path, found.type, arn))


def _trial(path: str, type_: VaultType | None, role_arn: str | None) -> tuple[Step, ...]:
    """A session token may ask for an MFA code, and an unknown kind for anything."""
    if type_ is None or type_ is VaultType.SESSION_TOKEN:
        return ()
    step = _step(
        TryNewLease(path=path, role_arn=role_arn),
        words.TRIAL_REASON,
        words.TRIAL_IMPACT,
        stage=Stage.LAST,
    )
    return (replace(step, waits_for_proof=True),)


def _of_static(found: Static, situation: Situation) -> tuple[Step, ...]:
    role, depth = found.role, 0
    steps: list[Step] = []
    if found.rotate_path is None:
        actions: tuple[Action, ...] = (DeleteStaticRole(role=role), CreateStaticRole(role=role))
    else:
        actions = (RotateStaticRole(role=role, path=found.rotate_path),)
        if _spares_older(found, situation) and role.key_id is not None:
            key = DeleteKey(user=role.user, key_id=role.key_id)
            step = _step(key, words.ROOM_REASON, words.ROOM_IMPACT, stage=Stage.AFTER_CONTAIN)
            steps.append(step)
            depth = 1
    steps += [
        _step(
            each,
            words.STATIC_REASON,
            words.STATIC_IMPACT,
            stage=Stage.AFTER_CONTAIN,
            depth=depth + number,
        )
        for number, each in enumerate(actions)
    ]
    return tuple(steps)


def _spares_older(found: Static, situation: Situation) -> bool:
    """Whether Vault would delete an older, good key: of two it deletes the oldest for a new one.

    Where the ages are not known, the leaked one goes first all the same: it is dead anyway.
    """
    keys = _keys_of(found.role.user, situation)
    return any(key.key_id != found.role.key_id for key in keys)


def _keys_of(user: str, situation: Situation) -> tuple[KeyFact, ...]:
    for facts in situation.principals:
        if facts.principal.label == f"user/{user}" and isinstance(facts.keys, Known):
            return facts.keys.value
    return ()


def _of_own_key(plan: Plan, found: OwnKey, situation: Situation) -> tuple[Plan, tuple[Step, ...]]:
    """Put Vault's own rotation in the place of the deactivation, where it can work.

    Vault makes the new key with the old one, so an old key that is inactive cannot be replaced.
    """
    old = next((step for step in plan.steps if _turns_off(step, found)), None)
    others = [key for key in _keys_of(found.user, situation) if key.key_id != found.key_id]
    reason = _why_not(plan, old, others)
    if old is None or reason is not None:
        manual = words.cannot_rotate(found, reason or words.IS_DEAD)
        return replace(plan, manual=(*plan.manual, manual)), ()
    rotation = replace(
        old,
        action=RotateVaultRoot(mount=found.mount, user=found.user, key_id=found.key_id),
        reason=words.ROTATE_REASON,
        impact=words.ROTATE_IMPACT,
        reversible=False,
        revives_leak=False,
    )
    room = tuple(
        _step(
            DeleteKey(user=found.user, key_id=key.key_id),
            words.SECOND_KEY_REASON,
            words.SECOND_KEY_IMPACT,
            stage=Stage.CONTAIN,
        )
        for key in others
    )
    rotation = replace(rotation, depth=1 if room else 0)
    steps = tuple(
        rotation if step is old else _after(step, rotation) if step.is_temporary else step
        for step in plan.steps
    )
    trial = () if found.trial is None else _trial(found.trial, VaultType.IAM_USER, None)
    return plan.with_steps(steps), (*room, *trial)


def _why_not(plan: Plan, old: Step | None, others: list[KeyFact]) -> str | None:
    if old is None or old.state is not StepState.PLANNED:
        return words.IS_DEAD
    if plan.strategy is not Strategy.REVOKE_SESSIONS:
        return words.OTHER_STRATEGY
    if any(key.state is KeyState.ACTIVE for key in others):
        return words.NO_ROOM
    return None


def _turns_off(step: Step, found: OwnKey) -> bool:
    action = step.action
    return isinstance(action, SetKeyStatus) and action.key_id == found.key_id


def _after(step: Step, rotation: Step) -> Step:
    """A freeze of Vault's own user comes after its rotation, which it would stop half-way."""
    return replace(step, depth=max(step.depth, rotation.depth + 1))
