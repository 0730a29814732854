"""Finish what was interrupted: find out what was made, make the rest exactly once, and prove."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from unleak.apply.reconcile import record, resume_steps
from unleak.contain.door_steps import with_closed_doors
from unleak.contain.replan import later_cutoff, merged_anew, moved_forward
from unleak.errors import ExitCode, NoConsent
from unleak.flow.canaries import Canaries
from unleak.flow.controls import IN_PLACE, look_over, mended
from unleak.flow.cut import Cutter, with_outcomes
from unleak.flow.hold_again import is_unsettled, looked_again, situation_of, wishes
from unleak.flow.holding import hold
from unleak.flow.in_vault import finished, new_keys, settled, vault_of
from unleak.flow.measure import Measurement
from unleak.flow.person import Nobody
from unleak.flow.prove import prove
from unleak.flow.request import Measuring
from unleak.flow.response import Response
from unleak.flow.timing import REAL
from unleak.flow.workplace import workplace
from unleak.model.action import SetFence, SetInlinePolicy
from unleak.model.elsewhere import home_of
from unleak.model.frozen import dataclass
from unleak.model.outcome import Status
from unleak.model.plan import Plan, Step, StepState

if TYPE_CHECKING:
    from datetime import datetime

    from unleak.apply.reconcile import ResumeView
    from unleak.apply.state import Home
    from unleak.contain.options import Options
    from unleak.flow.closer_look import CloserLook
    from unleak.flow.doors import Doors
    from unleak.flow.person import Person
    from unleak.flow.timing import Timing
    from unleak.flow.workplace import Workplace
    from unleak.model.incident import Incident
    from unleak.model.ports import Reader
    from unleak.model.situation import Caller


def resume(  # noqa: PLR0913 - doors, clocks and limits are arguments, so that tests own them
    name: str,
    doors: Doors,
    person: Person,
    *,
    assume_yes: bool = False,
    measuring: Measuring | None = None,
    home: Home | None = None,
    options: Options | None = None,
    timing: Timing = REAL,
) -> Response:
    """Finish an incident; a change whose answer was lost is looked for before it is made again.

    Args:
        name: the incident's id, the start of it, or `latest`.
        doors: the cloud; the writer is opened only for what is left to do.
        person: shown what is left and asked, unless `assume_yes`.
        assume_yes: whether the rest of the plan counts as accepted.
        measuring: how to measure afterwards.
        home: the state folder or table; the usual one where None.
        options: about holding and suspects; None leaves that as it was.
        timing: how to wait and count seconds.

    Raises:
        NoSuchIncident: the journal has none of that name.
        UnleakError: refused, or the person said no to the rest.
    """
    with workplace(doors, person, home, timing) as place:
        incident = place.journal.incident(name)
        caller = place.caller_for(incident)
        with place.locked(incident.id):
            incident = place.taken_up(place.journal.incident(incident.id))
            rest = _what_remains(incident, caller, options, place)
            if rest.look is None and _is_finished(incident, rest.plan):
                return _unchanged(incident)
            if rest.plan.pending and not assume_yes and not person.accepts(rest.plan):
                message = "you said no; nothing more was changed"
                raise NoConsent(message, hint=f"unleak resume {incident.id}")
            rest = _noted(rest, incident, place)
            return _finish(incident.id, rest, place, measuring or Measuring())


def what_is_left(name: str, doors: Doors, *, home: Home | None = None) -> Response:
    """Return what `resume` would do; nothing is changed or journaled.

    Args:
        name: the incident's id, the start of it, or `latest`.
        doors: the cloud; only its reader is opened.
        home: the state folder or table; the usual one where None.

    Raises:
        NoSuchIncident: the journal has none of that name.
        ForeignAccount: we are signed in to another account than then.
    """
    with workplace(doors, Nobody(), home) as place:
        incident = place.taken_up(place.journal.incident(name))
        place.caller_for(incident)
        view = resume_steps(incident, place.reader, vault_of(incident.plan.steps, doors))
        plan = _rest(incident, view, place.reader)
        return Response(
            incident=replace(incident, plan=plan),
            status=incident.status or Status.PARTIAL,
            next_steps=(f"unleak resume {incident.id}",) if plan.pending else (),
            exit_code=ExitCode.DONE,
        )


def _is_finished(incident: Incident, plan: Plan) -> bool:
    """Whether it was brought to an end and nothing is new: measuring anew could only prove less.

    A change that was found made after all, its answer having been lost, is new.
    """
    is_ended = incident.status is not None and not incident.is_interrupted
    return is_ended and not plan.pending and plan.steps == incident.plan.steps


def _unchanged(incident: Incident) -> Response:
    return Response(
        incident=incident,
        status=incident.status or Status.PARTIAL,
        next_steps=(f"nothing is left to do; unleak verify {incident.id} measures again",),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rest:
    """What is left to do, and who does it."""

    plan: Plan
    caller: Caller
    look: CloserLook | None
    keeps_cutoff: bool


def _what_remains(
    incident: Incident, caller: Caller, options: Options | None, place: Workplace
) -> _Rest:
    """Hold every unfinished step against reality, and look again where it was not settled."""
    vault = vault_of(incident.plan.steps, place.doors, place.person)
    view = resume_steps(incident, place.reader, vault)
    record(view, incident=incident.id, journal=place.journal)
    plan, look = _rest(incident, view, place.reader), None
    if options is not None or is_unsettled(incident):
        wished = wishes(plan, options)
        made = new_keys(plan, place.doors)
        wished = replace(wished, dismissed=wished.dismissed | made)
        look, plan = looked_again(plan, caller, wished, place)
    return _Rest(
        plan=plan,
        caller=caller,
        look=look,
        keeps_cutoff=plan.cutoff is not None and plan.cutoff < incident.created_at,
    )


def _noted(rest: _Rest, incident: Incident, place: Workplace) -> _Rest:
    """Move the cut-off to now, and journal what is about to be done."""
    rest = replace(rest, plan=_in_time(rest.plan, incident, place.reader))
    place.journal.replanned(incident.id, rest.plan)
    return rest


def _finish(incident: str, rest: _Rest, place: Workplace, measuring: Measuring) -> Response:
    plan = rest.plan
    situation = situation_of(plan, rest.caller)
    cutter = Cutter(
        incident=incident, situation=situation, place=place, keeps_cutoff=rest.keeps_cutoff
    )
    canaries = None
    if plan.pending:
        canaries = Canaries(plan, place.reader, wanted=measuring.wanted)
        canaries.start()
    plan = with_closed_doors(settled(cutter.cut(plan), cutter, place))
    if rest.look is not None:
        rest.look.spare(new_keys(plan, place.doors))
        plan = _put_back(plan, cutter, place)
    watch = None
    if rest.look is not None and plan.hold_seconds > 0:
        plan, watch = hold(
            plan,
            cutter=cutter,
            place=place,
            consented=measuring.leaked,
            canaries=canaries,
            sweeper=rest.look.sweeper,
            chase=rest.look.chase,
        )
    if rest.look is not None and rest.look.chase is not None and not plan.self_lockout:
        plan = rest.look.chase.settled(plan, cutter, is_held=watch is not None)
    plan = finished(plan, cutter)
    measurement = Measurement(
        plan=plan,
        canaries=canaries,
        consented=measuring.leaked,
        accepted_at=cutter.accepted_at,
        wanted=measuring.wanted,
        timeout_seconds=measuring.timeout_seconds,
    )
    return prove(cutter, measurement, place, watch=watch)


def _put_back(plan: Plan, cutter: Cutter, place: Workplace) -> Plan:
    """Put back what was taken away since the last look: only what goes while we hold is a touch."""
    gone = look_over(plan, place.reader).gone
    return cutter.cut(mended(gone, plan, cutoff=plan.cutoff)) if gone else plan


def _rest(incident: Incident, view: ResumeView, reader: Reader) -> Plan:
    """Return the plan with what was found done, and the rest merged with what is there now."""
    plan = with_outcomes(incident.plan, view.done)
    left = {step.id: step for step in (*view.pending, *view.changed)}
    now = reader.clock.now()
    cutoff = plan.cutoff
    if cutoff is not None and now is not None and left:
        cutoff = later_cutoff(cutoff, created_at=incident.created_at, now=now)
    steps = tuple(
        _taken_up(left[step.id], reader, replace(plan, cutoff=cutoff)) if step.id in left else step
        for step in plan.steps
    )
    return replace(plan, steps=steps, cutoff=cutoff)


def _in_time(plan: Plan, incident: Incident, reader: Reader) -> Plan:
    """Move the cut-off of what is left to now: looking closer, and asking, has taken time.

    Sessions opened meanwhile would survive it, and no canary of ours could be older than it.
    """
    now = reader.clock.now()
    if plan.cutoff is None or now is None or not plan.pending:
        return plan
    cutoff = later_cutoff(plan.cutoff, created_at=incident.created_at, now=now)
    if cutoff == plan.cutoff:
        return plan
    moved = replace(plan, cutoff=cutoff)
    stood = {step.id for step in incident.plan.steps if step.state in IN_PLACE}
    return moved.with_steps(
        tuple(
            _moved_on(step, reader, cutoff)
            if step.state is StepState.PLANNED and step.id in stood
            else _taken_up(step, reader, moved)
            if step.state is StepState.PLANNED
            else step
            for step in plan.steps
        )
    )


def _moved_on(step: Step, reader: Reader, cutoff: datetime) -> Step:
    """Move what stood already; an undo puts back what was there before the first cut."""
    action = step.action
    if not isinstance(action, SetInlinePolicy):
        return step
    home = reader.of_account(home_of(step))
    current = home.inline_policy(action.holder, action.policy_name)
    return moved_forward(step, current=current, cutoff=cutoff)


def _taken_up(step: Step, reader: Reader, plan: Plan) -> Step:
    action = step.action
    if isinstance(action, SetInlinePolicy) and plan.cutoff is not None:
        home = reader.of_account(home_of(step))
        current = home.inline_policy(action.holder, action.policy_name)
        return merged_anew(step, current=current, cutoff=plan.cutoff)
    if isinstance(action, SetFence) and plan.cutoff is not None:
        return merged_anew(step, current=reader.fence(action.account), cutoff=plan.cutoff)
    return replace(step, state=StepState.PLANNED)
