"""Which ways back in could the leaked principal have made?  Only a plain no counts as no.

Power over policies, or over another principal, is power over everything: who can attach a policy,
open a session of another role or hand a role to a machine can get what he lacks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from unleak.identify.policy_document import read_policy
from unleak.identify.policy_eval import Verdict, rule
from unleak.identify.policy_layers import layers_of
from unleak.model.door import DoorKind
from unleak.model.policy_names import DENY_ALL_POLICY, MANAGED_PREFIX, is_quarantine
from unleak.model.principal import PrincipalType
from unleak.model.reading import Absent, Known
from unleak.model.situation import InlinePolicy, ManagedPolicy

if TYPE_CHECKING:
    from unleak.identify.policy_layers import Layers
    from unleak.model.reading import Listing
    from unleak.model.situation import GroupFacts, PrincipalFacts

_Policy = TypeVar("_Policy", InlinePolicy, ManagedPolicy)
_CALLS = {
    DoorKind.USER: ("iam:CreateUser",),
    DoorKind.ROLE: ("iam:CreateRole",),
    DoorKind.ACCESS_KEY: ("iam:CreateAccessKey",),
    DoorKind.LOGIN_PROFILE: ("iam:CreateLoginProfile", "iam:UpdateLoginProfile"),
    DoorKind.TRUST_POLICY: ("iam:UpdateAssumeRolePolicy",),
    DoorKind.ROLE_SESSION: ("sts:AssumeRole",),
    DoorKind.POLICY_VERSION: ("iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion"),
    DoorKind.PROVIDER: ("iam:CreateOpenIDConnectProvider", "iam:CreateSAMLProvider"),
    DoorKind.SERVICE_CREDENTIAL: ("iam:CreateServiceSpecificCredential",),
    DoorKind.SSH_KEY: ("iam:UploadSSHPublicKey",),
    DoorKind.CERTIFICATE: ("iam:UploadSigningCertificate",),
    DoorKind.MFA_DEVICE: ("iam:EnableMFADevice",),
}
_MORE_POWER = (
    "iam:AddUserToGroup",
    "iam:AttachGroupPolicy",
    "iam:AttachRolePolicy",
    "iam:AttachUserPolicy",
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:CreatePolicyVersion",
    "iam:PassRole",
    "iam:PutGroupPolicy",
    "iam:PutRolePolicy",
    "iam:PutUserPolicy",
    "iam:SetDefaultPolicyVersion",
    "iam:UpdateAssumeRolePolicy",
    "iam:UpdateLoginProfile",
    "sts:AssumeRole",
)
EVERYTHING = frozenset(DoorKind)


def could_make(facts: PrincipalFacts) -> frozenset[DoorKind]:
    """Return the kinds of way in that the principal could have made.

    Args:
        facts: what was read of it; unleak's own denies in it are looked through, since they say
            nothing of the time before them.  A part that was not read counts as could.
    """
    if facts.principal.type not in {PrincipalType.USER, PrincipalType.ROLE}:
        return EVERYTHING
    layers = layers_of(_before_the_cut(facts))
    if any(_can(action, layers) for action in _MORE_POWER):
        return EVERYTHING
    return frozenset(
        kind for kind, actions in _CALLS.items() if any(_can(each, layers) for each in actions)
    )


def could_assume(facts: PrincipalFacts) -> Callable[[str], bool]:
    """Return what says whether the principal's own policies let it open sessions of a role.

    The policies are read once, however many roles there are.  A role's trust policy is another
    question.

    Args:
        facts: what was read of the principal.
    """
    if facts.principal.type not in {PrincipalType.USER, PrincipalType.ROLE}:
        return lambda _role_arn: True
    layers = layers_of(_before_the_cut(facts))
    return lambda role_arn: _can("sts:AssumeRole", layers, resource=role_arn)


def _can(action: str, layers: Layers, *, resource: str | None = None) -> bool:
    ruling = rule(action, identity=layers.identity, boundary=layers.boundary, resource=resource)
    return ruling.verdict is not Verdict.NO


def _before_the_cut(facts: PrincipalFacts) -> PrincipalFacts:
    """Take unleak's own denies away: what was able to make a key yesterday may be denied today."""
    boundary = facts.boundary
    if isinstance(boundary, Known) and boundary.value.name.startswith(MANAGED_PREFIX):
        boundary = Absent()
    return replace(
        facts,
        inline=_not_ours(facts.inline),
        attached=_not_ours(facts.attached),
        groups=_groups_not_ours(facts.groups),
        boundary=boundary,
    )


def _not_ours(policies: Listing[tuple[_Policy, ...]]) -> Listing[tuple[_Policy, ...]]:
    if not isinstance(policies, Known):
        return policies
    return Known(
        tuple(
            each for each in policies.value if not _is_our_deny(each) and not _is_quarantine(each)
        )
    )


def _groups_not_ours(
    groups: Listing[tuple[GroupFacts, ...]],
) -> Listing[tuple[GroupFacts, ...]]:
    if not isinstance(groups, Known):
        return groups
    return Known(
        tuple(
            replace(each, inline=_not_ours(each.inline), attached=_not_ours(each.attached))
            for each in groups.value
        )
    )


def _is_quarantine(policy: InlinePolicy | ManagedPolicy) -> bool:
    """AWS's quarantine came after the leak: what it denies now could be done before."""
    return isinstance(policy, ManagedPolicy) and is_quarantine(policy.arn)


def _is_our_deny(policy: InlinePolicy | ManagedPolicy) -> bool:
    """Go by the text as well: a thief may give an allowance one of our names."""
    if policy.name != DENY_ALL_POLICY and not policy.name.startswith(MANAGED_PREFIX):
        return False
    text = policy.document
    if not isinstance(text, str):
        if not isinstance(text, Known):
            return False
        text = text.value
    statements = read_policy(text)
    return statements is not None and all(each.effect == "Deny" for each in statements)
