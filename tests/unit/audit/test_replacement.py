"""Which temporary credential fits how a long-lived one is used."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from fakes.cloud import START
from fakes.holdings import called, callers, key, used
from unleak.audit.ground import Ground, role_name
from unleak.audit.rank import Context, judge
from unleak.audit.replacement import replacements
from unleak.model.holding import HoldingKind, HoldingState, ReplacementKind
from unleak.model.plan import Grip
from unleak.model.reading import Absent
from unleak.model.register import Place

if TYPE_CHECKING:
    from unleak.model.holding import Holding, Replacement
    from unleak.model.reference import KeyUsers

GROUND = Ground(partition="aws", account="123456789012", region="eu-west-1")
CLI = "aws-cli/2.31.0 md/awscrt#0.27 ua/2.1"


def instead(
    holding: Holding,
    users: KeyUsers | None = None,
    *,
    ground: Ground = GROUND,
    places: dict[str, Place] | None = None,
) -> tuple[Replacement, ...]:
    finding = judge(holding, Context(now=START, power=Grip.NO, users=users))
    return replacements(finding, ground, places or {})


def kinds(found: tuple[Replacement, ...]) -> list[ReplacementKind]:
    return [each.kind for each in found]


@pytest.mark.parametrize(
    ("agent", "kind"),
    [
        ("Boto3/1.40 exec-env/AWS_Lambda_python3.12", ReplacementKind.EXECUTION_ROLE),
        ("aws-sdk-go-v2/1.3 exec-env/AWS_ECS_FARGATE", ReplacementKind.TASK_ROLE),
        ("Boto3/1.40 exec-env/EC2", ReplacementKind.INSTANCE_PROFILE),
        ("configure-aws-credentials-for-github-actions", ReplacementKind.GITHUB),
        (f"{CLI} os/linux#6.11.0-1018-azure", ReplacementKind.GITHUB),
        ("gitlab-runner 18.1", ReplacementKind.GITLAB),
        ("aws-sdk-go/1.4 cluster-autoscaler/1.31", ReplacementKind.EKS),
        ("APN/1.0 HashiCorp/1.0 Terraform/1.13.0", ReplacementKind.TERRAFORM),
        (f"{CLI} os/macos#25.0", ReplacementKind.IDENTITY_CENTER),
        ("console.amazonaws.com", ReplacementKind.IDENTITY_CENTER),
        ("Boto3/1.40 os/linux#6.1.0", ReplacementKind.ROLES_ANYWHERE),
    ],
)
def test_the_user_agent_tells_what_fits(agent: str, kind: ReplacementKind) -> None:
    found = instead(key(), callers(called(agent)))

    assert kinds(found) == [kind]


@pytest.mark.parametrize(
    ("place", "kind"),
    [
        ("instance", ReplacementKind.INSTANCE_PROFILE),
        ("ecs-task", ReplacementKind.TASK_ROLE),
        ("lambda", ReplacementKind.EXECUTION_ROLE),
        ("nat-gateway", ReplacementKind.INSTANCE_PROFILE),
    ],
)
def test_an_address_of_the_account_tells_what_fits(place: str, kind: ReplacementKind) -> None:
    here = Place(address="198.51.100.7", kind=place, name="i-1", region="eu-west-1")

    found = instead(key(), callers(called(CLI)), places={here.address: here})

    assert kinds(found) == [kind]
    assert "198.51.100.7" in found[0].why


def test_the_busiest_caller_stands_first() -> None:
    users = callers(called(f"{CLI} os/macos#25", events=2), called("Terraform/1.13", events=40))

    assert kinds(instead(key(), users)) == [
        ReplacementKind.TERRAFORM,
        ReplacementKind.IDENTITY_CENTER,
    ]


def test_calls_of_aws_itself_say_nothing_about_the_caller() -> None:
    users = callers(called("cloudformation.amazonaws.com", source="cloudformation.amazonaws.com"))

    assert kinds(instead(key(), users)) == [ReplacementKind.ASK]


def test_mail_is_known_by_the_last_use_alone() -> None:
    found = instead(key(last=used(1, service="ses")))

    assert kinds(found) == [ReplacementKind.SES]
    assert "stops that mail" in found[0].why


def test_nobody_asked_is_said() -> None:
    found = instead(key())

    assert kinds(found) == [ReplacementKind.ASK]
    assert "--who" in found[0].why


def test_what_nobody_uses_needs_no_replacement() -> None:
    assert kinds(instead(key(last=Absent()))) == [ReplacementKind.DELETE]
    assert kinds(instead(key(state=HoldingState.INACTIVE))) == [ReplacementKind.DELETE]


@pytest.mark.parametrize(
    ("kind", "service", "fits"),
    [
        (HoldingKind.PASSWORD, None, ReplacementKind.IDENTITY_CENTER),
        (HoldingKind.SSH_KEY, None, ReplacementKind.CODECOMMIT),
        (HoldingKind.CERTIFICATE, None, ReplacementKind.DELETE),
        (HoldingKind.SERVICE_KEY, "bedrock.amazonaws.com", ReplacementKind.BEDROCK),
        (HoldingKind.SERVICE_KEY, "codecommit.amazonaws.com", ReplacementKind.CODECOMMIT),
        (HoldingKind.SERVICE_KEY, "cassandra.amazonaws.com", ReplacementKind.SIGNED_REQUESTS),
        (HoldingKind.SERVICE_KEY, "logs.amazonaws.com", ReplacementKind.SIGNED_REQUESTS),
    ],
)
def test_other_kinds_have_their_own(
    kind: HoldingKind, service: str | None, fits: ReplacementKind
) -> None:
    holding = replace(key(), kind=kind, service=service, has_mfa=True)

    assert kinds(instead(holding)) == [fits]


def test_root_is_advised_to_have_nothing() -> None:
    root = replace(key(owner="root"), is_root=True, id=None)

    assert kinds(instead(root)) == [ReplacementKind.ROOT]


AGENTS = (
    "exec-env/AWS_Lambda_python3.12",
    "exec-env/AWS_ECS_FARGATE",
    "exec-env/EC2",
    "github-actions",
    "gitlab",
    "karpenter",
    "terraform",
    "Boto3/1.40 os/linux",
)


@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov"])
@pytest.mark.parametrize("agent", AGENTS)
def test_every_trust_policy_is_json_of_the_right_partition(partition: str, agent: str) -> None:
    ground = replace(GROUND, partition=partition)

    (found,) = instead(key(), callers(called(agent)), ground=ground)

    texts = [each.text for each in found.snippets]
    policies = [json.loads(text) for text in texts if text.startswith('{\n  "Version"')]
    assert policies
    everything = "\n".join(texts)
    assert everything.count("arn:aws") == everything.count(f"arn:{partition}:")


def trusted(found: Replacement) -> dict[str, object]:
    text = next(each.text for each in found.snippets if each.title == "trust.json")
    statement: dict[str, object] = json.loads(text)["Statement"][0]
    return statement


def test_github_is_trusted_for_one_repository_and_branch_alone() -> None:
    (found,) = instead(key(), callers(called("github-actions")))

    assert trusted(found) == {
        "Effect": "Allow",
        "Principal": {
            "Federated": (
                "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
            )
        },
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {
            "StringEquals": {
                "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
                "token.actions.githubusercontent.com:sub": "repo:OWNER/REPO:ref:refs/heads/main",
            }
        },
    }


def test_a_pattern_of_subjects_is_compared_as_one() -> None:
    (found,) = instead(key(), callers(called("terraform")))

    assert trusted(found)["Condition"] == {
        "StringEquals": {"app.terraform.io:aud": "aws.workload.identity"},
        "StringLike": {
            "app.terraform.io:sub": (
                "organization:ORG:project:PROJECT:workspace:WORKSPACE:run_phase:*"
            )
        },
    }


def test_ec2_has_a_name_of_its_own_in_china() -> None:
    ground = replace(GROUND, partition="aws-cn", region="cn-north-1")

    (found,) = instead(key(), callers(called("exec-env/EC2")), ground=ground)

    assert trusted(found)["Principal"] == {"Service": "ec2.amazonaws.com.cn"}


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        ("ci", "ci-role"),
        ("=cmd@x", "cmd-x-role"),
        ("a" * 64, f"{'a' * 50}-role"),
        ("@", "workload-role"),
    ],
)
def test_the_name_of_the_role_is_safe_in_a_shell(owner: str, name: str) -> None:
    assert role_name(owner) == name
