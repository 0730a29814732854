"""The last rung: does CloudTrail show a call that was served after the cut took effect?  Pure.

A call that was served refutes; silence proves nothing by itself, since CloudTrail is minutes late
and its event history holds no data events.  Refused attempts are good news with a bad one in it:
the deny works, and somebody still holds the credential.
Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from unleak.model.action import HolderType
from unleak.model.credential import CredentialStatus
from unleak.model.frozen import dataclass
from unleak.model.instant import render_instant
from unleak.model.proof import TRAIL_PREFIX, Check, CheckOutcome, Level
from unleak.verify.denies import denies_on
from unleak.verify.subject import holder_of
from unleak.verify.trail_call import Fate

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from unleak.model.action import Holder
    from unleak.model.credential import Credential
    from unleak.verify.denies import Deny
    from unleak.verify.subject import Subject
    from unleak.verify.trail_call import TrailCall

LATE = timedelta(minutes=15)
"""How late CloudTrail may be: it delivers within about fifteen minutes of a call.

Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/how-cloudtrail-works.html
"""

SERVED = f"{TRAIL_PREFIX}-served"
ATTEMPTS = f"{TRAIL_PREFIX}-attempts"
FAILURES = f"{TRAIL_PREFIX}-failures"
SILENCE = f"{TRAIL_PREFIX}-silence"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarry:
    """One leaked key id, or the old sessions of one principal: whose calls are looked for."""

    target: str
    """How the checks and the claims call it."""
    key_id: str | None = None
    is_key_off: bool = False
    """Whether the very key was taken out of service, so that no call at all is served to it."""
    holder: str | None = None
    denies: tuple[Deny, ...] = ()
    lookups: frozenset[tuple[str, str]] = frozenset()
    """What CloudTrail is asked: attribute and value."""

    def made(self, call: TrailCall) -> bool:
        """Whether a call was signed by what should be dead."""
        if self.key_id is not None:
            return call.key_id == self.key_id
        if self.holder is None or call.holder != self.holder or call.issued_at is None:
            return False
        return any(_hits(deny, call) for deny in self.denies)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What was looked at, and when: the frame that a silence is worth something in."""

    enforced_at: datetime
    """Calls before it may have been served rightly."""
    until: datetime
    cutoff: datetime
    regions: tuple[str, ...]
    """Where CloudTrail answered."""
    missed: Mapping[str, str]
    """Where it did not, with the reason."""


def quarries_of(subject: Subject) -> tuple[Quarry, ...]:
    """Return whose calls to look for: every leaked key id, and the old sessions of who was cut.

    Args:
        subject: the incident.
    """
    keys = [
        Quarry(
            target=credential.access_key_id,
            key_id=credential.access_key_id,
            is_key_off=_is_off(credential, subject),
            lookups=frozenset({("AccessKeyId", credential.access_key_id)}),
        )
        for credential in subject.credentials
        if credential.access_key_id is not None
    ]
    holders = dict.fromkeys(holder_of(each) for each in subject.credentials)
    return (*keys, *(_sessions(each, subject) for each in holders if each is not None))


def judge_trail(
    quarries: Sequence[Quarry], calls: Iterable[TrailCall], look: Look
) -> tuple[Check, ...]:
    """Return what the calls say of each that should be dead.

    Args:
        quarries: whose calls were looked for.
        calls: what CloudTrail told, each once.
        look: what was looked at.
    """
    telling = [
        call
        for call in sorted(calls, key=lambda each: (each.at or look.enforced_at, each.event_id))
        if call.at is not None and call.at >= look.enforced_at and not call.is_quarantine
    ]
    checks: list[Check] = []
    for quarry in quarries:
        if not quarry.lookups:
            why = "CloudTrail finds calls by key id or session name, and neither is known"
            checks.append(_check(TRAIL_PREFIX, quarry, CheckOutcome.SKIPPED, why))
        elif not look.regions:
            why = next(iter(look.missed.values()), "no region was asked")
            detail = f"CloudTrail could not be asked: {why}"
            checks.append(_check(TRAIL_PREFIX, quarry, CheckOutcome.SKIPPED, detail))
        else:
            checks += _judge(quarry, [call for call in telling if quarry.made(call)], look)
    return tuple(checks)


