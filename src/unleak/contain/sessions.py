"""Plan the conditional deny: sessions issued before the cut-off are refused, new ones served."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from unleak.contain.deny_policy import (
    Merged,
    Unmergeable,
    cutoff_statement,
    merge_cutoff,
    merge_sessions,
    render,
)
from unleak.contain.lockout import is_own_principal, is_own_session, signs_with_session
from unleak.model.action import Holder, HolderType, SetInlinePolicy
from unleak.model.credential import Credential, CredentialKind
from unleak.model.frozen import dataclass
from unleak.model.instant import render_instant
from unleak.model.plan import Stage, Step, StepState
from unleak.model.policy_names import CONSOLE_POLICY, MANAGED_PREFIX, SESSION_POLICY
from unleak.model.reading import Absent, Known, Unknown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unleak.model.reading import Reading
    from unleak.model.situation import Caller, PrincipalFacts

ROLE_LIFETIME = timedelta(hours=12)
"""The longest life of a role session; `MaxSessionDuration` does not bind sessions made by services.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_update-role-settings.html
"""
USER_LIFETIME = timedelta(hours=36)
"""The longest life of a GetSessionToken or GetFederationToken session.

Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html
"""


@dataclass(frozen=True, slots=True)
class Draft:
    """Steps and warnings for one principal; the planner numbers the steps."""

    steps: tuple[Step, ...]
    warnings: tuple[str, ...] = ()
    manual: tuple[str, ...] = ()


def lifetime_of(holder: Holder) -> timedelta:
    """Return how long the oldest session that a deny on `holder` hits can live."""
    return ROLE_LIFETIME if holder.type is HolderType.ROLE else USER_LIFETIME


def deny_older_sessions(
    facts: PrincipalFacts, holder: Holder, *, cutoff: datetime, caller: Caller
) -> Draft:
    """Plan the console's cut-off on a role or user, merged with what is there.

    Args:
        facts: what was read; `revoke_policy` decides between merging and a name of our own.
        holder: the role or user.
        cutoff: sessions issued before it are denied.
        caller: the responder, to send a deny that hits him last.
    """
    name, before, merged, warning = _merge(facts.revoke_policy, holder, cutoff)
    cuts_own = is_own_principal(caller, holder) and signs_with_session(caller)
    step = Step(
        id="",
        action=SetInlinePolicy(
            holder=holder, policy_name=name, before=before, after=merged.document
        ),
        account=facts.principal.account or caller.account,
        reason=(
            "temporary credentials cannot be invalidated, only denied: this refuses every session "
            f"of {holder.label} issued before {render_instant(merged.cutoff)}"
        ),
        impact=_impact(holder),
        reversible=True,
        safe_date=merged.cutoff + lifetime_of(holder),
        stage=Stage.OWN_SESSION if cuts_own else Stage.CONTAIN,
        state=StepState.ALREADY if merged.is_already_there else StepState.PLANNED,
    )
    return Draft((step,), warnings=(warning,) if warning else ())


def deny_single_sessions(
    facts: PrincipalFacts,
    holder: Holder,
    *,
    credentials: Sequence[Credential],
    cutoff: datetime,
    caller: Caller,
) -> Draft:
    """Plan the deny of single sessions by name, all others of the principal being spared."""
    user_ids = tuple(dict.fromkeys(_user_id(each, facts, caller) for each in credentials))
    before = facts.own_policy.value if isinstance(facts.own_policy, Known) else None
    name = SESSION_POLICY
    try:
        merged = merge_sessions(before, user_ids, cutoff)
        readable = not isinstance(facts.own_policy, Unknown)
    except Unmergeable:
        readable = False
    if not readable:
        name, before = own_name(cutoff, suffix="-sessions"), None
        merged = merge_sessions(None, user_ids, cutoff)
    cuts_own = any(is_own_session(caller, user_id) for user_id in user_ids)
    names = ", ".join(user_id.partition(":")[2] for user_id in user_ids)
    step = Step(
        id="",
        action=SetInlinePolicy(
            holder=holder, policy_name=name, before=before, after=merged.document
        ),
        account=facts.principal.account or caller.account,
        reason=f"refuses the session name {names} where issued before {render_instant(cutoff)}",
        impact=(
            f"only sessions of that name lose access; other sessions of {holder.label} go on. "
            "Whoever may open sessions of it under another name is not stopped"
        ),
        reversible=True,
        safe_date=merged.cutoff + lifetime_of(holder),
        stage=Stage.OWN_SESSION if cuts_own else Stage.CONTAIN,
        state=StepState.ALREADY if merged.is_already_there else StepState.PLANNED,
    )
    return Draft((step,))


def _merge(
    reading: Reading[str], holder: Holder, cutoff: datetime
) -> tuple[str, str | None, Merged, str | None]:
    """Return policy name, text before, merged text and a warning."""
    match reading:
        case Known(value=existing):
            try:
                return CONSOLE_POLICY, existing, merge_cutoff(existing, cutoff), None
            except Unmergeable:
                why = f"{CONSOLE_POLICY} on {holder.label} holds no policy that can be read"
        case Absent():
            return CONSOLE_POLICY, None, merge_cutoff(None, cutoff), None
        case Unknown(detail=detail):
            why = f"{CONSOLE_POLICY} on {holder.label} could not be read ({detail})"
    name = own_name(cutoff)
    merged = Merged(
        document=render([cutoff_statement(cutoff)]), cutoff=cutoff, is_already_there=False
    )
    return name, None, merged, f"{why}, so the deny goes under the name {name} beside it"


def own_name(cutoff: datetime, suffix: str = "") -> str:
    """A name that nobody else's policy has, where the usual one must not be overwritten."""
    return f"{MANAGED_PREFIX}{cutoff:%Y%m%dT%H%M%SZ}{suffix}"


def _user_id(credential: Credential, facts: PrincipalFacts, caller: Caller) -> str:
    """Return what `aws:userid` is in requests signed by this session.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
    """
    if credential.kind is CredentialKind.FEDERATED_SESSION and credential.principal is not None:
        account = credential.account or facts.principal.account or caller.account
        return f"{account}:{credential.principal.name}"
    return f"{facts.principal.unique_id}:{credential.session_name}"


def _impact(holder: Holder) -> str:
    if holder.type is HolderType.USER:
        return (
            f"temporary sessions that {holder.label} opened earlier (the thief's and the honest "
            "ones) are refused; console sessions have to sign in again; access keys are not "
            "touched by this"
        )
    return (
        f"everybody who uses {holder.label} now, thief or honest, is refused until he fetches new "
        "credentials. Programs fetch them at expiry, not at a refusal: restart them. EC2 may hand "
        "out the old ones for hours"
    )
