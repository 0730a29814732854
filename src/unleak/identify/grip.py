"""Could the thief take the containment off again?  Worked out before the cut, told in the plan.

A principal that may edit its own policies uses the seconds until a deny is enforced to take the
deny away; one that may make other identities is back under another name; a role that may assume
itself opens sessions that are newer than the cut-off.  All three are a grip on the containment.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.identify.policy_document import read_trust
from unleak.identify.policy_eval import Ruling, Verdict, rule, stronger
from unleak.identify.policy_layers import layers_of
from unleak.identify.reach import EDIT_IAM, OWN_DENY, can_edit_own_containment
from unleak.identify.wildcard import matches
from unleak.model.plan import Grip
from unleak.model.principal import PrincipalType
from unleak.model.reading import Known

if TYPE_CHECKING:
    from collections.abc import Iterable

    from unleak.identify.policy_layers import Layers
    from unleak.model.ports import Simulation
    from unleak.model.reading import Reading
    from unleak.model.situation import PrincipalFacts

IDENTITIES = (
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:CreateRole",
    "iam:CreateUser",
    "iam:UpdateLoginProfile",
)
"""What makes a second identity, or a new way into one."""

_GRIPS = {
    Verdict.NO: Grip.NO,
    Verdict.MAYBE: Grip.MAYBE,
    Verdict.YES: Grip.YES,
    Verdict.UNKNOWN: Grip.UNKNOWN,
}
_ORDER = (Grip.NO, Grip.NOT_LOOKED_AT, Grip.UNKNOWN, Grip.MAYBE, Grip.YES)


def asked_for_grip(type_: PrincipalType) -> tuple[str, ...]:
    """Return the actions that the simulator is asked about.

    Args:
        type_: a user's deny is edited by other calls than a role's.
    """
    return tuple(dict.fromkeys((*OWN_DENY.get(type_, ()), *EDIT_IAM, *IDENTITIES)))


def grip_of(facts: PrincipalFacts, simulated: Reading[tuple[Simulation, ...]]) -> Grip:
    """Say whether the leaked principal could undo its own containment.

    The policies that were read are asked first; the simulator can only add to that, since it is
    asked without the context of conditions and for all resources at once.  An emulator's simulator
    that names no statement is not believed.

    Args:
        facts: the full look at the principal, without our own denies.
        simulated: verdicts on `asked_for_grip`, where the simulator could be asked.
    """
    if facts.principal.type is PrincipalType.ROOT:
        return Grip.YES
    layers = layers_of(facts)
    found = Ruling(can_edit_own_containment(facts))
    for action in (*EDIT_IAM, *IDENTITIES):
        found = stronger(found, rule(action, identity=layers.identity, boundary=layers.boundary))
    if _can_assume_itself(facts, layers):
        found = stronger(found, Ruling(Verdict.MAYBE))
    if isinstance(simulated, Known) and any(
        each.decision == "allowed" and each.matched for each in simulated.value
    ):
        found = Ruling(Verdict.YES)
    return _GRIPS[found.verdict]


def strongest_grip(grips: Iterable[Grip]) -> Grip:
    """Return the grip that gives the thief most; without any, nobody looked."""
    return max(grips, key=_ORDER.index, default=Grip.NOT_LOOKED_AT)


def _can_assume_itself(facts: PrincipalFacts, layers: Layers) -> bool:
    """Whether a session of the role may open the next one (role juggling in a circle of one).

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_manage-assume.html
    """
    principal = facts.principal
    if principal.type is not PrincipalType.ROLE or not isinstance(facts.record, Known):
        return False
    trusted = read_trust(facts.record.value.trust_policy)
    if principal.arn in trusted:
        return True
    trusts_account = any(
        matches(pattern, each)
        for pattern in trusted
        for each in (
            f"arn:{principal.partition}:iam::{principal.account}:root",
            str(principal.account),
        )
    )
    if not trusts_account:
        return False
    found = rule(
        "sts:AssumeRole",
        identity=layers.identity,
        boundary=layers.boundary,
        resource=principal.arn,
    )
    return found.verdict is not Verdict.NO
