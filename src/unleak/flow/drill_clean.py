"""Remove what drills have left: found by path and tag in the account, whoever made it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from unleak.apply.drill_book import DrillBook
from unleak.apply.interrupt import deferred_ctrl_c
from unleak.apply.lock import hold
from unleak.errors import Interrupted, NoConsent, NoSuchPrincipal, UnleakError
from unleak.flow.clock import corrected_now
from unleak.flow.drill import LOCK
from unleak.flow.drill_role import drill_id, is_of_drill, remove
from unleak.flow.state import local_folder
from unleak.flow.timing import REAL
from unleak.identify.caller import caller_or_unknown
from unleak.model.drill import PATH
from unleak.model.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from unleak.flow.drill import DrillDoors
    from unleak.flow.drill_person import DrillPerson
    from unleak.flow.timing import Timing

_OTHERS_TIME = timedelta(hours=1)
"""A younger role of a drill that this machine does not know may be a drill under way elsewhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A role that is still there, and why."""

    role: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanResult:
    """What became of what drills have left."""

    removed: tuple[str, ...] = ()
    kept: tuple[Kept, ...] = ()
    """Those that could not be removed."""
    not_ours: tuple[Kept, ...] = ()
    """Those that were left alone on purpose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leftovers:
    """What would be removed, and what is left alone."""

    roles: tuple[str, ...]
    not_ours: tuple[Kept, ...]


def leftovers(doors: DrillDoors, *, home: Path | None = None) -> Leftovers:
    """Return what `clean` would remove; nothing is changed.

    Args:
        doors: the reader is opened, nothing else.
        home: the state folder; the usual one where None.

    Raises:
        UnleakError: the roles cannot be listed.
    """
    reader = doors.reader()
    caller_or_unknown(reader)
    known = {each.id for each in DrillBook(local_folder(home)).drills()}
    ours: list[str] = []
    others: list[Kept] = []
    for name in doors.roles_under(PATH):
        try:
            found = reader.role(name)
        except NoSuchPrincipal:
            continue  # removed meanwhile: nothing is left over
        age = None
        if found.created_at is not None:
            age = corrected_now(reader.clock) - found.created_at
        if not is_of_drill(found):
            others.append(Kept(role=name, why="it has not the name and the tag of a drill"))
        elif drill_id(found) in known or (age is not None and age > _OTHERS_TIME):
            ours.append(name)
        else:
            why = "a drill of another machine made it less than an hour ago, and may be under way"
            others.append(Kept(role=name, why=why))
    return Leftovers(roles=tuple(ours), not_ours=tuple(others))


def clean(
    doors: DrillDoors,
    person: DrillPerson,
    *,
    assume_yes: bool,
    home: Path | None = None,
    timing: Timing = REAL,
) -> CleanResult:
    """Remove what drills have left.

    Args:
        doors: the cloud; the writer is opened only after the list was accepted.
        person: shown the list and asked once.
        assume_yes: whether it is accepted already.
        home: the state folder; the usual one where None.
        timing: waits between attempts.

    Raises:
        NoConsent: the person said no; nothing was changed.
        IncidentBusy: a drill of this machine is under way.
        Interrupted: Ctrl-C; the role at hand was removed first.
    """
    folder = local_folder(home)
    with hold(folder, LOCK):
        found = leftovers(doors, home=home)
        if not found.roles:
            return CleanResult(not_ours=found.not_ours)
        if not assume_yes and not person.accepts_clean(found.roles):
            message = "you said no; nothing was changed"
            raise NoConsent(message, hint="run it again when you are ready")
        removed, kept = _removed(found.roles, doors, timing)
        _note(DrillBook(folder), removed)
    return CleanResult(removed=removed, kept=kept, not_ours=found.not_ours)


def _removed(
    roles: Iterable[str], doors: DrillDoors, timing: Timing
) -> tuple[tuple[str, ...], tuple[Kept, ...]]:
    removed: list[str] = []
    kept: list[Kept] = []
    for role in roles:
        with deferred_ctrl_c() as flag:
            try:
                why = remove(role, doors.reader(), doors.writer(), timing)
            except UnleakError as error:
                why = error.message
        if why is None:
            removed.append(role)
        else:
            kept.append(Kept(role=role, why=why))
        if flag.is_set:
            message = f"interrupted; removed so far: {', '.join(removed) or 'nothing'}"
            raise Interrupted(message, hint="`unleak drill --clean` goes on")
    return tuple(removed), tuple(kept)


def _note(book: DrillBook, removed: tuple[str, ...]) -> None:
    for drill in book.drills():
        if drill.role in removed:
            book.write(replace(drill, is_removed=True))
