"""Rehearse: cut off a throw-away role for real, measure how long it takes, take everything away."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from unleak.apply.drill_book import DrillBook
from unleak.apply.interrupt import deferred_ctrl_c
from unleak.apply.lock import hold
from unleak.contain.options import Options
from unleak.errors import Interrupted, NoConsent, UnleakError
from unleak.flow.clock import corrected_now
from unleak.flow.doors import Doors
from unleak.flow.drill_person import DrillPerson, StopWatch
from unleak.flow.drill_role import (
    ACTION,
    SERVICE,
    make,
    remove,
    session_of,
    trusted_principal,
)
from unleak.flow.measure import regions_to_ask
from unleak.flow.request import Measuring, Request
from unleak.flow.revoke import revoke
from unleak.flow.state import local_folder
from unleak.flow.timing import REAL
from unleak.identify.caller import caller_or_unknown
from unleak.identify.consent import Consent
from unleak.model.drill import NAME_PREFIX, PATH, Comparison, Drill, DrillPlan, compared
from unleak.model.frozen import dataclass
from unleak.model.principal import Principal, PrincipalType, parse_arn
from unleak.verify.region_watch import RegionWatch

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from unleak.flow.response import Response
    from unleak.flow.timing import Timing
    from unleak.model.credential import FoundCredential

LOCK = "drill"
THIEF = "unleak-drill-thief"
WATCH = "unleak-drill-watch"
WARM_UP_SECONDS = 60.0


class DrillDoors(Doors, Protocol):
    """What a drill needs of `AwsDoors`."""

    def roles_under(self, path: str) -> tuple[str, ...]:
        """Return the names of the roles whose path begins so."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillWish:
    """How to rehearse."""

    regions: tuple[str, ...] = ()
    """Where to measure; empty: every enabled region."""
    timeout_seconds: float = 60.0
    """How long to wait for a region to refuse."""
    assume_yes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillResult:
    """What a drill has come to."""

    drill: Drill
    comparison: Comparison | None
    leftover: str | None = None
    """Why the role is still there; None: it is gone."""
    unreadable: tuple[str, ...] = ()
    """Earlier results that could not be read, and so were not compared with."""


def plan_drill(wish: DrillWish, doors: DrillDoors, person: DrillPerson) -> DrillPlan:
    """Return what a drill would do; nothing is changed.

    Args:
        wish: how to rehearse.
        doors: the reader is opened, nothing else.
        person: hears where regions or leftovers could not be listed.

    Raises:
        Refused: we are nobody who could assume the role.
    """
    reader = doors.reader()
    caller, _ = caller_or_unknown(reader)
    trusted = trusted_principal(caller, reader)
    own = parse_arn(trusted)
    unique = os.urandom(4).hex()
    name = f"{NAME_PREFIX}{unique}"
    return DrillPlan(
        id=f"{corrected_now(reader.clock):%Y%m%d-%H%M}-{unique}",
        role=name,
        role_arn=f"arn:{own.partition}:iam::{own.account}:role{PATH}{name}",
        account=own.account,
        trusted=trusted,
        action=ACTION,
        regions=wish.regions or regions_to_ask(reader, (), person),
        leftovers=_leftovers(doors, person),
    )


def drill(
    wish: DrillWish,
    doors: DrillDoors,
    person: DrillPerson,
    *,
    home: Path | None = None,
    timing: Timing = REAL,
) -> DrillResult:
    """Make a role, cut it off with the real `revoke`, measure, and remove it whatever happens.

    Args:
        wish: how to rehearse.
        doors: the cloud; the writer is opened only after the plan was accepted.
        person: shown the plan and asked once, unless the wish says yes.
        home: the state folder; the usual one where None.
        timing: how to wait and count seconds.

    Raises:
        NoConsent: the person said no; nothing was changed.
        Interrupted: Ctrl-C; the role was removed, or the message says that it was not.
        UnleakError: the rehearsal failed; the role was removed, or the person heard why not.
    """
    folder = local_folder(home)
    book = DrillBook(folder)
    plan = plan_drill(wish, doors, person)
    if not wish.assume_yes and not person.accepts_drill(plan):
        message = "you said no; nothing was changed"
        raise NoConsent(message, hint="run it again when you are ready")
    with hold(folder, LOCK):
        return _Rehearsal(plan, wish, doors, person, book, folder, timing).run()


