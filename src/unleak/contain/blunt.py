"""The blunt ways, for those who ask: deny everything, strip permissions, delete the role."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from unleak.contain.deny_policy import deny_all_document
from unleak.contain.lockout import is_own_principal
from unleak.contain.sessions import Draft, lifetime_of
from unleak.model.action import (
    Action,
    DeleteRole,
    DetachPolicy,
    Holder,
    HolderType,
    LeaveGroup,
    LeaveInstanceProfile,
    SetInlinePolicy,
)
from unleak.model.plan import Stage, Step, StepState
from unleak.model.policy_names import DENY_ALL_POLICY, is_quarantine
from unleak.model.reading import Known, Unknown

if TYPE_CHECKING:
    from unleak.model.situation import Caller, PrincipalFacts


def deny_everything(
    facts: PrincipalFacts, holder: Holder, *, cutoff: datetime, caller: Caller
) -> Draft:
    """Plan the unconditional deny: old sessions, new sessions and keys are all refused."""
    before = facts.deny_all_policy.value if isinstance(facts.deny_all_policy, Known) else None
    document = deny_all_document()
    step = _step(
        SetInlinePolicy(holder=holder, policy_name=DENY_ALL_POLICY, before=before, after=document),
        facts,
        caller,
        holder,
        reason="refuses every request of this principal, whatever signs it",
        impact=(
            f"{holder.label} can do nothing at all, new sessions included, until `unleak undo`: "
            "everything that runs on it is down"
        ),
        safe_date=cutoff + lifetime_of(holder),
    )
    return Draft((replace(step, state=StepState.ALREADY) if before == document else step,))


def strip_permissions(
    facts: PrincipalFacts, holder: Holder, *, cutoff: datetime, caller: Caller
) -> Draft:
    """Plan the removal of every policy and group, each recorded so that `undo` puts it back.

    AWS's own quarantine only denies and stays: taking it off would give something back.
    What a resource policy or a KMS grant gives to the principal directly stays: stripping takes
    away, it does not deny.
    """
    actions: list[Action] = []
    if isinstance(facts.attached, Known):
        actions += [
            DetachPolicy(holder=holder, policy_arn=each.arn)
            for each in facts.attached.value
            if not is_quarantine(each.arn)
        ]
    if isinstance(facts.inline, Known):
        actions += [
            SetInlinePolicy(holder=holder, policy_name=each.name, before=each.document, after=None)
            for each in facts.inline.value
        ]
    if isinstance(facts.groups, Known):
        actions += [LeaveGroup(user=holder.name, group=each.name) for each in facts.groups.value]
    steps = tuple(
        _step(
            action,
            facts,
            caller,
            holder,
            reason="takes a permission away; it is recorded and can be put back",
            impact=(
                f"everybody who works as {holder.label} loses it, new sessions too, until "
                "`unleak undo`; a resource policy that names the principal still lets it in"
            ),
            safe_date=cutoff + lifetime_of(holder),
        )
        for action in actions
    )
    return Draft(steps, manual=_unread(facts, holder))


def _unread(facts: PrincipalFacts, holder: Holder) -> tuple[str, ...]:
    """Return what could not be read and is therefore not stripped."""
    is_user = holder.type is HolderType.USER
    readings = {
        "attached policies": facts.attached if isinstance(facts.attached, Unknown) else None,
        "inline policies": facts.inline if isinstance(facts.inline, Unknown) else None,
        "groups": facts.groups if is_user and isinstance(facts.groups, Unknown) else None,
    }
    return tuple(
        f"{what} of {holder.label} could not be read ({unknown.detail})"
        for what, unknown in readings.items()
        if unknown is not None
    )


def delete_role(
    facts: PrincipalFacts, holder: Holder, *, cutoff: datetime, caller: Caller
) -> Draft:
    """Plan emptying and deleting a role; its sessions die with it and never match a new one."""
    stripped = strip_permissions(facts, holder, cutoff=cutoff, caller=caller)
    if not isinstance(facts.record, Known) or isinstance(facts.instance_profiles, Unknown):
        manual = (
            *stripped.manual,
            f"{holder.label} cannot be read well enough to delete it safely",
        )
        return Draft((), manual=manual)
    why = "a role can only be deleted when it is in no instance profile"
    profiles = tuple(
        _step(
            LeaveInstanceProfile(role=holder.name, profile=profile),
            facts,
            caller,
            holder,
            reason=why,
            impact=f"EC2 instances that use the profile {profile} get no new credentials",
            safe_date=cutoff + lifetime_of(holder),
        )
        for profile in facts.instance_profiles.value
    )
    last = _step(
        DeleteRole(record=facts.record.value),
        facts,
        caller,
        holder,
        reason="a role that is gone has no sessions: its unique id never comes back",
        impact=(
            f"{holder.label} is gone. `unleak undo` makes it anew with the same policies, but "
            "under another unique id: policies elsewhere that name it must be saved again"
        ),
        safe_date=cutoff + lifetime_of(holder),
    )
    steps = (*profiles, *stripped.steps, replace(last, stage=Stage.AFTER_CONTAIN))
    return Draft(steps, manual=stripped.manual)


def _step(
    action: Action,
    facts: PrincipalFacts,
    caller: Caller,
    holder: Holder,
    *,
    reason: str,
    impact: str,
    safe_date: datetime,
) -> Step:
    return Step(
        id="",
        action=action,
        account=facts.principal.account or caller.account,
        reason=reason,
        impact=impact,
        reversible=True,
        safe_date=safe_date,
        stage=Stage.OWN_SESSION if is_own_principal(caller, holder) else Stage.CONTAIN,
    )
