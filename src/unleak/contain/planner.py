"""Put the plan together: facts, options and the time in, a `Plan` out."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from unleak.contain import manual, sessions, user_key
from unleak.contain.guards import holder_principal, is_of_root, refusal
from unleak.contain.lockout import is_own_principal
from unleak.contain.options import Options, choose_cutoff
from unleak.contain.sessions import Draft
from unleak.errors import NotEditable, Refused
from unleak.model.action import Holder, HolderType, SetInlinePolicy
from unleak.model.credential import CredentialKind
from unleak.model.frozen import dataclass
from unleak.model.plan import Plan, Scope, Stage, Step, Strategy
from unleak.model.principal import PrincipalType
from unleak.model.reading import Known

if TYPE_CHECKING:
    from collections.abc import Iterable

    from unleak.model.credential import Credential
    from unleak.model.situation import Caller, PrincipalFacts, Quotas, Situation


@dataclass(frozen=True, slots=True)
class _Case:
    """One principal to contain, with the credentials that lead to it."""

    holder: Holder
    facts: PrincipalFacts
    credentials: tuple[Credential, ...]


def holder_of(credential: Credential) -> Holder | None:
    """Return the role or user whose policies decide about this credential."""
    principal = holder_principal(credential)
    if principal is None or principal.type not in (PrincipalType.ROLE, PrincipalType.USER):
        return None
    return Holder(type=HolderType(str(principal.type)), name=principal.name)


def make_plan(situation: Situation, options: Options, *, now: datetime) -> Plan:
    """Return what `revoke` would do; nothing is done.

    Args:
        situation: all facts, read beforehand.
        options: what the person asked for.
        now: an upper bound of AWS's time; the cut-off is never before it unless the person says so.

    Raises:
        Refused: none of the credentials can be contained from here; the first reason is raised.
            Where only some cannot, they are in the plan's `not_contained`.
    """
    roots, containable, refused = _split(situation, options, now)
    cutoff = choose_cutoff(options, now=now, credentials=containable)
    cases = _cases(situation, containable)
    for case in cases:
        _refuse_sawing(case, situation.caller, options)
    drafts = [_draft(case, options, cutoff, situation.caller) for case in cases]
    crowded = _crowded(cases, drafts, situation.quotas)
    drafts = [*roots, *drafts]
    steps = _numbered(step for draft in drafts for step in draft.steps)
    lockout = any(step.stage is Stage.OWN_SESSION for step in steps)
    not_contained = tuple(f"{one.label}: {why.message}. {why.hint}" for one, why in refused)
    unreachable = tuple(line for draft in drafts for line in draft.manual)
    told = (warning for draft in drafts for warning in draft.warnings)
    plan = Plan(
        credentials=situation.credentials,
        steps=steps,
        cutoff=cutoff,
        strategy=options.strategy,
        scope=options.scope,
        warnings=(*manual.warnings(situation, lockout=lockout), *told, *crowded),
        manual=(*not_contained, *unreachable, *manual.cannot_be_done(containable)),
        next=manual.next_steps(containable, steps, lockout=lockout),
        self_lockout=lockout,
        not_contained=not_contained,
    )
    return _with_wishes(plan, options)


def _with_wishes(plan: Plan, options: Options) -> Plan:
    """Note what the person said that `resume` needs and asks no more."""
    return replace(
        plan,
        hold_wish=options.hold_seconds,
        cascade=options.cascade,
        trails=options.trails,
        accounts=options.accounts,
        since=options.since,
    )


def _split(
    situation: Situation, options: Options, now: datetime
) -> tuple[tuple[Draft, ...], tuple[Credential, ...], tuple[tuple[Credential, Refused], ...]]:
    """Return what becomes of root users, which others can be contained, and which cannot."""
    roots, refused_roots = _of_root(situation, now)
    containable, refused = _sorted_out(situation, options)
    refused = (*refused, *refused_roots)
    if not containable and not roots and refused:
        raise refused[0][1]
    return roots, containable, refused


def _sorted_out(
    situation: Situation, options: Options
) -> tuple[tuple[Credential, ...], tuple[tuple[Credential, Refused], ...]]:
    """Return the credentials that can be contained from here, and the others with the reason."""
    containable: list[Credential] = []
    refused: list[tuple[Credential, Refused]] = []
    for credential in situation.credentials:
        if is_of_root(credential):
            continue
        reason = refusal(credential, caller=situation.caller, options=options)
        if reason is None:
            containable.append(credential)
        else:
            refused.append((credential, reason))
    return tuple(containable), tuple(refused)


def _of_root(
    situation: Situation, now: datetime
) -> tuple[tuple[Draft, ...], tuple[tuple[Credential, Refused], ...]]:
    """Return what can be done about leaks of root, and those that nothing can be done about."""
    leaked = tuple(each for each in situation.credentials if is_of_root(each))
    if not leaked:
        return (), ()
    from unleak.contain import root  # noqa: PLC0415 - rare, and the deny is in a hurry

    facts = {each.account: each for each in situation.roots}
    own = situation.caller.account
    by_account: dict[str | None, list[Credential]] = {}
    for each in leaked:
        by_account.setdefault(each.account or own, []).append(each)
    drafts: list[Draft] = []
    refused: list[tuple[Credential, Refused]] = []
    for account, group in by_account.items():
        known = facts.get(account or "")
        draft = None
        if known is not None:
            draft = root.plan_root(group, known, caller=situation.caller, now=now)
        if draft is not None and draft.steps:
            drafts.append(draft)
        else:
            refused += [(each, root.refusal_of_root(each, draft)) for each in group]
    return tuple(drafts), tuple(refused)


def _cases(situation: Situation, credentials: tuple[Credential, ...]) -> tuple[_Case, ...]:
    by_holder: dict[Holder, list[Credential]] = {}
    for credential in credentials:
        holder = holder_of(credential)
        if holder is not None:
            by_holder.setdefault(holder, []).append(credential)
    facts = {(str(each.principal.type), each.principal.name): each for each in situation.principals}
    return tuple(
        _Case(holder, facts[str(holder.type), holder.name], tuple(group))
        for holder, group in by_holder.items()
    )


def _refuse_sawing(case: _Case, caller: Caller, options: Options) -> None:
    """Stripping and deleting take many calls, and the first would take our right to the next."""
    piecemeal = options.strategy in (Strategy.STRIP_PERMISSIONS, Strategy.DELETE)
    if piecemeal and is_own_principal(caller, case.holder):
        message = f"you are {case.holder.label} yourself: {options.strategy} would stop half-way"
        hint = "use the default strategy, or sign in as somebody else"
        raise NotEditable(message, hint=hint)


def _draft(case: _Case, options: Options, cutoff: datetime, caller: Caller) -> Draft:
    drafts = [_on_policies(case, options, cutoff, caller)]
    if case.holder.type is HolderType.USER:
        keys = user_key.deactivate_keys(
            case.facts, case.holder, credentials=case.credentials, caller=caller
        )
        drafts.append(keys)
        if any(each.kind is CredentialKind.SERVICE_KEY for each in case.credentials):
            drafts.append(_service_keys(case, cutoff, caller))
        if options.strategy is Strategy.DELETE:
            drafts.append(Draft(user_key.delete_keys(keys.steps)))
    return Draft(
        tuple(step for draft in drafts for step in draft.steps),
        tuple(line for draft in drafts for line in draft.warnings),
        tuple(line for draft in drafts for line in draft.manual),
    )


def _service_keys(case: _Case, cutoff: datetime, caller: Caller) -> Draft:
    from unleak.contain import service_key  # noqa: PLC0415 - rare, and the deny is in a hurry

    return service_key.turn_off(
        case.facts, case.holder, credentials=case.credentials, cutoff=cutoff, caller=caller
    )


def _on_policies(case: _Case, options: Options, cutoff: datetime, caller: Caller) -> Draft:
    facts, holder = case.facts, case.holder
    if options.strategy is not Strategy.REVOKE_SESSIONS:
        return _bluntly(case, options, cutoff, caller)
    if options.scope is Scope.SESSION:
        return sessions.deny_single_sessions(
            facts, holder, credentials=case.credentials, cutoff=cutoff, caller=caller
        )
    return sessions.deny_older_sessions(facts, holder, cutoff=cutoff, caller=caller)


def _bluntly(case: _Case, options: Options, cutoff: datetime, caller: Caller) -> Draft:
    from unleak.contain import blunt  # noqa: PLC0415 - rarely asked for, and the deny is in a hurry

    facts, holder = case.facts, case.holder
    match options.strategy:
        case Strategy.DENY_ALL:
            return blunt.deny_everything(facts, holder, cutoff=cutoff, caller=caller)
        case Strategy.STRIP_PERMISSIONS:
            return blunt.strip_permissions(facts, holder, cutoff=cutoff, caller=caller)
        case Strategy.DELETE if holder.type is HolderType.ROLE:
            return blunt.delete_role(facts, holder, cutoff=cutoff, caller=caller)
        case Strategy.DELETE | Strategy.REVOKE_SESSIONS:
            # A user's keys are deleted by `user_key`; their sessions outlive them all the same.
            return sessions.deny_older_sessions(facts, holder, cutoff=cutoff, caller=caller)


def _crowded(cases: tuple[_Case, ...], drafts: list[Draft], quotas: Quotas) -> tuple[str, ...]:
    """Warn where a full look shows that the deny may not fit beside the other inline policies."""
    warnings: list[str] = []
    for case, draft in zip(cases, drafts, strict=True):
        if not isinstance(case.facts.inline, Known):
            continue
        from unleak.contain.ladder import inline_fits  # noqa: PLC0415 - not on the quick way

        actions = [step.action for step in draft.steps if isinstance(step.action, SetInlinePolicy)]
        if not all(inline_fits(case.facts, case.holder, each, quotas) for each in actions):
            warnings.append(
                f"the inline policies of {case.holder.label} are nearly full: if AWS refuses one "
                "more, the deny goes into a managed policy, else into the permissions boundary"
            )
    return tuple(warnings)


def _numbered(steps: Iterable[Step]) -> tuple[Step, ...]:
    """Number the steps; one that cuts the responder off goes last."""
    ordered = sorted(steps, key=lambda step: step.stage)
    return tuple(replace(step, id=f"a{number}") for number, step in enumerate(ordered, start=1))
