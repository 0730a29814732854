"""The append-only record of every rotation: what was about to be done, and what came of it.

It stands beside the journal of incidents, in a file of its own: a rotation is no response to one
leak, and a busy rotation must not keep a responder waiting for the file.
"""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Self

from unleak.apply.codec import Json, Unfit, decode, encode, instant_text, parse
from unleak.apply.database import Database
from unleak.apply.fold import part
from unleak.apply.home import prepare_home, shown
from unleak.errors import NoSuchIncident, StateFolder
from unleak.model.plan import StepState
from unleak.model.rotation import Rotation, RotationPlan, RotationStatus, RotationStep, Written
from unleak.model.situation import Caller

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path
    from types import TracebackType

    from unleak.apply.database import Row

FILE_NAME = "rotations.sqlite3"
PREFIX = "rotate-"
"""How the id of a rotation begins, so that it is never taken for an incident's."""
LATEST = "latest"


class Entry(StrEnum):
    """What an entry of the journal says."""

    CREATED = "created"
    ACCEPTED = "accepted"
    INTENT = "intent"
    OUTCOME = "outcome"
    KEYS = "keys"
    NEW_KEY = "new-key"
    NOTE = "note"
    LEFT = "left"
    CLOSED = "closed"


class RotationJournal:
    """The journal of rotations of one state folder.

    Args:
        database: the open file.
        now: the time that entries carry; always with a zone.
    """

    def __init__(self, database: Database, *, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    @classmethod
    def open(cls, home: Path, *, now: Callable[[], datetime]) -> RotationJournal:
        """Open it in a state folder, making both where they are not there.

        Raises:
            StateFolder: the folder or the file cannot be used.
        """
        return cls(Database(prepare_home(home) / FILE_NAME), now=now)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._database.close()

    def create(self, plan: RotationPlan, caller: Caller) -> str:
        """Begin a rotation that was accepted, and return its id.

        Raises:
            StateFolder: it could not be written: nothing may be done.
        """
        rotation = f"{PREFIX}{self._now():%Y%m%d-%H%M}-{os.urandom(3).hex()}"
        self._append(
            rotation, Entry.CREATED, {"plan": encode(plan), "caller": encode(caller)}, None
        )
        self._append(rotation, Entry.ACCEPTED, {}, None)
        return rotation

    def intend(self, rotation: str, step: RotationStep) -> None:
        """Note that a step is about to be done.

        Raises:
            StateFolder: it could not be written: the step may not be done.
        """
        self._append(rotation, Entry.INTENT, {"summary": f"{step.kind} {step.target}"}, step.id)

    def outcome(
        self,
        rotation: str,
        step: RotationStep,
        state: StepState,
        *,
        detail: str = "",
        written: Written | None = None,
    ) -> None:
        """Note what became of a step.

        Raises:
            StateFolder: it could not be written.
        """
        body: dict[str, Json] = {
            "state": encode(state),
            "detail": detail,
            "written": encode(written),
        }
        self._append(rotation, Entry.OUTCOME, body, step.id)

    def keys(self, rotation: str, key_ids: tuple[str, ...]) -> None:
        """Note which keys the user has right before another one is made.

        Raises:
            StateFolder: it could not be written.
        """
        self._append(rotation, Entry.KEYS, {"key_ids": list(key_ids)}, None)

    def new_key(self, rotation: str, key_id: str | None) -> None:
        """Note the id of the new key, or that the one before is gone (None).

        Raises:
            StateFolder: it could not be written.
        """
        self._append(rotation, Entry.NEW_KEY, {"key_id": key_id}, None)

    def left(self, rotation: str, place: str) -> None:
        """Note that a person has done a place by hand, or has given it up."""
        self._append(rotation, Entry.LEFT, {"place": place}, None)

    def note(self, rotation: str, text: str) -> None:
        """Note anything else in words that hold no secret."""
        self._append(rotation, Entry.NOTE, {"text": text}, None)

    def closed(self, rotation: str, status: RotationStatus) -> None:
        """Note how it stands."""
        self._append(rotation, Entry.CLOSED, {"status": encode(status)}, None)

    def rotation(self, name: str) -> Rotation:
        """Return one rotation, folded from its entries.

        Args:
            name: an id, the start of one, or `latest`.

        Raises:
            NoSuchIncident: there is none of that name.
            StateFolder: the journal cannot be read.
        """
        rows = self._database.rows(self._resolved(name))
        with self._understood():
            return _fold(rows)

    def rotations(self) -> tuple[Rotation, ...]:
        """Return all rotations, newest first."""
        ids = reversed(self._database.incident_ids())
        with self._understood():
            return tuple(_fold(self._database.rows(each)) for each in ids)

    def open_for(self, key_id: str) -> Rotation | None:
        """Return the rotation of a key that was begun and not brought to its end, None: none."""
        done = (RotationStatus.ROTATED, RotationStatus.UNDONE, RotationStatus.FAILED)
        return next(
            (
                each
                for each in self.rotations()
                if each.plan.old_key_id == key_id and each.status not in done
            ),
            None,
        )

    def _resolved(self, name: str) -> str:
        ids = self._database.incident_ids()
        if name == LATEST and ids:
            return ids[-1]
        matching = [each for each in ids if name and each.startswith(name)]
        if name in matching:
            return name
        if len(matching) == 1:
            return matching[0]
        message = f"there is no rotation {name[:60]!a} on this machine"
        raise NoSuchIncident(message, hint="`unleak incidents` lists them")

    def _append(self, rotation: str, kind: Entry, body: dict[str, Json], step: str | None) -> None:
        text = json.dumps(body, separators=(",", ":"), allow_nan=False)
        self._database.append([(rotation, instant_text(self._now()), str(kind), step, text)])

    @contextmanager
    def _understood(self) -> Iterator[None]:
        try:
            yield
        except Unfit as error:
            message = f"the journal {shown(self._database.path)} cannot be understood: {error}"
            hint = "if a newer unleak wrote it, install that; else move the file away and keep it"
            raise StateFolder(message, hint=hint) from error


def _fold(rows: Sequence[Row]) -> Rotation:
    """Return what the entries of one rotation add up to."""
    first = parse(rows[0][5])
    rotation = Rotation(
        id=rows[0][1],
        created_at=decode(datetime, rows[0][2]),
        plan=decode(RotationPlan, part(first, "plan")),
        caller=decode(Caller, part(first, "caller")),
        keys_before=decode(RotationPlan, part(first, "plan")).keys_before,
    )
    for _, _, at, kind, step, body in rows[1:]:
        rotation = _taken(rotation, Entry(kind), step or "", decode(datetime, at), parse(body))
    return rotation


def _taken(  # noqa: C901, PLR0911 - one case a kind
    rotation: Rotation, kind: Entry, step: str, at: datetime, data: Json
) -> Rotation:
    match kind:
        case Entry.INTENT:
            began = rotation.began
            if step not in dict(began):
                began = (*began, (step, at))
            rest = tuple(each for each in rotation.open_steps if each != step)
            return replace(rotation, open_steps=(*rest, step), began=began)
        case Entry.OUTCOME:
            return _ended(rotation, step, at, data)
        case Entry.KEYS:
            return replace(rotation, keys_before=_texts(part(data, "key_ids")))
        case Entry.NEW_KEY:
            key_id = part(data, "key_id")
            return replace(rotation, new_key_id=None if key_id is None else decode(str, key_id))
        case Entry.CLOSED:
            return replace(rotation, status=decode(RotationStatus, part(data, "status")))
        case Entry.LEFT:
            return replace(rotation, left=(*rotation.left, decode(str, part(data, "place"))))
        case Entry.NOTE:
            return replace(rotation, notes=(*rotation.notes, decode(str, part(data, "text"))))
        case Entry.CREATED | Entry.ACCEPTED:
            return rotation


def _ended(rotation: Rotation, step: str, at: datetime, data: Json) -> Rotation:
    left = part(data, "written")
    written = None if left is None else decode(Written, left)
    state = decode(StepState, part(data, "state"))
    detail = decode(str, part(data, "detail"))
    steps = tuple(
        replace(each, state=state, detail=detail, written=written) if each.id == step else each
        for each in rotation.plan.steps
    )
    return replace(
        rotation,
        plan=replace(rotation.plan, steps=steps),
        open_steps=tuple(each for each in rotation.open_steps if each != step),
        ended=(*(each for each in rotation.ended if each[0] != step), (step, at)),
    )


def _texts(data: Json) -> tuple[str, ...]:
    return tuple(decode(str, each) for each in data) if isinstance(data, list) else ()
