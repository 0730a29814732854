"""The main job: look, plan, ask once, cut, hold, prove."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from unleak.errors import NoConsent
from unleak.flow.canaries import Canaries
from unleak.flow.cut import Cutter
from unleak.flow.in_vault import finished, new_keys, settled
from unleak.flow.look import unclaimed
from unleak.flow.prepare import prepare, refresh
from unleak.flow.timing import REAL
from unleak.flow.workplace import workplace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unleak.apply.state import Home
    from unleak.flow.closer_look import CloserLook
    from unleak.flow.doors import Doors
    from unleak.flow.person import Person
    from unleak.flow.prepare import Prepared
    from unleak.flow.request import Request
    from unleak.flow.response import Response
    from unleak.flow.timing import Timing
    from unleak.flow.workplace import Workplace
    from unleak.model.plan import Plan, Step
    from unleak.verify.baseline import Baseline


def revoke(
    request: Request,
    doors: Doors,
    person: Person,
    *,
    home: Home | None = None,
    timing: Timing = REAL,
) -> Response:
    """Cut off what leaked, hold it against a thief who fights back, and measure whether it is dead.

    Args:
        request: what is wanted.
        doors: the cloud; the writer is opened only after the plan was accepted.
        person: shown the plan and asked once, unless the request says yes to everything.
        home: the state folder or table; the usual one where None.
        timing: how to wait and count seconds.

    Raises:
        NoConsent: the person said no; nothing was changed.
        UnleakError: refused before any change, with what to do instead.
        Interrupted: Ctrl-C; the journal is whole and `resume` goes on.
    """
    with workplace(doors, person, home, timing) as place:
        quick = request.assume_yes
        claim = place.claim if quick else unclaimed
        prepared = prepare(request, place.doors, person, quick=quick, claim=claim)
        baseline = None
        if not request.assume_yes:
            baseline = _baseline(prepared, place)
            prepared = _accepted(prepared, request, place)
        remembered = replace(prepared.plan, member_role=place.doors.enter_by(None))
        return _cut_and_prove(replace(prepared, plan=remembered), request, place, baseline)


def first_stage(plan: Plan) -> tuple[Step, ...]:
    """Return the steps that go out first, so that their intents are on disk with the plan."""
    pending = plan.due
    return tuple(step for step in pending if step.stage is min(each.stage for each in pending))


def _baseline(prepared: Prepared, place: Workplace) -> Baseline | None:
    """Note what the leak can still do while the person reads: with `--yes` there is no time."""
    from unleak.flow.measure import start_baseline  # noqa: PLC0415 - only where a person reads

    return start_baseline(place.doors, prepared.consented, region=place.reader.region)


def _accepted(prepared: Prepared, request: Request, place: Workplace) -> Prepared:
    if not place.person.accepts(prepared.plan):
        message = "you said no; nothing was changed"
        raise NoConsent(message, hint="run it again when you are ready")
    prepared = _with_suspects(prepared, request, place)
    for facts in prepared.situation.principals:
        place.claim(facts.principal)
    return refresh(prepared, request, place.reader)


def _with_suspects(prepared: Prepared, request: Request, place: Workplace) -> Prepared:
    """Ask whether the suspects are contained too, where that was not said beforehand."""
    doors = tuple(each for each in prepared.plan.open_doors if each.holder is not None)
    if prepared.look is None or not doors or request.options.cascade:
        return prepared
    if not place.person.contains_too(doors):
        return prepared
    look = replace(prepared.look, closes_all=True)
    return replace(prepared, look=look, plan=prepared.plan)


def _cut_and_prove(
    prepared: Prepared, request: Request, place: Workplace, baseline: Baseline | None
) -> Response:
    with _opened(prepared, request, place) as cutter:
        if baseline is not None:
            baseline.seal()
        canaries = Canaries(prepared.plan, place.reader, wanted=request.measuring.wanted)
        canaries.start()
        plan = settled(_cut(prepared.plan, cutter, place), cutter, place)
        # All that proves and reports loads only now: the deny is out, and was not kept waiting.
        from unleak.flow.holding import hold  # noqa: PLC0415 - see above
        from unleak.flow.prove import Measurement, prove  # noqa: PLC0415 - see above

        look, plan = _reinforced(plan, prepared, request, place, cutter)
        watch = None
        if look is not None and plan.hold_seconds > 0:
            plan, watch = hold(
                plan,
                cutter=cutter,
                place=place,
                consented=prepared.consented,
                canaries=canaries,
                sweeper=look.sweeper,
                chase=look.chase,
            )
        if look is not None:
            plan = look.sweeper.revised(plan, cutter, is_last=True)
            if look.chase is not None and not plan.self_lockout:
                plan = look.chase.settled(plan, cutter, is_held=watch is not None)
        plan = finished(plan, cutter)
        measurement = Measurement(
            plan=plan,
            consented=prepared.consented,
            accepted_at=cutter.accepted_at,
            baseline=baseline,
            canaries=canaries,
            wanted=request.measuring.wanted,
            timeout_seconds=request.measuring.timeout_seconds,
        )
        return prove(cutter, measurement, place, watch=watch)


def _cut(plan: Plan, cutter: Cutter, place: Workplace) -> Plan:
    """Send what is due; whoever waits for the same principal goes on then."""
    plan = cutter.cut(plan)
    place.claims.close()
    return plan


@contextmanager
def _opened(prepared: Prepared, request: Request, place: Workplace) -> Iterator[Cutter]:
    """Begin the incident and hold its lock."""
    incident = place.journal.create(
        prepared.plan,
        prepared.situation.caller,
        place.reader.region,
        prepared.signed_with,
        intents=first_stage(prepared.plan),
    )
    with place.locked(incident):
        yield Cutter(
            incident=incident,
            situation=prepared.situation,
            place=place,
            keeps_cutoff=request.options.cutoff is not None,
        )


def _reinforced(
    plan: Plan, prepared: Prepared, request: Request, place: Workplace, cutter: Cutter
) -> tuple[CloserLook | None, Plan]:
    """With `--yes` the closer look comes after the first deny, and what it asks for goes out next.

    First the other locks, then the search for other identities: it takes longer.  Whoever has cut
    himself off cannot look, so nothing of it is known then.
    """
    from unleak.contain.door_steps import with_closed_doors  # noqa: PLC0415 - see above

    made = new_keys(plan, place.doors)
    if prepared.look is not None and made:
        prepared.look.spare(made)
    is_in_aws = bool(prepared.situation.credentials)
    if prepared.look is not None or plan.self_lockout or not is_in_aws:
        return prepared.look, with_closed_doors(plan)
    from unleak.flow.closer_look import look_closer, with_abilities  # noqa: PLC0415 - see above

    options = replace(request.options, dismissed=request.options.dismissed | made)
    look = look_closer(
        plan,
        prepared.situation,
        options=options,
        doors=place.doors,
        timing=place.timing,
    )
    if look.chase is not None:
        look.chase.begin()
    plan = look.reinforced(
        with_abilities(plan, look.situation, place.reader), replace(options, cascade=False)
    )
    place.journal.replanned(cutter.incident, plan)
    plan = look.sweeper.search(cutter.cut(plan), cutter)
    return look, plan
