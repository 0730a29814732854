"""The claims in a table: every change compares what was seen, so that one of many wins."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from unleak.aws.claim_items import CLAIMS, claim_key, claim_of
from unleak.aws.heartbeat import heartbeat
from unleak.aws.items import ABSENT, Change, Put
from unleak.aws.leases import SLACK, instant_value
from unleak.errors import IncidentBusy, StateFolder
from unleak.model.claim import Claim, ClaimState, Lapsed

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from datetime import datetime

    from unleak.aws.items import Expected, Items
    from unleak.model.outcome import Status

KEPT: Final = timedelta(days=90)
"""After its last change; GuardDuty keeps a finding, and so may repeat it, for 90 days.
https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_exportfindings.html"""
_TRIES: Final = 20
_BEATS: Final = 3
_MOST_WORDS: Final = 20_000


class TableClaims:
    """The claims, as `model.claim.Claims` says.

    Args:
        items: the table.
    """

    def __init__(self, items: Items) -> None:
        self._items = items

    def take(self, subject: str, *, owner: str, seconds: float, alert: str) -> Claim:
        """Take the claim, or learn who has it; see `Claims.take`."""
        for _ in range(_TRIES):
            claim = self.look(subject)
            if claim is None:
                taken = self._begun(subject, owner, seconds, alert)
            elif claim.owner == owner:
                return replace(claim, is_ours=True)  # taken before; the answer was lost
            elif claim.is_free(self._items.now() - SLACK):
                taken = self._taken(claim, owner, seconds, counts=True)
            else:
                taken = self._counted(claim)
            if taken is not None:
                return taken
        raise self._too_busy(subject)

    def retake(self, claim: Claim, *, owner: str, seconds: float, alert: str) -> Claim:
        """Take a claim that is done or told, as it was read; see `Claims.retake`."""
        if claim.state in {ClaimState.DONE, ClaimState.TOLD}:
            anew = replace(claim, alert=alert, incident=None, tries=0)
            taken = self._taken(anew, owner, seconds)
            if taken is not None:
                return taken
        return self._as_it_stands(claim.subject, owner)

    def keeping(self, claim: Claim, *, seconds: float) -> AbstractContextManager[None]:
        """Renew the lease from another thread; see `Claims.keeping`."""

        def renew() -> bool:
            until = self._after(seconds)
            return self._items.change(
                Change(
                    key=claim_key(claim.subject),
                    values={"until": until},
                    expected=_ours(claim),
                )
            )

        return heartbeat(renew, every_seconds=seconds / _BEATS)

    def wait(self, claim: Claim, *, token_hash: str, until: datetime, plan_words: str) -> Claim:
        """Let it wait for an approval; see `Claims.wait`."""
        values: dict[str, str | int | bytes | None] = {
            "state": ClaimState.WAITING,
            "token_hash": token_hash,
            "until": instant_value(until),
            "plan_words": plan_words[:_MOST_WORDS],
        }
        return self._changed(claim, values)

    def approve(self, subject: str, *, token_hash: str, owner: str, seconds: float) -> Claim | None:
        """Turn a waiting claim into one that is worked on; see `Claims.approve`."""
        claim = self.look(subject)
        if claim is None:
            return None
        is_waiting = claim.state is ClaimState.WAITING and not claim.is_free(self._items.now())
        if is_waiting and token_hash and claim.token_hash == token_hash:
            taken = self._taken(claim, owner, seconds)
            if taken is not None:
                return taken
        return self._as_it_stands(subject, owner)

    def finish(self, claim: Claim, *, incident: str | None, status: Status) -> Claim:
        """Note how the response ended; see `Claims.finish`."""
        values: dict[str, str | int | bytes | None] = {
            "state": ClaimState.DONE,
            "status": status,
            "until": None,
            "ended_at": instant_value(self._items.now()),
        }
        return self._changed(
            claim, values if incident is None else {**values, "incident": incident}
        )

    def told(self, claim: Claim) -> Claim:
        """Note that people were told; see `Claims.told`."""
        ended_at = instant_value(self._items.now())
        return self._changed(claim, {"state": ClaimState.TOLD, "until": None, "ended_at": ended_at})

    def release(self, claim: Claim) -> None:
        """End the lease now; see `Claims.release`."""
        change = Change(key=claim_key(claim.subject), values={"until": None}, expected=_ours(claim))
        self._items.change(change)

    def look(self, subject: str) -> Claim | None:
        """Return the claim as it stands; see `Claims.look`."""
        item = self._items.get(claim_key(subject))
        return None if item is None else claim_of(item)

    def lapsed(self) -> Lapsed:
        """Return the claims whose worker gives no sign of life; see `Claims.lapsed`."""
        found: list[Claim] = []
        unreadable: list[str] = []
        for item in self._items.query(CLAIMS, only={"state": ClaimState.WORKING}):
            try:
                found.append(claim_of(item))
            except StateFolder as error:
                unreadable.append(error.message)
        now = self._items.now() - SLACK
        left = tuple(claim for claim in found if claim.is_free(now))
        return Lapsed(claims=left, unreadable=tuple(unreadable))

    def _begun(self, subject: str, owner: str, seconds: float, alert: str) -> Claim | None:
        item: dict[str, str | int | bytes] = {
            "subject": subject,
            "state": ClaimState.WORKING,
            "owner": owner,
            "until": self._after(seconds),
            "turn": 1,
            "deliveries": 1,
            "tries": 1,
            "alert": alert,
            "expires": self._expiry(),
        }
        if not self._items.put(Put(key=claim_key(subject), item=item, expected=ABSENT)):
            return None
        return replace(claim_of(item), is_ours=True)

    def _taken(
        self, seen: Claim, owner: str, seconds: float, *, counts: bool = False
    ) -> Claim | None:
        """Take a claim as it was seen; None where it has changed meanwhile."""
        values: dict[str, str | int | bytes | None] = {
            "state": ClaimState.WORKING,
            "owner": owner,
            "until": self._after(seconds),
            "alert": seen.alert,
            "incident": seen.incident,
            "tries": seen.next_try,
            "status": None,
            "token_hash": None,
            "ended_at": None,
            "expires": self._expiry(),
        }
        until = None if seen.until is None else instant_value(seen.until)
        change = Change(
            key=claim_key(seen.subject),
            values=values,
            expected={"turn": seen.turn, "owner": seen.owner, "until": until},
            counts=("turn", "deliveries") if counts else ("turn",),
        )
        if not self._items.change(change):
            return None
        return self._as_it_stands(seen.subject, owner)

    def _counted(self, seen: Claim) -> Claim | None:
        change = Change(
            key=claim_key(seen.subject),
            values={},
            expected={"turn": seen.turn},
            counts=("deliveries",),
        )
        return replace(seen, deliveries=seen.deliveries + 1) if self._items.change(change) else None

    def _changed(self, claim: Claim, values: Expected) -> Claim:
        """Write what our own claim has come to.

        Raises:
            IncidentBusy: it is not ours any more.
        """
        change = Change(
            key=claim_key(claim.subject),
            values={**values, "expires": self._expiry()},
            expected=_ours(claim),
            counts=("turn",),
        )
        is_done = self._items.change(change)
        there = self.look(claim.subject)
        is_so = there is not None and there.owner == claim.owner and there.state == values["state"]
        if there is None or not (is_done or is_so):
            message = f"another worker has taken over {claim.subject[:60]!a}"
            raise IncidentBusy(message, hint="that one finishes it; `unleak incidents`")
        return there

    def _as_it_stands(self, subject: str, owner: str) -> Claim:
        claim = self.look(subject)
        if claim is None:
            raise self._too_busy(subject)
        is_ours = claim.owner == owner and claim.state is ClaimState.WORKING
        return replace(claim, is_ours=is_ours)

    def _too_busy(self, subject: str) -> StateFolder:
        message = f"the claim {subject[:60]!a} keeps changing {self._items.place}"
        return StateFolder(message, hint="the next delivery of the alert tries again")

    def _after(self, seconds: float) -> int:
        return instant_value(self._items.now() + timedelta(seconds=seconds))

    def _expiry(self) -> int:
        """Seconds since 1970, as DynamoDB's time to live wants them.

        Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/howitworks-ttl.html
        """
        return instant_value(self._items.now() + KEPT) // 1000


def _ours(claim: Claim) -> Expected:
    return {"owner": claim.owner, "state": ClaimState.WORKING}
