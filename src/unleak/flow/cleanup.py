"""Take away the denies that are past their safe date, over all incidents of this account."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from unleak.apply.cleanup import CleanupPlan, clean_up, plan_cleanup
from unleak.errors import ExitCode, NoConsent
from unleak.flow.clock import corrected_now
from unleak.flow.cut import with_outcomes
from unleak.flow.response import Response
from unleak.flow.workplace import workplace
from unleak.identify.caller import caller_or_unknown
from unleak.model.incident import Incident
from unleak.model.instant import render_instant
from unleak.model.outcome import Status
from unleak.model.plan import Plan, Scope, StepState, Strategy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unleak.apply.cleanup import CleanupResult
    from unleak.apply.state import Home
    from unleak.flow.doors import Doors
    from unleak.flow.person import Person
    from unleak.flow.workplace import Workplace
    from unleak.model.ports import Reader
    from unleak.model.situation import Caller

CLEANUP = "cleanup"
"""Stands where the id of an incident stands in other answers: a cleanup goes over many."""


def cleanup(
    doors: Doors,
    person: Person,
    *,
    assume_yes: bool = False,
    is_dry_run: bool = False,
    home: Home | None = None,
) -> Response:
    """Take away what is past its safe date; never a key, never early.

    Args:
        doors: the cloud; the writer is opened only for what is taken away.
        person: shown what goes and asked, unless `assume_yes`.
        assume_yes: whether it counts as accepted.
        is_dry_run: show it, and change nothing.
        home: the state folder or table; the usual one where None.

    Raises:
        NoConsent: the person said no; nothing was changed.
        StateFolder: the journal cannot be read or written.
    """
    with workplace(doors, person, home) as place:
        caller, note = caller_or_unknown(place.reader)
        journal = place.journal
        incidents = [journal.incident(each.id) for each in journal.incidents()]
        wanted = plan_cleanup(incidents, account=caller.account, now=place.reader.clock.now())
        plan = _shown(wanted, note)
        if is_dry_run or not wanted.removals:
            return _response(plan, wanted, None, caller, place.reader)
        if not assume_yes and not person.accepts(plan):
            message = "you said no; nothing was taken away"
            raise NoConsent(message, hint="the denies stay; that is safe")
        result = clean_up(
            wanted,
            journal=journal,
            reader=place.reader,
            writer=doors.writer(),
            locked=partial(_taken_up, place=place),
        )
        return _response(plan, wanted, result, caller, place.reader)


@contextmanager
def _taken_up(incident: str, *, place: Workplace) -> Iterator[None]:
    """Hold an incident, other accounts being entered by the role that it remembers."""
    with place.locked(incident):
        place.taken_up(place.journal.incident(incident))
        yield


def _shown(wanted: CleanupPlan, note: str | None) -> Plan:
    steps = tuple(
        replace(removal.step, id=f"{removal.incident}/{removal.step.id}")
        for removal in wanted.removals
    )
    return Plan(
        credentials=(),
        steps=steps,
        cutoff=None,
        strategy=Strategy.REVOKE_SESSIONS,
        scope=Scope.PRINCIPAL,
        warnings=() if note is None else (note,),
    )


def _response(
    plan: Plan, wanted: CleanupPlan, result: CleanupResult | None, caller: Caller, reader: Reader
) -> Response:
    """Return all removals as one incident; step ids begin with their own incident's id."""
    outcomes = (
        ()
        if result is None
        else tuple(
            replace(outcome, step_id=f"{incident}/{outcome.step_id}")
            for incident, outcome in result.outcomes
        )
    )
    plan = with_outcomes(plan, outcomes)
    failed = any(step.state in (StepState.FAILED, StepState.SKIPPED) for step in plan.steps)
    status = Status.PARTIAL if failed else Status.CONTAINED
    incident = Incident(
        id=CLEANUP,
        created_at=corrected_now(reader.clock),
        status=status,
        caller=caller,
        region=reader.region,
        credentials=(),
        plan=plan,
        outcomes=outcomes,
        verification=None,
        asked_leaked=(),
        entries=(),
        is_interrupted=False,
    )
    return Response(
        incident=incident,
        status=status,
        next_steps=_notes(wanted, result) or ("nothing is left to take away",),
        exit_code=ExitCode.PARTIAL if failed else ExitCode.DONE,
    )


def _notes(wanted: CleanupPlan, result: CleanupResult | None) -> tuple[str, ...]:
    """Return what waits and what was left out, with the reason."""
    notes = [
        f"{each.incident}: {each.step.id} "
        + (f"waits until {render_instant(each.until)}" if each.until else "has no safe date")
        for each in wanted.waiting
    ]
    left_out = (*wanted.left_out, *(() if result is None else result.left_out))
    notes += [f"{each.incident}: left out, {each.reason}" for each in left_out]
    return tuple(notes)
