"""Who should be refused by now: the leaked credentials that we may sign with, and the canaries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.model.credential import CredentialKind
from unleak.model.proof import Check, CheckOutcome, Level
from unleak.verify.denies import denies_on, strips
from unleak.verify.panel import Suspect, Track
from unleak.verify.subject import holder_of, session_label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unleak.verify.baseline import Baseline
    from unleak.verify.classify import Verdict
    from unleak.verify.subject import Canary, Subject


def live_suspects(subject: Subject) -> tuple[tuple[Suspect, ...], tuple[Check, ...]]:
    """Return the leaked credentials to be asked, and a skipped check for each that can't be."""
    suspects: list[Suspect] = []
    for found in subject.leaked:
        key_id = found.access_key_id
        if key_id is not None and found.can_sign:
            suspects.append(
                Suspect(
                    credential=found,
                    target=key_id,
                    level=Level.LIVE,
                    expects_dead_key=subject.kills_key(key_id),
                    expects_deny=_expects_deny(subject, key_id),
                )
            )
    asked = {suspect.target for suspect in suspects}
    skipped: list[Check] = []
    for credential in subject.credentials:
        if credential.access_key_id not in asked:
            why = "we do not hold its secret, or may not sign with it"
            skipped.append(_skipped(Level.LIVE, credential.label, why))
        elif credential.kind is CredentialKind.USER_KEY and credential.principal is not None:
            why = (
                "sessions that were minted with the key outlive it, and we hold none of them to "
                "try: the deny on the user speaks for them, and role sessions that it opened live "
                "on in their roles"
            )
            skipped.append(_skipped(Level.LIVE, credential.principal.label, why))
    return tuple(suspects), tuple(skipped)


def _expects_deny(subject: Subject, key_id: str) -> bool:
    """Whether a deny is in place that such a credential should meet; True where that is unclear."""
    known = subject.identified(key_id)
    holder = None if known is None else holder_of(known)
    return holder is None or bool(denies_on(subject.in_place, holder))


def canary_suspects(subject: Subject) -> tuple[tuple[Suspect, ...], tuple[Check, ...]]:
    """Return the canaries that the cut should hit, and a skipped check for each other one."""
    suspects: list[Suspect] = []
    skipped: list[Check] = []
    for canary in subject.canaries:
        target = _target_of(canary, subject)
        if target is None:
            why = "our canary is not among the sessions that the cut is meant for"
            skipped.append(_skipped(Level.CANARY, canary.holder.label, why))
        else:
            suspects.append(
                Suspect(
                    credential=canary.session,
                    target=target,
                    level=Level.CANARY,
                    expects_deny=bool(denies_on(subject.in_place, canary.holder)),
                )
            )
    return tuple(suspects), tuple(skipped)


def _target_of(canary: Canary, subject: Subject) -> str | None:
    """Return whom the canary stands for: its whole role, one session name, or nobody."""
    holder = canary.holder
    if strips(subject.in_place, holder):
        return holder.label
    name = (canary.session.arn or "").rpartition("/")[2]
    named = False
    for deny in denies_on(subject.in_place, holder):
        is_older = deny.cutoff is None or (
            canary.minted_at is not None and canary.minted_at < deny.cutoff
        )
        if is_older and deny.user_id is None:
            return holder.label
        named = named or (is_older and deny.user_id is not None and _is_named(deny.user_id, name))
    return session_label(holder, name) if named else None


def _is_named(user_id: str, session_name: str) -> bool:
    return bool(session_name) and user_id.partition(":")[2] == session_name


def tracks_for(
    suspects: Sequence[Suspect],
    *,
    places: Sequence[tuple[str, str]],
    baseline: Baseline | None,
    accepted_at: float | None,
) -> tuple[Track, ...]:
    """Return what to ask: every suspect at every place, with what is known from before the cut.

    Args:
        suspects: who asks.
        places: services with regions.
        baseline: what the leaked credentials could do before; None where it was not measured.
        accepted_at: the monotonic time of the deny's acceptance.
    """
    return tuple(
        Track(
            suspect,
            service=service,
            region=region,
            before=_before(suspect, service, region, baseline, accepted_at),
        )
        for suspect in suspects
        for service, region in places
    )


def _before(
    suspect: Suspect,
    service: str,
    region: str,
    baseline: Baseline | None,
    accepted_at: float | None,
) -> Verdict | None:
    if baseline is None or suspect.level is not Level.LIVE:
        return None
    return baseline.before(suspect.target, service=service, region=region, accepted_at=accepted_at)


def _skipped(level: Level, target: str, why: str) -> Check:
    return Check(
        name=str(level), level=level, target=target, outcome=CheckOutcome.SKIPPED, detail=why
    )
