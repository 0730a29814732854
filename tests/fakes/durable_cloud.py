"""An account whose changes outlive the process: each is on disk before it is answered.

A child process that is killed leaves the file behind and the next process begins with what was in
it, so that "exactly once" can be counted over several processes.
"""

from __future__ import annotations

import json
import os
import threading
from typing import TYPE_CHECKING

from fakes.cloud import FakeCloud
from fakes.plans import KEY_ID, ROLE, USER
from unleak.model.action import KeyState

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from unleak.model.outcome import Receipt


def never(_: str) -> None:
    """Kill nobody."""


class DurableCloud(FakeCloud):
    """One role and one user with a key, and a file with every change that was made to them.

    Args:
        log: the file, one line a change: what was changed, and all that the account holds after it.
        crash: told of each boundary by name; may end the process.
    """

    def __init__(self, log: Path, *, crash: Callable[[str], None] = never) -> None:
        super().__init__()
        self._log = log
        self._crash = crash
        self._turn = threading.Lock()
        self.add_role("deploy")
        self.add_user("bob", keys=[KEY_ID])
        lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
        self.changes: list[str] = [json.loads(line)["change"] for line in lines]
        if lines:
            self._restore(json.loads(lines[-1]))

    def _do(self, method: str, target: str, change: Callable[[], None]) -> Receipt:
        self._crash(f"before call {method} {target}")
        with self._turn:
            receipt = super()._do(method, target, change)
            self._append(f"{method} {target}")
        self._crash(f"after call {method} {target}")
        return receipt

    def _append(self, change: str) -> None:
        state = {
            "change": change,
            "role": self.at(ROLE).inline,
            "user": self.at(USER).inline,
            "keys": self.at(USER).keys,
        }
        with self._log.open("a", encoding="utf-8") as file:
            file.write(json.dumps(state) + "\n")
            file.flush()
            os.fsync(file.fileno())
        self.changes.append(change)

    def _restore(self, state: dict[str, dict[str, str]]) -> None:
        self.at(ROLE).inline = state["role"]
        self.at(USER).inline = state["user"]
        self.at(USER).keys = {key_id: KeyState(word) for key_id, word in state["keys"].items()}
