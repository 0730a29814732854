"""The main job: look, plan, ask once, cut, prove."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.apply.home import prepare_home, state_home
from unleak.apply.journal import Journal
from unleak.apply.lock import hold
from unleak.errors import NoConsent
from unleak.flow.clock import corrected_now
from unleak.flow.cut import Cutter
from unleak.flow.prepare import prepare, refresh

if TYPE_CHECKING:
    from pathlib import Path

    from unleak.flow.doors import Doors
    from unleak.flow.person import Person
    from unleak.flow.prepare import Prepared
    from unleak.flow.request import Request
    from unleak.flow.response import Response
    from unleak.model.plan import Plan, Step
    from unleak.model.ports import Reader


def revoke(request: Request, doors: Doors, person: Person, *, home: Path | None = None) -> Response:
    """Cut off what leaked and measure whether it is dead.

    Args:
        request: what is wanted.
        doors: the cloud; the writer is opened only after the plan was accepted.
        person: shown the plan and asked once, unless the request says yes to everything.
        home: the state folder; the platform's where None.

    Raises:
        NoConsent: the person said no; nothing was changed.
        UnleakError: refused before any change, with what to do instead.
        Interrupted: Ctrl-C; the journal is whole and `resume` goes on.
    """
    folder = prepare_home(home or state_home())
    reader = doors.reader()
    prepared = prepare(request, reader, person, quick=request.assume_yes)
    with Journal.open(folder, now=lambda: corrected_now(reader.clock)) as journal:
        baseline = None
        if not request.assume_yes:
            from unleak.flow.measure import start_baseline  # noqa: PLC0415 - see below

            baseline = start_baseline(doors, prepared.consented, region=reader.region)
        prepared = _accepted(prepared, request, reader, person)
        incident = journal.create(
            prepared.plan,
            prepared.situation.caller,
            reader.region,
            prepared.signed_with,
            intents=first_stage(prepared.plan),
        )
        with hold(folder, incident):
            cutter = Cutter(
                incident=incident,
                situation=prepared.situation,
                journal=journal,
                reader=reader,
                writer=doors.writer(),
                person=person,
            )
            if baseline is not None:
                baseline.seal()
            plan = cutter.cut(prepared.plan)
            # All that proves and reports loads only now: the deny is out, and was not kept waiting.
            from unleak.flow.prove import Measurement, prove  # noqa: PLC0415 - see above

            measurement = Measurement(
                plan=plan,
                consented=prepared.consented,
                accepted_at=cutter.accepted_at,
                baseline=baseline,
                wanted=request.wanted,
                timeout_seconds=request.timeout_seconds,
            )
            return prove(incident, measurement, doors, person, journal)


def first_stage(plan: Plan) -> tuple[Step, ...]:
    """Return the steps that go out first, so that their intents are on disk with the plan."""
    pending = plan.pending
    return tuple(step for step in pending if step.stage is min(each.stage for each in pending))


def _accepted(prepared: Prepared, request: Request, reader: Reader, person: Person) -> Prepared:
    if request.assume_yes:
        return prepared
    if not person.accepts(prepared.plan):
        message = "you said no; nothing was changed"
        raise NoConsent(message, hint="run it again when you are ready")
    return refresh(prepared, request, reader)
