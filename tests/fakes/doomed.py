"""A process that applies or undoes a plan and is killed at a boundary that the test has named.

Run as `python doomed.py apply|undo HOME LOG BOUNDARY`; the boundary `never` lets it live.
"""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from fakes.durable_cloud import DurableCloud
from fakes.plans import CALLER, CUTOFF, KEY_ID, ROLE, SAFE, USER, by_hand, deny, plan, step
from unleak.apply.database import Database
from unleak.apply.engine import apply
from unleak.apply.home import prepare_home
from unleak.apply.journal import Journal
from unleak.apply.lock import hold
from unleak.apply.state import FILE_NAME
from unleak.apply.undo import plan_undo, put_back
from unleak.model.action import KeyState, SetInlinePolicy, SetKeyStatus
from unleak.model.plan import Stage, Step

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from unleak.model.outcome import Outcome

INCIDENT = "20261124-0700-000000"
STEPS = (
    by_hand(
        step(
            "s1",
            SetKeyStatus(
                user="bob", key_id=KEY_ID, before=KeyState.ACTIVE, after=KeyState.INACTIVE
            ),
        )
    ),
    step("s2", deny(ROLE)),
    step("s3", deny(USER)),
    step("s4", replace(deny(USER), policy_name="UnleakDenyAll"), stage=Stage.LAST),
    step(
        "s5",
        SetInlinePolicy(holder=ROLE, policy_name="UnleakDenyAll", before=None, after="{}"),
        stage=Stage.OWN_SESSION,
    ),
)
CHANGES = (
    f"set_key_status {KEY_ID}",
    "put_inline_policy role/deploy/AWSRevokeOlderSessions",
    "put_inline_policy user/bob/AWSRevokeOlderSessions",
    "put_inline_policy user/bob/UnleakDenyAll",
    "put_inline_policy role/deploy/UnleakDenyAll",
)
"""What each of the steps is to AWS."""
UNDO_CHANGES = (CHANGES[0], *(change.replace("put", "delete", 1) for change in CHANGES[1:]))


class DoomedJournal(Journal):
    """The journal, with a boundary before and after each thing that it writes."""

    crash: Callable[[str], None]

    def intend(self, incident: str, steps: Sequence[Step]) -> None:
        self._around(
            f"intent {steps[0].id}", lambda: super(DoomedJournal, self).intend(incident, steps)
        )

    def outcome(self, incident: str, outcome: Outcome) -> None:
        self._around(
            f"outcome {outcome.step_id}",
            lambda: super(DoomedJournal, self).outcome(incident, outcome),
        )

    def undo_intent(self, incident: str, step: Step) -> None:
        self._around(
            f"undo-intent {step.id}", lambda: super(DoomedJournal, self).undo_intent(incident, step)
        )

    def undo_outcome(self, incident: str, outcome: Outcome) -> None:
        self._around(
            f"undo-outcome {outcome.step_id}",
            lambda: super(DoomedJournal, self).undo_outcome(incident, outcome),
        )

    def _around(self, what: str, write: Callable[[], None]) -> None:
        self.crash(f"before {what}")
        write()
        self.crash(f"after {what}")


def open_journal(home: Path) -> Journal:
    """Open the journal as an ordinary process does."""
    return Journal.open(home, now=lambda: CUTOFF, suffix=lambda: "000000")


def main(command: str, home: Path, log: Path, boundary: str) -> None:
    """Do the work, and die at the boundary."""

    def crash(name: str) -> None:
        if name == boundary:
            # Windows has no SIGKILL; there any signal ends the process without a last word.
            os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))

    database = Database(prepare_home(home) / FILE_NAME)
    journal = DoomedJournal(database, now=lambda: CUTOFF, suffix=lambda: "000000")
    journal.crash = crash
    cloud = DurableCloud(log, crash=crash)
    if command == "apply":
        name = journal.create(plan(*STEPS), CALLER, "us-east-1")
        crash("after creation")
        with hold(home, name):
            apply(STEPS, incident=name, journal=journal, writer=cloud)
        return
    with hold(home, INCIDENT):
        way_back = plan_undo(journal.incident(INCIDENT), now=SAFE, force=True)
        put_back(way_back.steps, incident=INCIDENT, journal=journal, reader=cloud, writer=cloud)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4])
