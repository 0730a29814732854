"""Roles for what runs by itself: on EC2, in ECS, Lambda and Kubernetes, and outside of AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.audit.ground import role_commands, role_name, trust_file
from unleak.audit.trust import (
    pod_identity_trust,
    roles_anywhere_trust,
    service_trust,
    web_identity_trust,
)
from unleak.model.holding import Replacement, ReplacementKind, Snippet

if TYPE_CHECKING:
    from unleak.audit.ground import Ground


def instance_profile(why: str, owner: str, ground: Ground) -> Replacement:
    """Return how an EC2 instance gets a role."""
    name = role_name(owner)
    return Replacement(
        kind=ReplacementKind.INSTANCE_PROFILE,
        title="an instance profile: the SDKs fetch its credentials by themselves",
        why=why,
        snippets=(
            trust_file(service_trust("ec2", partition=ground.partition)),
            role_commands(
                name,
                f"aws iam create-instance-profile --instance-profile-name {name}",
                f"aws iam add-role-to-instance-profile --instance-profile-name {name} "
                f"--role-name {name}",
                "aws ec2 associate-iam-instance-profile --instance-id INSTANCE-ID "
                f"--iam-instance-profile Name={name}",
            ),
        ),
        link="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_switch-role-ec2.html",
    )


def task_role(why: str, owner: str, ground: Ground) -> Replacement:
    """Return how an ECS task gets a role."""
    name = role_name(owner)
    trust = service_trust("ecs-tasks", partition=ground.partition, account=ground.account)
    return Replacement(
        kind=ReplacementKind.TASK_ROLE,
        title="a task role in the task definition",
        why=why,
        snippets=(
            trust_file(trust),
            role_commands(name),
            Snippet(title="task definition", text=f'{{"taskRoleArn": "{ground.role_arn(name)}"}}'),
        ),
        link="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html",
    )


def execution_role(why: str, owner: str, ground: Ground) -> Replacement:
    """Return how a Lambda function gets a role; it has one already, which may lack rights."""
    name = role_name(owner)
    return Replacement(
        kind=ReplacementKind.EXECUTION_ROLE,
        title="the function's execution role, and no AWS_ variables of your own",
        why=why,
        snippets=(
            trust_file(service_trust("lambda", partition=ground.partition)),
            role_commands(
                name,
                "aws lambda update-function-configuration --function-name FUNCTION "
                f"--role {ground.role_arn(name)}",
            ),
        ),
        link="https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html",
    )


def eks(why: str, owner: str, ground: Ground) -> Replacement:
    """Return how a pod gets a role: EKS Pod Identity, or IRSA with the cluster's own issuer."""
    name = role_name(owner)
    suffix = "amazonaws.com.cn" if ground.partition == "aws-cn" else "amazonaws.com"
    issuer = f"oidc.eks.{ground.region}.{suffix}/id/CLUSTER-ISSUER-ID"
    irsa = web_identity_trust(
        issuer,
        audience="sts.amazonaws.com",
        subject="system:serviceaccount:NAMESPACE:SERVICE-ACCOUNT",
        partition=ground.partition,
        account=ground.account,
    )
    return Replacement(
        kind=ReplacementKind.EKS,
        title="EKS Pod Identity; IRSA where its agent cannot run",
        why=why,
        snippets=(
            trust_file(pod_identity_trust()),
            role_commands(
                name,
                "aws eks create-pod-identity-association --cluster-name CLUSTER "
                "--namespace NAMESPACE --service-account SERVICE-ACCOUNT "
                f"--role-arn {ground.role_arn(name)}",
            ),
            Snippet(title="trust.json for IRSA instead", text=irsa),
            Snippet(
                title="service account for IRSA instead",
                text=f"metadata:\n  annotations:\n    eks.amazonaws.com/role-arn: "
                f"{ground.role_arn(name)}",
            ),
        ),
        link="https://docs.aws.amazon.com/eks/latest/userguide/pod-identities.html",
    )


def roles_anywhere(why: str, owner: str, ground: Ground) -> Replacement:
    """Return how a machine outside of AWS gets a role with a certificate of its own."""
    name = role_name(owner)
    prefix = f"arn:{ground.partition}:rolesanywhere:{ground.region}:{ground.account}"
    process = (
        "credential_process = aws_signing_helper credential-process "
        "--certificate /etc/pki/machine.pem --private-key /etc/pki/machine.key "
        f"--trust-anchor-arn {prefix}:trust-anchor/ANCHOR-ID "
        f"--profile-arn {prefix}:profile/PROFILE-ID --role-arn {ground.role_arn(name)}"
    )
    trust = roles_anywhere_trust(
        partition=ground.partition, account=ground.account, region=ground.region
    )
    return Replacement(
        kind=ReplacementKind.ROLES_ANYWHERE,
        title="IAM Roles Anywhere with a certificate; OIDC where its platform signs tokens",
        why=why,
        snippets=(
            trust_file(trust),
            role_commands(
                name,
                "aws rolesanywhere create-trust-anchor --enabled --name machines --source "
                "'sourceType=CERTIFICATE_BUNDLE,sourceData={x509CertificateData=\"PEM-OF-YOUR-CA\"}'",
                f"aws rolesanywhere create-profile --enabled --name {name} "
                f"--role-arns {ground.role_arn(name)}",
            ),
            Snippet(title="~/.aws/config on the machine", text=f"[default]\n{process}"),
        ),
        link="https://docs.aws.amazon.com/rolesanywhere/latest/userguide/introduction.html",
    )
