"""The level reached and the verdict, from the checks: the weakest credential decides.  Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from unleak.model.action import DeleteKey, HolderType, SetKeyStatus
from unleak.model.credential import CredentialKind
from unleak.model.frozen import dataclass
from unleak.model.proof import CheckOutcome, Level
from unleak.verify.denies import denies_on
from unleak.verify.subject import holder_of, session_label

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from unleak.model.action import Holder
    from unleak.model.credential import Credential
    from unleak.model.proof import Check, Verification
    from unleak.verify.subject import Subject

CONTROL_PREFIX = "new-session"
"""Checks whose name begins so are about sessions that should live; they never prove a death."""

_KEYS = frozenset({CredentialKind.USER_KEY, CredentialKind.ROOT_KEY, CredentialKind.SERVICE_KEY})


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One thing that has to be dead: a key, or the sessions of somebody."""

    targets: frozenset[str]
    must_be_proven: bool = True
    """False for what hangs on the leak: seen alive it spoils the verdict, unseen it does not."""


def claims_of(subject: Subject) -> tuple[Claim, ...]:
    """Return what has to be dead for this leak to be over.

    A deny that depends on the issue time does nothing to a long-lived key, so a key is proven dead
    only by checks on the key itself.
    """
    claims: dict[Claim, None] = {}
    for credential in subject.credentials:
        for claim in _claims(credential, subject):
            claims[claim] = None
    known = {credential.access_key_id for credential in subject.credentials}
    for found in subject.leaked:
        if found.access_key_id is not None and found.access_key_id not in known:
            claims[Claim(targets=frozenset({found.access_key_id}))] = None
    return tuple(claims)


def reached(checks: Sequence[Check], claims: Sequence[Claim]) -> tuple[Level, bool | None]:
    """Return the level and whether the cut is effective, the weakest claim deciding.

    Args:
        checks: everything that was measured.
        claims: what has to be dead; without any, the checks are taken as about one thing.
    """
    telling = [check for check in checks if not check.name.startswith(CONTROL_PREFIX)]
    if not claims:
        return _of_one(telling)
    level: Level | None = None
    verdicts: list[bool | None] = []
    for claim in claims:
        mine, effective = _of_one([check for check in telling if check.target in claim.targets])
        if claim.must_be_proven:
            level = mine if level is None or mine.rank < level.rank else level
            verdicts.append(effective)
        elif effective is False:
            verdicts.append(False)
    return level or Level.NONE, _weakest(verdicts)


def with_more_checks(
    measured: Verification, more: Sequence[Check], subject: Subject
) -> Verification:
    """Return a verification with further checks, weighed anew.

    Args:
        measured: what was measured before.
        more: what was seen since.
        subject: what has to be dead.
    """
    checks = (*measured.checks, *more)
    level, effective = reached(checks, claims_of(subject))
    return replace(measured, checks=checks, level=level, effective=effective)


def _weakest(verdicts: list[bool | None]) -> bool | None:
    if False in verdicts:
        return False
    return True if verdicts and all(verdicts) else None


def _of_one(checks: Iterable[Check]) -> tuple[Level, bool | None]:
    """Return the highest proven rung with no refutation on it or above, and the verdict."""
    listed = tuple(checks)
    proven = {check.level for check in listed if check.outcome is CheckOutcome.PROVEN}
    refuted = {check.level for check in listed if check.outcome is CheckOutcome.REFUTED}
    highest_refuted = max((level.rank for level in refuted), default=0)
    standing = [level for level in proven if level.rank > highest_refuted]
    level = max(standing, key=lambda each: each.rank, default=Level.NONE)
    alive = {each for each in refuted if each.rank > Level.READ_BACK.rank}
    if level is Level.LIVE:
        # the credential itself speaks louder than a reading of policies, which may be stale
        alive.discard(Level.SIMULATED)
    if alive:
        return level, False
    return level, True if level.rank > Level.READ_BACK.rank else None


def _claims(credential: Credential, subject: Subject) -> tuple[Claim, ...]:
    holder = holder_of(credential)
    key_id = credential.access_key_id
    if credential.kind in _KEYS and key_id is not None:
        return _key_claims(key_id, holder, subject)
    if credential.kind is CredentialKind.SERVICE_KEY:
        # no check is about it: what is proven of the user's sessions proves nothing of this
        return (Claim(targets=frozenset({credential.alias or credential.kind})),)
    targets = set() if key_id is None else {key_id}
    if holder is not None:
        targets.add(holder.label)
        if credential.session_name is not None:
            targets.add(session_label(holder, credential.session_name))
    sessions = (Claim(targets=frozenset(targets)),)
    if holder is None or credential.kind is not CredentialKind.PRINCIPAL:
        return sessions
    keys = (_key_claims(key, holder, subject) for key in _keys_of(holder, subject))
    return sessions + tuple(claim for each in keys for claim in each if claim.must_be_proven)


def _key_claims(key_id: str, holder: Holder | None, subject: Subject) -> tuple[Claim, ...]:
    if holder is None:
        return (Claim(targets=frozenset({key_id})),)
    denies = denies_on(subject.in_place, holder)
    hits_keys = any(deny.cutoff is None and deny.user_id is None for deny in denies)
    if hits_keys:
        return (Claim(targets=frozenset({key_id, holder.label})),)
    sessions = Claim(targets=frozenset({holder.label}), must_be_proven=False)
    return Claim(targets=frozenset({key_id})), sessions


def _keys_of(holder: Holder, subject: Subject) -> tuple[str, ...]:
    if holder.type is not HolderType.USER:
        return ()
    return tuple(
        dict.fromkeys(
            step.action.key_id
            for step in subject.in_place
            if isinstance(step.action, SetKeyStatus | DeleteKey) and step.action.user == holder.name
        )
    )
