"""Sessions of ours from before the cut-off, minted while the deny is under way."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from unleak.model.action import HolderType, SetInlinePolicy
from unleak.model.plan import Scope, StepState
from unleak.model.principal import PrincipalType
from unleak.model.proof import Level
from unleak.model.reading import Unknown

if TYPE_CHECKING:
    from datetime import datetime

    from unleak.model.credential import Credential
    from unleak.model.plan import Plan
    from unleak.model.ports import Reader
    from unleak.model.principal import Principal
    from unleak.verify.subject import Canary

LATE_NAME = "unleak-late"
HEAD_START = 0.05
"""Seconds that the deny has before the canaries compete with it for the processor."""
PATIENCE = 20.0
"""Seconds to wait for an answer that is still out when the deny has long been accepted."""


class Canaries:
    """Mints one session of each role that is cut off, beside the deny and never before it.

    The cut-off lies a second or two ahead of AWS's time, so a session that is minted now is older
    than the cut-off whether it overtakes the deny or not, and however long the deny takes.

    Args:
        plan: what is about to be sent.
        reader: mints (`sts:AssumeRole`), where the role trusts us.
        wanted: the level of proof that is asked for; below `canary` none is minted.
    """

    def __init__(self, plan: Plan, reader: Reader, *, wanted: Level | None) -> None:
        self._plan = plan
        self._reader = reader
        self._minted: list[Canary] = []
        self._notes: list[str] = []
        self._thread: threading.Thread | None = None
        if wanted is None or wanted.rank > Level.SIMULATED.rank:
            self._thread = threading.Thread(target=self._mint, name="unleak-canaries", daemon=True)

    def start(self) -> None:
        """Begin, and return at once."""
        if self._thread is not None:
            self._thread.start()

    def result(self) -> tuple[tuple[Canary, ...], tuple[str, ...]]:
        """Wait for the canaries and return them, with a note for each that could not be minted."""
        if self._thread is not None:
            self._thread.join(PATIENCE)
        return tuple(self._minted), tuple(self._notes)

    def mint_late(self) -> tuple[Canary, ...]:
        """Mint one more of each role: newer than the first cut-off, older than a moved one.

        They stand for what a thief opened before the first deny was enforced.
        """
        minted: list[Canary] = []
        for credential in _one_a_role(self._plan):
            if credential.principal is None or self._thread is None:
                continue
            found = _mint_one(self._reader, credential.principal, LATE_NAME)
            if not isinstance(found, Unknown):
                minted.append(found)
        self._minted += minted
        return tuple(minted)

    def _mint(self) -> None:
        time.sleep(HEAD_START)
        for credential in _one_a_role(self._plan):
            principal = credential.principal
            if principal is None or not _is_before(self._reader.clock.now(), self._plan.cutoff):
                continue
            is_single = self._plan.scope is Scope.SESSION
            name = credential.session_name if is_single else None
            found = _mint_one(self._reader, principal, name)
            if isinstance(found, Unknown):
                self._notes.append(f"no canary for {principal.label}: {found.detail}")
            else:
                self._minted.append(found)


def _mint_one(reader: Reader, principal: Principal, name: str | None) -> Canary | Unknown:
    from unleak.verify.canary import (  # noqa: PLC0415 - the deny does not wait for it
        CANARY_NAME,
        mint_canary,
    )

    return mint_canary(reader, principal, name=name or CANARY_NAME)


def _one_a_role(plan: Plan) -> tuple[Credential, ...]:
    """Return one credential for each role that the plan puts a deny on."""
    denied = {
        step.action.holder.name
        for step in plan.steps
        if isinstance(step.action, SetInlinePolicy)
        and step.action.holder.type is HolderType.ROLE
        and step.state in (StepState.PLANNED, StepState.DONE, StepState.ALREADY)
    }
    by_role = {
        credential.principal.name: credential
        for credential in plan.credentials
        if credential.principal is not None and credential.principal.type is PrincipalType.ROLE
    }
    return tuple(credential for name, credential in by_role.items() if name in denied)


def _is_before(now: datetime | None, cutoff: datetime | None) -> bool:
    return now is not None and cutoff is not None and now < cutoff