def _judge(quarry: Quarry, calls: Sequence[TrailCall], look: Look) -> list[Check]:
    # whoever made a call that was served, unleak's own probes included: it should not have been
    served = [each for each in calls if each.fate is Fate.SERVED and _tells(each, quarry)]
    refused = [each for each in calls if each.fate is Fate.REFUSED and not each.is_ours]
    failed = [each for each in calls if each.fate is Fate.FAILED and not each.is_ours]
    checks: list[Check] = []
    if served:
        detail = f"{_times(served, 'call')} served after the cut took effect, last {served[-1]}"
        checks.append(_check(SERVED, quarry, CheckOutcome.REFUTED, detail, last=served[-1]))
    if refused:
        who = "the thief still tries" if quarry.key_id else "old sessions are still tried"
        detail = f"{who}: {_times(refused, 'refused attempt')}, last {refused[-1]}"
        last = refused[-1]
        checks.append(_check(ATTEMPTS, quarry, CheckOutcome.INCONCLUSIVE, detail, last=last))
    if failed:
        detail = (
            f"{_times(failed, 'call')} failed for another reason than a refusal, so the deny may "
            f"not have met them, last {failed[-1]}"
        )
        last = failed[-1]
        checks.append(_check(FAILURES, quarry, CheckOutcome.INCONCLUSIVE, detail, last=last))
    if not served:
        checks.append(_silence(quarry, look))
    return checks


def _silence(quarry: Quarry, look: Look) -> Check:
    """Say what was not seen; `PROVEN` stands for the silence, never for a refusal."""
    where = f"{len(look.regions)} region" + ("s" if len(look.regions) != 1 else "")
    detail = (
        f"no served call between {render_instant(look.enforced_at)} and "
        f"{render_instant(look.until)} in CloudTrail's event history of {where}, which holds no "
        "data events (objects of S3 and the like)"
    )
    outcome = CheckOutcome.PROVEN
    if look.until < look.cutoff + LATE:
        outcome = CheckOutcome.INCONCLUSIVE
        detail += "; CloudTrail may be fifteen minutes late, so it is too early to tell"
    if look.missed:
        outcome = CheckOutcome.INCONCLUSIVE
        detail += f"; not looked at: {', '.join(sorted(look.missed))}"
    return _check(SILENCE, quarry, outcome, detail)


def _tells(call: TrailCall, quarry: Quarry) -> bool:
    return quarry.is_key_off or not call.is_served_regardless


def _check(
    name: str,
    quarry: Quarry,
    outcome: CheckOutcome,
    detail: str,
    *,
    last: TrailCall | None = None,
) -> Check:
    return Check(
        name=name,
        # only a call that was served is as good as a probe; absence stands on no rung
        level=Level.LIVE if outcome is CheckOutcome.REFUTED else Level.NONE,
        target=quarry.target,
        outcome=outcome,
        detail=detail,
        region=None if last is None else last.region,
        at=None if last is None else last.at,
    )


def _times(calls: Sequence[TrailCall], noun: str) -> str:
    return f"{len(calls)} {noun}" + ("s" if len(calls) != 1 else "")


def _is_off(credential: Credential, subject: Subject) -> bool:
    key_id = credential.access_key_id
    is_dead = credential.status in {CredentialStatus.INACTIVE, CredentialStatus.DELETED}
    return is_dead or (key_id is not None and subject.kills_key(key_id))


def _sessions(holder: Holder, subject: Subject) -> Quarry:
    own = [each for each in subject.credentials if holder_of(each) == holder]
    names = {each.session_name for each in own if each.session_name is not None}
    if holder.type is HolderType.USER:
        names.add(holder.name)
    return Quarry(
        target=holder.label,
        holder=holder.label,
        denies=denies_on(subject.in_place, holder),
        lookups=frozenset(("Username", name) for name in names),
    )


def _hits(deny: Deny, call: TrailCall) -> bool:
    if deny.user_id is not None and deny.user_id.partition(":")[2] != call.session_name:
        return False
    if deny.cutoff is None:
        return True
    return call.issued_at is not None and call.issued_at < deny.cutoff
