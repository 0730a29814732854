"""The append-only record of every incident: what was about to be done, and what was done."""

from __future__ import annotations

import json
import os
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

from unleak.apply.codec import Unfit, encode, instant_text
from unleak.apply.database import Database
from unleak.apply.fold import EntryKind, describe, fold, summarise
from unleak.apply.home import prepare_home
from unleak.apply.state import FILE_NAME
from unleak.errors import NoSuchIncident, StateFolder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path
    from types import TracebackType

    from unleak.apply.codec import Json
    from unleak.apply.database import Row
    from unleak.apply.state import Entries
    from unleak.model.incident import Incident, IncidentSummary
    from unleak.model.outcome import Outcome, Status
    from unleak.model.plan import Plan, Step
    from unleak.model.proof import Verification
    from unleak.model.situation import Caller

LATEST = "latest"


def random_suffix() -> str:
    """Return the part of an incident's id that makes it unique: six hexadecimal digits."""
    return os.urandom(3).hex()


class Journal:
    """The journal of one state; safe for several threads and several processes.

    Args:
        entries: the open file or table.
        now: the time that entries carry, AWS's where it is known; always with a zone.
        suffix: makes incident ids unique, and is called again on a collision.
    """

    def __init__(
        self,
        entries: Entries,
        *,
        now: Callable[[], datetime],
        suffix: Callable[[], str] = random_suffix,
    ) -> None:
        self._entries = entries
        self._now = now
        self._suffix = suffix
        self._intended: set[tuple[str, str]] = set()
        self._lock = threading.Lock()

    @classmethod
    def open(
        cls,
        home: Path,
        *,
        now: Callable[[], datetime],
        suffix: Callable[[], str] = random_suffix,
    ) -> Journal:
        """Open the journal in a state folder, making both where they are not there.

        Args:
            home: the state folder.
            now: the time that entries carry, AWS's where it is known; always with a zone.
            suffix: makes incident ids unique; called again on a collision.

        Raises:
            StateFolder: the folder or the file cannot be used.
        """
        return cls(Database(prepare_home(home) / FILE_NAME), now=now, suffix=suffix)

    def close(self) -> None:
        """Let go of the entries; everything in them is durable already."""
        self._entries.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Make all entries inside durable together, with one sync of the disk.

        Raises:
            StateFolder: they could not be written; then none of them was.
        """
        with self._entries.transaction():
            yield

    def create(
        self,
        plan: Plan,
        caller: Caller,
        region: str,
        asked_leaked: Sequence[str] = (),
        *,
        intents: Sequence[Step] = (),
        is_accepted: bool = True,
    ) -> str:
        """Begin an incident and return its id, `20261124-0700-a1b2c3` for example.

        Plan, consent and the first intents go to disk together, because each sync of the disk is
        time that the thief has.

        Args:
            plan: what was planned.
            caller: who the responder is.
            region: the region that regional calls go to.
            asked_leaked: key ids of leaked credentials that we have signed with.
            intents: the steps of the first stage; `engine.apply` does not note them again.
            is_accepted: whether the person (or `--yes`) has said yes.

        Raises:
            StateFolder: it could not be written.
        """
        body: dict[str, Json] = {
            "plan": encode(plan),
            "caller": encode(caller),
            "region": region,
            "asked_leaked": list(asked_leaked),
        }
        with self.batch():
            incident = self._unused_id()
            self._append(incident, EntryKind.CREATED, body)
            if is_accepted:
                self.accepted(incident)
            if intents:
                self.intend(incident, intents)
        return incident

    def accepted(self, incident: str) -> None:
        """Note that the plan was accepted."""
        self._append(incident, EntryKind.ACCEPTED, {})

    def identified(self, incident: str, caller: Caller) -> None:
        """Note who the responder is, where that was learned after the first call had left."""
        self._append(incident, EntryKind.IDENTIFIED, {"caller": encode(caller)})

    def intend(self, incident: str, steps: Sequence[Step]) -> None:
        """Note that steps are about to be done, in one sync; those noted already are left out.

        Raises:
            StateFolder: it could not be written: no call may be made.
        """
        with self._lock:
            new = [step for step in steps if (incident, step.id) not in self._intended]
            if not new:
                return
            self._intend(incident, EntryKind.INTENT, new)
            self._intended.update((incident, step.id) for step in new)

    def outcome(self, incident: str, outcome: Outcome) -> None:
        """Note what became of a step."""
        body: dict[str, Json] = {"outcome": encode(outcome)}
        self._append(incident, EntryKind.OUTCOME, body, outcome.step_id)
        with self._lock:
            self._intended.discard((incident, outcome.step_id))

    def undo_intent(self, incident: str, step: Step) -> None:
        """Note that a step is about to be put back.

        Args:
            incident: the id.
            step: the inverse, under the id of the step that it undoes.
        """
        self._intend(incident, EntryKind.UNDO_INTENT, [step])

    def undo_outcome(self, incident: str, outcome: Outcome) -> None:
        """Note what became of putting a step back."""
        body: dict[str, Json] = {"outcome": encode(outcome)}
        self._append(incident, EntryKind.UNDO_OUTCOME, body, outcome.step_id)

    def replanned(self, incident: str, plan: Plan) -> None:
        """Note a plan that takes the place of the one before."""
        self._append(incident, EntryKind.REPLANNED, {"plan": encode(plan)})

    def asked_leaked(self, incident: str, key_ids: Sequence[str]) -> None:
        """Note that leaked credentials were signed with; those calls show in CloudTrail."""
        self._append(incident, EntryKind.ASKED_LEAKED, {"key_ids": list(key_ids)})

    def verified(self, incident: str, verification: Verification) -> None:
        """Note what was measured."""
        self._append(incident, EntryKind.VERIFIED, {"verification": encode(verification)})

    def closed(self, incident: str, status: Status) -> None:
        """Note how it ended, so far."""
        self._append(incident, EntryKind.CLOSED, {"status": encode(status)})

    def note(self, incident: str, text: str) -> None:
        """Note anything else in words that hold no secret."""
        self._append(incident, EntryKind.NOTE, {"text": text})

    def incident(self, name: str) -> Incident:
        """Return one incident, folded from its entries.

        Args:
            name: an id, the beginning of one, or `latest`.

        Raises:
            NoSuchIncident: none has that name, or more than one begins with it.
            StateFolder: the journal cannot be read.
        """
        rows = self._entries.rows(name) or self._entries.rows(self._resolve(name))
        with self._understood():
            return fold(rows)

    def incidents(self) -> tuple[IncidentSummary, ...]:
        """Return one row for each incident, newest first.

        Raises:
            StateFolder: the journal cannot be read.
        """
        kinds = (EntryKind.CREATED, EntryKind.REPLANNED, EntryKind.CLOSED)
        rows: list[Row] = self._entries.rows_of_kinds(kinds)
        with self._understood():
            return summarise(rows)

    def _resolve(self, name: str) -> str:
        ids = self._entries.incident_ids()
        if name == LATEST and ids:
            return ids[-1]
        matching = [each for each in ids if name and each.startswith(name)]
        if len(matching) == 1:
            return matching[0]
        if not ids:
            message = "there are no incidents on this machine yet"
            hint = "`unleak revoke` begins one; `unleak incidents` lists them"
            raise NoSuchIncident(message, hint=hint)
        why = "is not unique" if matching else "is in the journal under no such name"
        message = f"incident {name[:60]!a} {why}"
        raise NoSuchIncident(message, hint="`unleak incidents` lists them")

    def _unused_id(self) -> str:
        stamp = f"{self._now():%Y%m%d-%H%M}"
        while True:
            incident = f"{stamp}-{self._suffix()}"
            if not self._entries.rows(incident):
                return incident

    def _intend(self, incident: str, kind: EntryKind, steps: Sequence[Step]) -> None:
        at = self._at()
        bodies = [{"summary": describe(step), "action": encode(step.action)} for step in steps]
        self._entries.append(
            [
                (incident, at, str(kind), step.id, _text(body))
                for step, body in zip(steps, bodies, strict=True)
            ]
        )

    def _append(
        self, incident: str, kind: EntryKind, body: dict[str, Json], step_id: str | None = None
    ) -> None:
        self._entries.append([(incident, self._at(), str(kind), step_id, _text(body))])

    def _at(self) -> str:
        return instant_text(self._now())

    @contextmanager
    def _understood(self) -> Iterator[None]:
        try:
            yield
        except Unfit as error:
            message = f"the journal {self._entries.place} cannot be understood: {error}"
            hint = "if a newer unleak wrote it, install that; else move the file away and keep it"
            raise StateFolder(message, hint=hint) from error


def _text(body: dict[str, Json]) -> str:
    return json.dumps(body, separators=(",", ":"), allow_nan=False)
