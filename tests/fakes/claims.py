"""Claims in memory, for any number of threads; its clock stands until a test moves it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from unleak.errors import IncidentBusy
from unleak.model.claim import Claim, ClaimState, Lapsed

if TYPE_CHECKING:
    from unleak.model.outcome import Status

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


class FakeClaims:
    """The claims of a table, without the table."""

    def __init__(self) -> None:
        self.now = NOON
        self.claims: dict[str, Claim] = {}
        self.kept: list[str] = []
        """Subjects whose lease was kept alive."""
        self._lock = threading.Lock()

    def move(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def take(self, subject: str, *, owner: str, seconds: float, alert: str) -> Claim:
        with self._lock:
            there = self.claims.get(subject)
            if there is None:
                there = Claim(
                    subject=subject,
                    state=ClaimState.WORKING,
                    owner="",
                    until=None,
                    turn=0,
                    deliveries=0,
                    is_ours=False,
                    alert=alert,
                )
            there = replace(there, deliveries=there.deliveries + 1)
            if not there.is_free(self.now):
                self.claims[subject] = there
                return there
            return self._taken(there, owner, seconds)

    def retake(self, claim: Claim, *, owner: str, seconds: float, alert: str) -> Claim:
        with self._lock:
            there = self.claims[claim.subject]
            ended = there.state in {ClaimState.DONE, ClaimState.TOLD}
            if not ended or there.turn != claim.turn:
                return there
            anew = replace(there, alert=alert, incident=None, tries=0)
            return self._taken(anew, owner, seconds)

    @contextmanager
    def keeping(self, claim: Claim, *, seconds: float) -> Iterator[None]:  # noqa: ARG002 - no clock
        self.kept.append(claim.subject)
        yield

    def wait(self, claim: Claim, *, token_hash: str, until: datetime, plan_words: str) -> Claim:
        return self._change(
            claim,
            replace(
                claim,
                state=ClaimState.WAITING,
                until=until,
                token_hash=token_hash,
                plan_words=plan_words,
            ),
        )

    def approve(self, subject: str, *, token_hash: str, owner: str, seconds: float) -> Claim | None:
        with self._lock:
            there = self.claims.get(subject)
            if there is None:
                return None
            waits = there.state is ClaimState.WAITING and not there.is_free(self.now)
            if not waits or there.token_hash != token_hash:
                return there
            return self._taken(there, owner, seconds)

    def finish(self, claim: Claim, *, incident: str | None, status: Status) -> Claim:
        named = incident or self.claims[claim.subject].incident
        return self._change(
            claim,
            replace(
                claim,
                state=ClaimState.DONE,
                until=None,
                incident=named,
                status=status,
                ended_at=self.now,
            ),
        )

    def told(self, claim: Claim) -> Claim:
        ended = replace(claim, state=ClaimState.TOLD, until=None, ended_at=self.now)
        return self._change(claim, ended)

    def release(self, claim: Claim) -> None:
        with self._lock:
            there = self.claims[claim.subject]
            if there.owner == claim.owner and there.state is ClaimState.WORKING:
                self.claims[claim.subject] = replace(there, until=None)

    def look(self, subject: str) -> Claim | None:
        return self.claims.get(subject)

    def lapsed(self) -> Lapsed:
        return Lapsed(
            claims=tuple(
                each
                for each in self.claims.values()
                if each.state is ClaimState.WORKING and each.is_free(self.now)
            )
        )

    def bind(self, claim: Claim, incident: str) -> None:
        """Note the incident on a claim, as the state does in the incident's first transaction."""
        with self._lock:
            there = self.claims[claim.subject]
            if there.owner != claim.owner:
                message = f"another worker has taken over {claim.subject}"
                raise IncidentBusy(message)
            self.claims[claim.subject] = replace(there, incident=incident)

    def _taken(self, there: Claim, owner: str, seconds: float) -> Claim:
        taken = replace(
            there,
            state=ClaimState.WORKING,
            owner=owner,
            until=self.now + timedelta(seconds=seconds),
            turn=there.turn + 1,
            tries=there.next_try,
            status=None,
            token_hash="",
            ended_at=None,
        )
        self.claims[there.subject] = taken
        return replace(taken, is_ours=True)

    def _change(self, claim: Claim, changed: Claim) -> Claim:
        with self._lock:
            there = self.claims[claim.subject]
            if there.owner != claim.owner or there.state is not ClaimState.WORKING:
                message = f"another worker has taken over {claim.subject}"
                raise IncidentBusy(message)
            changed = replace(
                changed, turn=there.turn + 1, deliveries=there.deliveries, is_ours=False
            )
            self.claims[claim.subject] = changed
            return changed
