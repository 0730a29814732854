"""The trust policies that let a workload have a role, partition by partition.

Each names whom it trusts as narrowly as its kind allows; what is in capitals is to be filled in.
"""

from __future__ import annotations

import json
from typing import TypeAlias

Json: TypeAlias = "str | list[Json] | dict[str, Json]"

_CHINA = "aws-cn"


def service_trust(service: str, *, partition: str, account: str | None = None) -> str:
    """Return the policy that lets an AWS service hand a role to its workloads.

    Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    and https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html

    Args:
        service: `ec2`, `ecs-tasks` or `lambda`.
        partition: of the account; EC2 has a name of its own in China.
        account: where given, only resources of this account may have it.
    """
    suffix = "amazonaws.com.cn" if (service, partition) == ("ec2", _CHINA) else "amazonaws.com"
    statement: dict[str, Json] = {
        "Effect": "Allow",
        "Principal": {"Service": f"{service}.{suffix}"},
        "Action": "sts:AssumeRole",
    }
    if account is not None:
        statement["Condition"] = {"StringEquals": {"aws:SourceAccount": account}}
    return _policy(statement)


def pod_identity_trust() -> str:
    """Return the policy for EKS Pod Identity.

    Source: https://docs.aws.amazon.com/eks/latest/userguide/pod-id-association.html
    """
    return _policy(
        {
            "Effect": "Allow",
            "Principal": {"Service": "pods.eks.amazonaws.com"},
            "Action": ["sts:AssumeRole", "sts:TagSession"],
        }
    )


def web_identity_trust(
    issuer: str, *, audience: str, subject: str, partition: str, account: str
) -> str:
    """Return the policy for the tokens of an OpenID Connect provider.

    Both the audience and the subject are named: without the subject, anybody's job at that provider
    could have the role.
    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html

    Args:
        issuer: the provider without `https://`.
        audience: the token's `aud`.
        subject: the token's `sub`; a `*` in it makes it a pattern.
        partition: of the account.
        account: that holds the provider and the role.
    """
    conditions: dict[str, Json] = {"StringEquals": {f"{issuer}:aud": audience}}
    if "*" in subject:
        conditions["StringLike"] = {f"{issuer}:sub": subject}
    else:
        conditions["StringEquals"] = {f"{issuer}:aud": audience, f"{issuer}:sub": subject}
    return _policy(
        {
            "Effect": "Allow",
            "Principal": {"Federated": f"arn:{partition}:iam::{account}:oidc-provider/{issuer}"},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": conditions,
        }
    )


def roles_anywhere_trust(*, partition: str, account: str, region: str) -> str:
    """Return the policy for certificates of one trust anchor, one subject.

    Source: https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html
    """
    anchor = f"arn:{partition}:rolesanywhere:{region}:{account}:trust-anchor/ANCHOR-ID"
    return _policy(
        {
            "Effect": "Allow",
            "Principal": {"Service": "rolesanywhere.amazonaws.com"},
            "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
            "Condition": {
                "ArnEquals": {"aws:SourceArn": anchor},
                "StringEquals": {"aws:PrincipalTag/x509Subject/CN": "MACHINE-NAME"},
            },
        }
    )


def _policy(statement: dict[str, Json]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=2)
