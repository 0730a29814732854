"""What can the thief do with it?  Three lines in plain words: control, data, money.

Told from the principal's own policies and, where the API exists, from AWS's simulator.  What
could not be read is said; a maybe is never rounded to a no.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from unleak.identify.policy_eval import Doubt, PolicySet, Ruling, Verdict, rule, stronger
from unleak.identify.policy_layers import layers_of
from unleak.identify.questions import Failed, Told, answer, unknown
from unleak.model.principal import PrincipalType
from unleak.model.reading import Gap, Known, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from unleak.identify.policy_layers import Layers
    from unleak.model.ports import Reader, Simulation
    from unleak.model.principal import Principal
    from unleak.model.reading import Reading
    from unleak.model.situation import PrincipalFacts

_ANYTHING = "unleak-no-such-service:Anything"
"""Only a policy that allows every action there is allows this one."""

EDIT_IAM = (
    "iam:AttachUserPolicy",
    "iam:AttachRolePolicy",
    "iam:AttachGroupPolicy",
    "iam:PutUserPolicy",
    "iam:PutRolePolicy",
    "iam:PutGroupPolicy",
    "iam:CreatePolicyVersion",
    "iam:SetDefaultPolicyVersion",
    "iam:AddUserToGroup",
    "iam:UpdateAssumeRolePolicy",
)
"""What changes the power of some identity."""
_MINT = {
    "access keys": "iam:CreateAccessKey",
    "passwords": "iam:CreateLoginProfile",
    "service keys": "iam:CreateServiceSpecificCredential",
    "role sessions": "sts:AssumeRole",
    "federated sessions": "sts:GetFederationToken",
}
_DATA = {
    "Secrets Manager secrets": "secretsmanager:GetSecretValue",
    "SSM parameters": "ssm:GetParameter",
    "KMS decryption": "kms:Decrypt",
    "S3 objects": "s3:GetObject",
    "DynamoDB tables": "dynamodb:Scan",
    "SQS messages": "sqs:ReceiveMessage",
    "disk snapshots": "ebs:GetSnapshotBlock",
    "logs": "logs:GetLogEvents",
    "Lambda code and settings": "lambda:GetFunction",
    "container images": "ecr:BatchGetImage",
    "shells on machines": "ssm:StartSession",
}
_SPEND = {
    "EC2 instances": "ec2:RunInstances",
    "Bedrock models": "bedrock:InvokeModel",
    "SES mail": "ses:SendEmail",
    "SMS and SNS": "sns:Publish",
    "SageMaker": "sagemaker:CreateTrainingJob",
    "Lambda": "lambda:CreateFunction",
    "ECS tasks": "ecs:RunTask",
    "Lightsail": "lightsail:CreateInstances",
    "domains": "route53domains:RegisterDomain",
}
OWN_DENY = {
    PrincipalType.ROLE: (
        "iam:DeleteRolePolicy",
        "iam:PutRolePolicy",
        "iam:DetachRolePolicy",
        "iam:DeleteRolePermissionsBoundary",
        "iam:PutRolePermissionsBoundary",
    ),
    PrincipalType.USER: (
        "iam:DeleteUserPolicy",
        "iam:PutUserPolicy",
        "iam:DetachUserPolicy",
        "iam:DeleteUserPermissionsBoundary",
        "iam:PutUserPermissionsBoundary",
        "iam:UpdateAccessKey",
        "iam:RemoveUserFromGroup",
    ),
}
"""What takes a deny off a role or user, or its key out of retirement."""

ASKED = (*EDIT_IAM, *_MINT.values(), *_DATA.values(), *_SPEND.values())
"""The actions that the simulator is asked about."""


def abilities(
    facts: PrincipalFacts, simulations: Reading[tuple[Simulation, ...]]
) -> tuple[str, str, str]:
    """Say in three lines what the principal can do: control, data, money.

    Args:
        facts: the full look at the principal; the quick look makes everything unknown.
        simulations: the simulator's verdicts on `ASKED`, where it could be asked.
    """
    if facts.principal.type is PrincipalType.ROOT:
        return (
            "Control: root: everything in the account; no IAM policy limits it.",
            "Data: everything in the account.",
            "Spend: everything.",
        )
    layers = layers_of(facts)
    told = _told(simulations)
    rulings = {action: _rule(action, layers, told) for action in ASKED}
    tail = _not_read(layers)
    return (
        f"Control: {_control(facts, layers, rulings)}.{tail}",
        f"Data: {_listed('can read', _DATA, rulings)}.{tail}",
        f"Spend: {_listed('can use', _SPEND, rulings)}.{tail}",
    )


def can_edit_own_containment(facts: PrincipalFacts) -> Verdict:
    """Say whether the principal could take a deny off itself again.

    Directly, that is: by a call on its own user or role.  Another principal that it can become, or
    a managed policy that it can rewrite, is not looked through.

    Args:
        facts: the full look at the principal.
    """
    if facts.principal.type is PrincipalType.ROOT:
        return Verdict.YES
    return _own_containment(facts, layers_of(facts)).verdict


def simulated_abilities(reader: Reader, principal: Principal) -> Reading[tuple[Simulation, ...]]:
    """Ask AWS's simulator about every action of `ASKED`.

    Args:
        reader: reads only.
        principal: a user or role; without its true ARN nothing can be asked.
    """
    arn = principal.arn
    if arn is None:
        return Unknown(Gap.NOT_LOOKED_AT, "the ARN is not known, so nothing could be simulated")
    match answer(lambda: reader.simulate(arn, ASKED, issued_at=None, context={})):
        case Told(value=simulations):
            return Known(simulations)
        case Failed(error=error):
            return unknown(error, operation="iam:SimulatePrincipalPolicy")


def _own_containment(facts: PrincipalFacts, layers: Layers) -> Ruling:
    principal = facts.principal
    best = Ruling(Verdict.NO)
    for action in OWN_DENY.get(principal.type, ()):
        found = rule(
            action,
            identity=_spoken_to(layers.identity, principal),
            boundary=None if layers.boundary is None else _spoken_to(layers.boundary, principal),
            resource=principal.arn,
        )
        best = stronger(best, found)
    return best


def _spoken_to(layer: PolicySet, principal: Principal) -> PolicySet:
    """Put the user's own name where policies say `${aws:username}`; other variables stay."""
    if principal.type is not PrincipalType.USER:
        return layer

    def named(patterns: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(pattern.replace("${aws:username}", principal.name) for pattern in patterns)

    statements = tuple(
        replace(each, resources=named(each.resources), not_resources=named(each.not_resources))
        for each in layer.statements
    )
    return replace(layer, statements=statements)


def _told(simulations: Reading[tuple[Simulation, ...]]) -> Mapping[str, Simulation]:
    if not isinstance(simulations, Known):
        return {}
    return {simulation.action.lower(): simulation for simulation in simulations.value}


def _rule(action: str, layers: Layers, told: Mapping[str, Simulation]) -> Ruling:
    """Rule on one action; the simulator knows what we cannot read, if it names its reasons.

    It is asked without any condition's context and for all resources, so its plain "no" does not
    overrule a maybe; an emulator allows everything and names no statement, so that is not believed.
    """
    ours = rule(action, identity=layers.identity, boundary=layers.boundary)
    simulation = told.get(action.lower())
    if simulation is None or not simulation.matched:
        return ours
    if simulation.decision == "explicitDeny" and ours.verdict is not Verdict.MAYBE:
        return Ruling(Verdict.NO)
    if simulation.decision == "allowed" and ours.verdict in {Verdict.NO, Verdict.UNKNOWN}:
        return Ruling(Verdict.YES)
    return ours


def _control(facts: PrincipalFacts, layers: Layers, rulings: Mapping[str, Ruling]) -> str:
    everything = rule(_ANYTHING, identity=layers.identity, boundary=layers.boundary)
    edits = _strongest(rulings[action] for action in EDIT_IAM)
    mints = _listed("", _MINT, rulings)
    if facts.principal.type is PrincipalType.USER:
        # https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
        mints += "; sessions of itself always (GetSessionToken needs no permission)"
    by_name = f" by the name of {', '.join(layers.by_name)}" if layers.by_name else ""
    own = _own_containment(facts, layers)
    return (
        f"{_rank_word(everything, edits)}{by_name}; can edit IAM: {_word(edits)};"
        f" can edit its own containment: {_word(own)}; can mint more: {mints}"
    )


def _rank_word(everything: Ruling, edits: Ruling) -> str:
    both = (everything.verdict, edits.verdict)
    if both == (Verdict.YES, Verdict.YES):
        return "administrator"
    if Verdict.UNKNOWN in both:
        return "whether it is an administrator is not known"
    if Verdict.NO not in both:
        doubts = everything.doubts | edits.doubts
        return f"perhaps administrator, {_doubts(Ruling(Verdict.MAYBE, doubts))}"
    if everything.verdict is Verdict.YES:
        return "everything but IAM"
    return "not an administrator"


def _strongest(rulings: Iterable[Ruling]) -> Ruling:
    best = Ruling(Verdict.NO)
    for ruling in rulings:
        best = stronger(best, ruling)
    return best


def _listed(verb: str, things: Mapping[str, str], rulings: Mapping[str, Ruling]) -> str:
    """List the things that it can do, each group of doubts after it, the unknown last."""
    groups: dict[str, list[str]] = {}
    for name, action in things.items():
        ruling = rulings[action]
        if ruling.verdict is not Verdict.NO:
            groups.setdefault(_word(ruling), []).append(name)
    if not groups:
        return "nothing, by its policies" if verb else "no"
    order = sorted(groups, key=lambda word: (word != "yes", word == "not known", word))
    parts = [", ".join(groups[word]) + ("" if word == "yes" else f" ({word})") for word in order]
    listed = "; ".join(parts)
    return f"{verb} {listed}" if verb else listed


def _word(ruling: Ruling) -> str:
    match ruling.verdict:
        case Verdict.YES:
            return "yes"
        case Verdict.NO:
            return "no"
        case Verdict.UNKNOWN:
            return "not known"
        case Verdict.MAYBE:
            return f"maybe, {_doubts(ruling)}"


def _doubts(ruling: Ruling) -> str:
    return ", ".join(doubt.value for doubt in Doubt if doubt in ruling.doubts)


def _not_read(layers: Layers) -> str:
    return f" Not read: {'; '.join(layers.unread)}." if layers.unread else ""