class _Rehearsal:
    """One drill under way."""

    def __init__(
        self,
        plan: DrillPlan,
        wish: DrillWish,
        doors: DrillDoors,
        person: DrillPerson,
        book: DrillBook,
        folder: Path,
        timing: Timing,
    ) -> None:
        self._plan = plan
        self._wish = wish
        self._doors = doors
        self._reader = doors.reader()
        self._person = person
        self._book = book
        self._folder = folder
        self._timing = timing
        self._leftover: str | None = None
        self._drill = Drill(
            id=plan.id, role=plan.role, account=plan.account, at=corrected_now(self._reader.clock)
        )

    def run(self) -> DrillResult:
        """Rehearse and tidy up."""
        self._book.write(self._drill)
        try:
            try:
                self._rehearse()
            finally:
                self._tidy_up()
        except (KeyboardInterrupt, Interrupted) as error:
            raise self._interrupted() from error
        return DrillResult(
            drill=self._drill,
            comparison=compared(self._drill, self._book.drills()),
            leftover=self._leftover,
            unreadable=self._book.unreadable(),
        )

    def _rehearse(self) -> None:
        with deferred_ctrl_c() as flag:
            make(self._plan, self._doors.writer())
        if flag.is_set:
            raise KeyboardInterrupt
        self._person.hears(f"made role {self._plan.role}; taking sessions of it")
        thief = self._session(THIEF)
        watch = RegionWatch(
            self._session(WATCH),
            prober=self._doors.prober(),
            service=SERVICE,
            regions=self._plan.regions,
            pause=self._timing.pause,
            monotonic=self._timing.monotonic,
        )
        self._warm_up(watch)
        stop_watch = StopWatch(self._person, self._timing)
        with _watching(watch):
            response = self._revoke(thief, stop_watch)
            self._person.hears("waiting until every region refuses")
            watch.finish(self._wish.timeout_seconds)
        self._measured(response, watch, stop_watch)

    def _session(self, name: str) -> FoundCredential:
        return session_of(self._plan, self._reader, self._timing, name=name)

    def _warm_up(self, watch: RegionWatch) -> None:
        self._person.hears(f"waiting until {len(self._plan.regions)} regions serve it")
        for region in watch.warm_up(WARM_UP_SECONDS):
            self._person.hears(f"{region} does not serve it, so nothing can be told of it")

    def _revoke(self, thief: FoundCredential, person: StopWatch) -> Response:
        role = Principal(
            type=PrincipalType.ROLE,
            name=self._plan.role,
            arn=self._plan.role_arn,
            account=self._plan.account,
            partition=parse_arn(self._plan.role_arn).partition,
        )
        request = Request(
            found=(thief,),
            owner=role,
            options=Options(hold_seconds=0.0, dismissed=frozenset({role.label})),
            consent=Consent.GRANTED,
            assume_yes=True,
            measuring=Measuring(timeout_seconds=self._wish.timeout_seconds),
        )
        return revoke(request, self._doors, person, home=self._folder, timing=self._timing)

    def _measured(self, response: Response, watch: RegionWatch, stop_watch: StopWatch) -> None:
        proof = response.incident.verification
        self._drill = replace(
            self._drill,
            incident=response.incident.id,
            status=response.status,
            new_sessions_work=None if proof is None else proof.new_sessions_work,
            regions=watch.bites(stop_watch.accepted_at),
        )
        self._book.write(self._drill)

    def _tidy_up(self) -> None:
        """Remove the role; a second Ctrl-C waits until that is done."""
        with deferred_ctrl_c():
            self._person.hears(f"removing role {self._plan.role}")
            try:
                why = remove(self._plan.role, self._reader, self._doors.writer(), self._timing)
            except UnleakError as error:
                why = error.message
            self._leftover = why
            self._drill = replace(self._drill, is_removed=why is None)
            self._book.write(self._drill)
            if why is not None:
                self._person.hears(
                    f"role {self._plan.role} is still there ({why}): `unleak drill --clean`"
                )

    def _interrupted(self) -> Interrupted:
        if self._leftover is None:
            hint = "`unleak drill` rehearses again; no incident of it needs to be resumed"
            return Interrupted("interrupted; the role of the drill was removed", hint=hint)
        message = f"interrupted; role {self._plan.role} is still there: {self._leftover}"
        return Interrupted(message, hint="`unleak drill --clean` removes it")


@contextmanager
def _watching(watch: RegionWatch) -> Iterator[None]:
    watch.start()
    try:
        yield
    finally:
        watch.stop()


def _leftovers(doors: DrillDoors, person: DrillPerson) -> tuple[str, ...]:
    try:
        return doors.roles_under(PATH)
    except UnleakError as error:
        person.hears(f"what earlier drills have left cannot be listed: {error.message}")
        return ()
