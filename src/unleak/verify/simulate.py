"""Rung 2: AWS's own reading of the policies, for a session from before and one from after."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from unleak.errors import UnleakError
from unleak.model.action import HolderType, SetInlinePolicy
from unleak.model.frozen import dataclass
from unleak.model.proof import Check, CheckOutcome, Level
from unleak.verify.denies import denies_on, policy_names, spares_new_sessions
from unleak.verify.subject import holder_of, session_label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unleak.model.action import Holder
    from unleak.model.ports import Reader, Simulation
    from unleak.verify.denies import Deny
    from unleak.verify.subject import Subject

ACTIONS = ("s3:ListAllMyBuckets", "ec2:DescribeInstances", "dynamodb:ListTables", "iam:ListUsers")
"""What the simulated session tries; a full deny hits all of them, so a few tell."""

OLD_SESSION = "simulate-old-session"
NEW_SESSION = "new-session-simulated"

_JUST_BEFORE = timedelta(seconds=1)
_LATER = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    """One deny to be simulated."""

    holder: Holder
    target: str
    deny: Deny
    issued_at: datetime | None
    arn: str


def simulate(subject: Subject, reader: Reader) -> tuple[Check, ...]:
    """Simulate each deny that is in place, before and after its cut-off.

    On a user with a conditional deny this speaks of the user's sessions only: an access key has no
    issue time, and its status is none of the simulator's business.
    Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
    """
    checks: list[Check] = []
    for holder in _holders(subject):
        denies = _relevant(_strongest(denies_on(subject.in_place, holder)), subject, holder)
        if not denies:
            why = "nothing was denied here, so there is no deny to simulate"
            checks.append(_skipped(holder.label, why))
            continue
        arn = _arn_of(holder, subject, reader)
        if isinstance(arn, UnleakError):
            checks.append(_skipped(holder.label, f"not simulated: {arn.message}"))
            continue
        for deny in denies:
            checks += _ask(_question(subject, holder, deny, arn), subject, reader)
    return tuple(checks)


def _holders(subject: Subject) -> tuple[Holder, ...]:
    found = (holder_of(credential) for credential in subject.credentials)
    return tuple(dict.fromkeys((*(each for each in found if each is not None), *_led_to(subject))))


def _led_to(subject: Subject) -> tuple[Holder, ...]:
    """Return those of our own account that were cut because what leaked has led to them."""
    return tuple(
        step.action.holder
        for step in subject.in_place
        if step.depth and isinstance(step.action, SetInlinePolicy)
        if step.action.holder.account is None
    )


def _strongest(denies: tuple[Deny, ...]) -> tuple[Deny, ...]:
    """Leave out the denies that another one covers."""
    kept: list[Deny] = []
    for deny in denies:
        if not any(other.covers(deny) for other in kept):
            kept = [other for other in kept if not deny.covers(other)] + [deny]
    return tuple(kept)


def _relevant(denies: tuple[Deny, ...], subject: Subject, holder: Holder) -> tuple[Deny, ...]:
    """Leave out the denies of single sessions that earlier incidents have put there."""
    names = {each.session_name for each in subject.credentials if holder_of(each) == holder}
    return tuple(
        deny
        for deny in denies
        if deny.user_id is None or None in names or deny.user_id.partition(":")[2] in names
    )


def _question(subject: Subject, holder: Holder, deny: Deny, arn: str) -> _Question:
    name = None if deny.user_id is None else deny.user_id.partition(":")[2]
    issued = [
        credential.issued_at
        for credential in subject.credentials
        if credential.issued_at is not None
        and holder_of(credential) == holder
        and (name is None or credential.session_name == name)
    ]
    return _Question(
        holder=holder,
        target=holder.label if name is None else session_label(holder, name),
        deny=deny,
        # the youngest leaked session is the one that is most likely to escape a cut-off
        issued_at=max(issued, default=None),
        arn=arn,
    )


def _arn_of(holder: Holder, subject: Subject, reader: Reader) -> str | UnleakError:
    for credential in subject.credentials:
        for principal in (credential.principal, credential.parent):
            if principal is not None and principal.arn and principal.label == holder.label:
                return principal.arn
    try:
        if holder.type is HolderType.ROLE:
            arn = reader.role(holder.name).principal.arn
        else:
            arn = reader.user(holder.name).arn
    except UnleakError as error:
        return error
    return arn or UnleakError("its ARN is not known")


def _ask(question: _Question, subject: Subject, reader: Reader) -> list[Check]:
    deny = question.deny
    context = {} if deny.user_id is None else {"aws:userid": deny.user_id}
    before = question.issued_at
    if before is None and deny.cutoff is not None:
        before = min(deny.cutoff, subject.cutoff or deny.cutoff) - _JUST_BEFORE
    try:
        old = reader.simulate(question.arn, ACTIONS, issued_at=before, context=context)
        new: Sequence[Simulation] = ()
        if deny.cutoff is not None and spares_new_sessions(subject.in_place, question.holder):
            later = deny.cutoff + _LATER
            new = reader.simulate(question.arn, ACTIONS, issued_at=later, context=context)
    except UnleakError as error:
        return [_skipped(question.target, f"not simulated: {error.message}")]
    ours = policy_names(subject.in_place, question.holder)
    now = reader.clock.now()
    checks = [replace(_judge_old(question, old, new, ours), at=now)]
    if new:
        evaluates = any(each.decision == "explicitDeny" for each in old)
        checks.append(replace(_judge_new(question, new, evaluates=evaluates), at=now))
    return checks


def _judge_old(
    question: _Question,
    old: Sequence[Simulation],
    new: Sequence[Simulation],
    ours: frozenset[str],
) -> Check:
    spared = {each.action for each in new if each.decision != "explicitDeny"}
    escaped = [each.action for each in old if each.decision == "allowed" and each.matched]
    denied = [each for each in old if each.decision == "explicitDeny"]
    by_us = [
        each
        for each in denied
        if _names_ours(each, ours) or (each.matched and each.action in spared)
    ]
    if escaped:
        outcome = CheckOutcome.REFUTED
        detail = f"a session from before the cut-off may still call {', '.join(escaped)}"
    elif old and len(by_us) == len(old):
        outcome = CheckOutcome.PROVEN
        detail = f"explicitly denied for {_whose(question)} in all {len(old)} simulated calls"
    elif denied and len(denied) == len(old):
        outcome = CheckOutcome.INCONCLUSIVE
        detail = "explicitly denied, but the simulator does not say that our deny did it"
    else:
        outcome = CheckOutcome.INCONCLUSIVE
        detail = "the simulator names no statement: it does not seem to evaluate conditions"
        if any(each.matched for each in old):
            detail = "not every simulated call met our deny"
    return _check(OLD_SESSION, question.target, outcome, detail)


def _names_ours(each: Simulation, ours: frozenset[str]) -> bool:
    return any(name in source for name in ours for source in each.matched)


def _whose(question: _Question) -> str:
    if question.deny.cutoff is None:
        return "whoever signs as it"
    if question.holder.type is HolderType.USER:
        return "its sessions from before the cut-off (an access key has no issue time)"
    return "a session from before the cut-off"


def _judge_new(question: _Question, new: Sequence[Simulation], *, evaluates: bool) -> Check:
    """Say whether a new session is spared; `INCONCLUSIVE` is no sign of life of the leak."""
    cut = [each.action for each in new if each.decision == "explicitDeny"]
    outcome = CheckOutcome.INCONCLUSIVE
    if cut:
        detail = f"a session from after the cut-off is explicitly denied {', '.join(cut)}"
    elif not evaluates:
        detail = "the simulator denies neither old nor new sessions, so this tells nothing"
    else:
        outcome = CheckOutcome.PROVEN
        detail = "a session from after the cut-off meets no explicit deny"
    return _check(NEW_SESSION, question.target, outcome, detail)


def _check(name: str, target: str, outcome: CheckOutcome, detail: str) -> Check:
    return Check(name=name, level=Level.SIMULATED, target=target, outcome=outcome, detail=detail)


def _skipped(target: str, why: str) -> Check:
    return _check(OLD_SESSION, target, CheckOutcome.SKIPPED, why)
