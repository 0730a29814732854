"""Finish what was interrupted: find out what was made, make the rest exactly once, and prove."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from unleak.apply.home import prepare_home, state_home
from unleak.apply.journal import Journal
from unleak.apply.lock import hold
from unleak.apply.reconcile import record, resume_steps
from unleak.contain.replan import later_cutoff, merged_anew
from unleak.errors import NoConsent
from unleak.flow.account import check_account
from unleak.flow.clock import corrected_now
from unleak.flow.cut import Cutter, with_outcomes
from unleak.flow.measure import Measurement
from unleak.flow.prove import prove
from unleak.flow.response import Response
from unleak.model.action import SetInlinePolicy
from unleak.model.plan import Plan, Step, StepState
from unleak.model.reading import NOT_LOOKED_AT
from unleak.model.situation import PrincipalFacts, Situation

if TYPE_CHECKING:
    from pathlib import Path

    from unleak.flow.doors import Doors
    from unleak.flow.person import Person
    from unleak.model.credential import FoundCredential
    from unleak.model.incident import Incident
    from unleak.model.ports import Reader
    from unleak.model.proof import Level


def resume(  # noqa: PLR0913 - what a person can choose, by name
    name: str,
    doors: Doors,
    person: Person,
    *,
    assume_yes: bool = False,
    is_dry_run: bool = False,
    leaked: tuple[FoundCredential, ...] = (),
    wanted: Level | None = None,
    timeout_seconds: float = 60.0,
    home: Path | None = None,
) -> Response:
    """Finish an incident; a change whose answer was lost is looked for before it is made again.

    Args:
        name: the incident's id, the start of it, or `latest`.
        doors: the cloud; the writer is opened only for what is left to do.
        person: shown what is left and asked, unless `assume_yes`.
        assume_yes: whether the rest of the plan counts as accepted.
        is_dry_run: look at what is left, and change nothing.
        leaked: leaked credentials that may sign harmless calls.
        wanted: the least level of proof that counts as contained.
        timeout_seconds: how long to go on measuring.
        home: the state folder; the platform's where None.

    Raises:
        NoSuchIncident: the journal has none of that name.
        ForeignAccount: we are signed in to another account than then.
        IncidentBusy: another process is working on it.
    """
    folder = prepare_home(home or state_home())
    reader = doors.reader()
    with Journal.open(folder, now=lambda: corrected_now(reader.clock)) as journal:
        incident = journal.incident(name)
        caller = check_account(incident, reader)
        with hold(folder, incident.id):
            incident = journal.incident(incident.id)
            plan = _what_is_left(incident, reader, journal, is_dry_run=is_dry_run)
            if is_dry_run:
                return _as_planned(incident, plan)
            if plan.pending and not assume_yes and not person.accepts(plan):
                message = "you said no; nothing more was changed"
                raise NoConsent(message, hint=f"unleak resume {incident.id}")
            journal.replanned(incident.id, plan)
            cutter = Cutter(
                incident=incident.id,
                situation=Situation(
                    caller=caller,
                    credentials=plan.credentials,
                    principals=_principals(plan),
                ),
                journal=journal,
                reader=reader,
                writer=doors.writer(),
                person=person,
            )
            plan = cutter.cut(plan)
            measurement = Measurement(
                plan=plan,
                consented=leaked,
                accepted_at=cutter.accepted_at,
                wanted=wanted,
                timeout_seconds=timeout_seconds,
            )
            return prove(incident.id, measurement, doors, person, journal)


def _what_is_left(
    incident: Incident, reader: Reader, journal: Journal, *, is_dry_run: bool
) -> Plan:
    """Return the plan with what was found done, and the rest merged with what is there now."""
    view = resume_steps(incident, reader)
    if not is_dry_run:
        record(view, incident=incident.id, journal=journal)
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


def _taken_up(step: Step, reader: Reader, plan: Plan) -> Step:
    action = step.action
    if isinstance(action, SetInlinePolicy) and plan.cutoff is not None:
        current = reader.inline_policy(action.holder, action.policy_name)
        return merged_anew(step, current=current, cutoff=plan.cutoff)
    return replace(step, state=StepState.PLANNED)


def _as_planned(incident: Incident, plan: Plan) -> Response:
    from unleak.errors import ExitCode  # noqa: PLC0415 - only for a dry run
    from unleak.model.outcome import Status  # noqa: PLC0415 - only for a dry run

    return Response(
        incident=replace(incident, plan=plan),
        status=incident.status or Status.PARTIAL,
        next_steps=(f"unleak resume {incident.id}",),
        exit_code=ExitCode.DONE,
    )


def _principals(plan: Plan) -> tuple[PrincipalFacts, ...]:
    """Whom the ladder may read in full, should a quota refuse a deny."""
    found = [each.principal for each in plan.credentials if each.principal is not None]
    found += [each.parent for each in plan.credentials if each.parent is not None]
    return tuple(
        PrincipalFacts(principal=each, revoke_policy=NOT_LOOKED_AT) for each in dict.fromkeys(found)
    )
