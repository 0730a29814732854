"""AWS's own quarantine on a user: what it blocks, what it does not, and taking it off last; pure.

AWS attaches it when it has seen a key in public.  It slows a thief down and is no containment; it
stays after the key was replaced and then breaks the new one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.contain.sessions import Draft
from unleak.model.action import DetachPolicy, Holder, HolderType
from unleak.model.plan import Stage, Step
from unleak.model.policy_names import is_quarantine, is_quarantine_name
from unleak.model.principal import PrincipalType
from unleak.model.reading import Known

if TYPE_CHECKING:
    from datetime import datetime

    from unleak.contain.options import Options
    from unleak.model.situation import PrincipalFacts, Situation


def quarantined(situation: Situation, options: Options, *, cutoff: datetime | None) -> Draft:
    """Return what to know of each quarantine, and what takes it off where that was asked for.

    Args:
        situation: the facts, with the attached policies where they were read.
        options: whether it was asked for.
        cutoff: that of the plan.
    """
    steps: list[Step] = []
    warnings: list[str] = []
    for facts in situation.principals:
        warnings += quarantine_lines(facts)
        if not options.detach_quarantine:
            continue
        arns = _attached(facts)
        steps += [_detach(arn, facts, situation.caller.account, cutoff) for arn in arns]
        if not arns:
            warnings.append(f"no quarantine of AWS's is attached to {facts.principal.label}")
    return Draft(tuple(steps), warnings=tuple(warnings))


def quarantine_lines(facts: PrincipalFacts) -> tuple[str, ...]:
    """Return what a quarantine on this user means; nothing where there is none, or nobody looked.

    What it denies was read in the text of V3 as it was in 2024; the older ones deny less.
    """
    names = [arn.rpartition("/")[2] for arn in _attached(facts)]
    if isinstance(facts.inline, Known):
        names += [each.name for each in facts.inline.value if is_quarantine_name(each.name)]
    return tuple(
        f"AWS has put its quarantine {name} on {facts.principal.label}: AWS has seen a key of his "
        "in public. That is no containment: it denies making users and keys, GetSessionToken, "
        "starting machines, Bedrock models and s3:GetObject, but not sts:AssumeRole, "
        "s3:PutObject, iam:CreatePolicy, iam:DeleteUserPolicy, Secrets Manager, SSM or KMS. It "
        "stays when the key is replaced and breaks the new key too: answer AWS's support case, "
        "then take it off, last (`unleak revoke` with --detach-quarantine)"
        for name in names
    )


def _attached(facts: PrincipalFacts) -> tuple[str, ...]:
    if facts.principal.type is not PrincipalType.USER or not isinstance(facts.attached, Known):
        return ()
    return tuple(each.arn for each in facts.attached.value if is_quarantine(each.arn))


def _detach(arn: str, facts: PrincipalFacts, account: str | None, cutoff: datetime | None) -> Step:
    holder = Holder(type=HolderType.USER, name=facts.principal.name)
    return Step(
        id="",
        action=DetachPolicy(holder=holder, policy_arn=arn),
        account=facts.principal.account or account,
        reason=(
            "you asked for it; it goes last, and only once the containment is proven: until then "
            "the quarantine slows the thief down"
        ),
        impact=(
            f"what the quarantine blocks works again for {holder.label}, with his new key too. "
            "Answer AWS's support case first, or AWS may limit the account"
        ),
        reversible=True,
        safe_date=cutoff,
        stage=Stage.LAST,
        waits_for_proof=True,
    )
