"""The plan against a thief who fights back: grip, braces, doors, fence and hold on top; pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from unleak.contain.braces import braces, numbered
from unleak.contain.manual import REST_OF_USER
from unleak.contain.planner import holder_of
from unleak.contain.quarantine import quarantined
from unleak.contain.rest_of_user import rest_of_users
from unleak.contain.sessions import Draft
from unleak.model.action import SetFence
from unleak.model.frozen import dataclass
from unleak.model.plan import Grip, Plan, Scope, Step, Strategy

if TYPE_CHECKING:
    from datetime import datetime

    from unleak.contain.options import Options
    from unleak.model.door import Door
    from unleak.model.situation import Situation

DEFAULT_HOLD = 60.0
"""Seconds that a containment is held where the thief could take it off again.

IAM usually enforces a change within four seconds; AWS promises no more than "a few minutes".
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html
"""

_BRACED = frozenset({Strategy.REVOKE_SESSIONS, Strategy.DENY_ALL})


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspects:
    """What the search for other identities told."""

    doors: tuple[Door, ...] = ()
    since: datetime | None = None
    unread: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def reinforce(
    plan: Plan, situation: Situation, options: Options, *, grip: Grip, fence: Draft | None
) -> Plan:
    """Return the plan with all that a thief who fights back makes necessary.

    Args:
        plan: the first cut.
        situation: the facts; braces need the full look.
        options: what the person asked for.
        grip: whether the leaked principal could undo its containment.
        fence: the organization's lock, or why there is none; None: nobody looked.
    """
    hold = hold_seconds(plan, options, grip)
    is_fought = bool(hold) and grip is not Grip.NO and is_braced(plan)
    extra = numbered(_braces(plan, situation), letter="b") if is_fought else ()
    told = _warnings(plan, grip, hold, has_fence=bool(fence and fence.steps) or _has_fence(plan))
    lock = fence or Draft(())
    return replace(
        plan,
        # the organization's lock stands first: it is the one that no thief can take away
        steps=(*numbered(lock.steps, letter="f"), *plan.steps, *extra),
        grip=grip,
        hold_seconds=hold,
        warnings=(*plan.warnings, *told, *lock.warnings),
        manual=(*plan.manual, *lock.manual),
    )


def with_rest(
    plan: Plan, situation: Situation, options: Options, *, since: datetime | None
) -> Plan:
    """Return the plan with the rest of each user, and AWS's own quarantine.

    Args:
        plan: the cut, reinforced.
        situation: the facts, with what the users sign in with beside access keys.
        options: whether the quarantine goes too.
        since: when it may have leaked: newer MFA devices of a named user are the thief's.
    """
    rest = rest_of_users(situation, since=since)
    aside = quarantined(situation, options, cutoff=plan.cutoff)
    has_looked = any(facts.ways_in is not None for facts in situation.principals)
    return replace(
        plan,
        steps=(
            *plan.steps,
            *numbered(rest.steps, letter="u"),
            *numbered(aside.steps, letter="q"),
        ),
        warnings=(*plan.warnings, *aside.warnings, *rest.warnings),
        manual=(
            *(each for each in plan.manual if each != REST_OF_USER or not has_looked),
            *rest.manual,
        ),
    )


def with_suspects(plan: Plan, suspects: Suspects, closing: tuple[Step, ...]) -> Plan:
    """Return the plan with the other identities that the thief may have made.

    Args:
        plan: the cut, made already or not.
        suspects: what the search told.
        closing: the steps that contain some of them, without ids.
    """
    taken = sum(step.id.startswith("c") for step in plan.steps)
    return replace(
        plan,
        steps=(*plan.steps, *numbered(closing, letter="c", taken=taken)),
        doors=with_traced(suspects.doors, plan.doors),
        swept_since=suspects.since,
        unswept=suspects.unread,
        warnings=tuple(dict.fromkeys((*plan.warnings, *suspects.notes))),
    )


def with_traced(found: tuple[Door, ...], before: tuple[Door, ...]) -> tuple[Door, ...]:
    """Return suspects with those that the trail shows, each thing once; the trail knows more.

    Args:
        found: the suspects as they are known now.
        before: may hold some that CloudTrail led to.
    """
    traced = tuple(each for each in before if each.is_traced)
    known = {(each.kind, each.target, each.account) for each in traced}
    others = (each for each in found if (each.kind, each.target, each.account) not in known)
    return (*traced, *others)


def hold_seconds(plan: Plan, options: Options, grip: Grip) -> float:
    """Return how long to hold: as asked, else a minute where the thief has a grip.

    A responder who cuts himself off cannot hold anything afterwards.
    """
    if plan.self_lockout:
        return 0.0
    if options.hold_seconds is not None:
        return options.hold_seconds
    return 0.0 if grip is Grip.NO else DEFAULT_HOLD


def is_braced(plan: Plan) -> bool:
    """Whether temporary kills may stand beside the plan's own: not where one session is meant."""
    return plan.strategy in _BRACED and plan.scope is Scope.PRINCIPAL


def _braces(plan: Plan, situation: Situation) -> tuple[Step, ...]:
    facts = {(str(each.principal.type), each.principal.name): each for each in situation.principals}
    holders = dict.fromkeys(filter(None, map(holder_of, plan.credentials)))
    steps: list[Step] = []
    for holder in holders:
        found = facts.get((str(holder.type), holder.name))
        if found is not None and plan.cutoff is not None:
            steps += braces(
                found,
                holder,
                cutoff=plan.cutoff,
                caller=situation.caller,
                strategy=plan.strategy,
            )
    return tuple(steps)


def _has_fence(plan: Plan) -> bool:
    return any(isinstance(step.action, SetFence) for step in plan.steps)


def _warnings(plan: Plan, grip: Grip, hold: float, *, has_fence: bool) -> tuple[str, ...]:
    if grip is Grip.NO:
        return ()
    could = {
        Grip.YES: "the leaked principal can take this off itself again, or come back as another",
        Grip.MAYBE: (
            "the leaked principal may be able to take this off itself again, or to come back as "
            "another (under conditions, or on some resources)"
        ),
    }.get(
        grip,
        "whether the leaked principal can take this off itself again is not known, so it is taken "
        "for yes",
    )
    lines = [could]
    if plan.self_lockout:
        lines.append(
            "you are cut off yourself, so nothing can be held from here: sign in again at once and "
            "run `unleak resume latest`"
        )
    elif hold:
        lines.append(
            f"so it is held for {hold:.0f} seconds: watched every second, put back where it was "
            "taken away, and every user, role and key that appears meanwhile is taken for the "
            "thief's and contained as well (`unleak undo` puts that back)"
        )
    else:
        lines.append("it is not held (--hold 0), so nothing would be noticed")
    if not has_fence:
        lines.append(
            "without an organization's policy (--org-profile) a thief may win this: then the "
            "answer is `contested`"
        )
    return tuple(lines)
