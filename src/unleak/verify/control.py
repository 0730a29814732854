"""The control groups of all roles that were cut: do sessions from after the cut-off live?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.model.action import HolderType
from unleak.model.principal import Principal, PrincipalType
from unleak.model.proof import Check, CheckOutcome, Level
from unleak.model.reading import Unknown
from unleak.verify.canary import Control, ask_control
from unleak.verify.denies import denies_on, spares_new_sessions
from unleak.verify.level import CONTROL_PREFIX
from unleak.verify.subject import holder_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from unleak.model.action import Holder
    from unleak.model.ports import Prober, Reader
    from unleak.verify.subject import Subject

NEW_SESSION = f"{CONTROL_PREFIX}-served"


def ask_controls(
    subject: Subject,
    *,
    places: Sequence[tuple[str, str]],
    reader: Reader,
    prober: Prober,
    pause: Callable[[float], None],
) -> tuple[dict[Holder, Control], tuple[Check, ...]]:
    """Mint and ask a new session of each role whose deny is meant to spare new ones.

    Args:
        subject: the incident; `may_mint` False skips all.
        places: the services and regions to ask.
        reader: mints.
        prober: asks.
        pause: sleeps that many seconds.
    """
    controls: dict[Holder, Control] = {}
    checks: list[Check] = []
    for holder in _holders(subject):
        why = _why_not(subject, holder)
        cutoff = _cutoff_of(subject, holder)
        if why is not None or cutoff is None:
            checks.append(_check(holder, CheckOutcome.SKIPPED, why or "there is no cut-off"))
            continue
        found = ask_control(
            _principal_of(subject, holder),
            cutoff=cutoff,
            places=places,
            reader=reader,
            prober=prober,
            pause=pause,
        )
        if isinstance(found, Unknown):
            checks.append(_check(holder, CheckOutcome.SKIPPED, found.detail))
            continue
        controls[holder] = found
        outcome = CheckOutcome.PROVEN if found.works else CheckOutcome.INCONCLUSIVE
        checks.append(_check(holder, outcome, found.detail))
    return controls, tuple(checks)


def new_sessions_work(controls: dict[Holder, Control]) -> bool | None:
    """Return False where a role serves no new session, True where all do, None where unclear."""
    works = [control.works for control in controls.values()]
    if False in works:
        return False
    return True if works and all(works) else None


def _holders(subject: Subject) -> tuple[Holder, ...]:
    found = (holder_of(each) for each in subject.credentials)
    return tuple(dict.fromkeys(each for each in found if each is not None))


def _why_not(subject: Subject, holder: Holder) -> str | None:
    if holder.type is not HolderType.ROLE:
        return "a user's session can only be minted by the user, so none was tried"
    if not subject.may_mint:
        return "minting a session of ours was not asked for"
    if not spares_new_sessions(subject.in_place, holder):
        return "what is in place is not meant to spare new sessions"
    return None


def _cutoff_of(subject: Subject, holder: Holder) -> datetime | None:
    cutoffs = [deny.cutoff for deny in denies_on(subject.in_place, holder) if deny.cutoff]
    return max(cutoffs, default=subject.cutoff)


def _principal_of(subject: Subject, holder: Holder) -> Principal:
    for credential in subject.credentials:
        if credential.principal is not None and holder_of(credential) == holder:
            return credential.principal
    return Principal(type=PrincipalType(holder.type), name=holder.name)


def _check(holder: Holder, outcome: CheckOutcome, detail: str) -> Check:
    return Check(
        name=NEW_SESSION, level=Level.CANARY, target=holder.label, outcome=outcome, detail=detail
    )
