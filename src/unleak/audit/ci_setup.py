"""Roles for build systems: they sign a token for each job, and STS takes it for credentials."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.audit.ground import role_commands, role_name, trust_file
from unleak.audit.trust import web_identity_trust
from unleak.model.holding import Replacement, ReplacementKind, Snippet

if TYPE_CHECKING:
    from unleak.audit.ground import Ground

_GITHUB = "token.actions.githubusercontent.com"
_GITLAB = "gitlab.com"
_TERRAFORM = "app.terraform.io"
_TERRAFORM_AUDIENCE = "aws.workload.identity"


def github(why: str, owner: str, ground: Ground) -> Replacement:
    """Return how a workflow of GitHub Actions gets a role.

    The audience of China differs, as the action's own documentation has it (untested).
    """
    name = role_name(owner)
    audience = "sts.amazonaws.com.cn" if ground.partition == "aws-cn" else "sts.amazonaws.com"
    trust = web_identity_trust(
        _GITHUB,
        audience=audience,
        subject="repo:OWNER/REPO:ref:refs/heads/main",
        partition=ground.partition,
        account=ground.account,
    )
    workflow = (
        "permissions:\n  id-token: write\n  contents: read\nsteps:\n"
        "  - uses: aws-actions/configure-aws-credentials@COMMIT-OF-A-RELEASE\n    with:\n"
        f"      role-to-assume: {ground.role_arn(name)}\n      aws-region: {ground.region}"
    )
    if ground.partition == "aws-cn":
        workflow += f"\n      audience: {audience}"
    return Replacement(
        kind=ReplacementKind.GITHUB,
        title="OIDC: GitHub signs a token for each job",
        why=why,
        snippets=(
            _provider(_GITHUB, audience),
            trust_file(trust),
            role_commands(name),
            Snippet(title="workflow", text=workflow),
        ),
        link=(
            "https://docs.github.com/en/actions/how-tos/secure-your-work/"
            "security-harden-deployments/oidc-in-aws"
        ),
    )


def gitlab(why: str, owner: str, ground: Ground) -> Replacement:
    """Return how a job of GitLab CI gets a role; an own server is its own issuer."""
    name = role_name(owner)
    audience = f"https://{_GITLAB}"
    trust = web_identity_trust(
        _GITLAB,
        audience=audience,
        subject="project_path:GROUP/PROJECT:ref_type:branch:ref:main",
        partition=ground.partition,
        account=ground.account,
    )
    job = (
        f"job:\n  id_tokens:\n    AWS_TOKEN:\n      aud: {audience}\n  variables:\n"
        f"    AWS_ROLE_ARN: {ground.role_arn(name)}\n"
        "    AWS_WEB_IDENTITY_TOKEN_FILE: /tmp/aws-token\n  before_script:\n"
        '    - (umask 077; printf %s "$AWS_TOKEN" > /tmp/aws-token)'
    )
    return Replacement(
        kind=ReplacementKind.GITLAB,
        title="OIDC: GitLab signs a token for each job",
        why=why,
        snippets=(
            _provider(_GITLAB, audience),
            trust_file(trust),
            role_commands(name),
            Snippet(title=".gitlab-ci.yml", text=job),
        ),
        link="https://docs.gitlab.com/ci/cloud_services/aws/",
    )


def terraform(why: str, owner: str, ground: Ground) -> Replacement:
    """Return how a run of HCP Terraform gets a role."""
    name = role_name(owner)
    trust = web_identity_trust(
        _TERRAFORM,
        audience=_TERRAFORM_AUDIENCE,
        subject="organization:ORG:project:PROJECT:workspace:WORKSPACE:run_phase:*",
        partition=ground.partition,
        account=ground.account,
    )
    variables = (
        f"TFC_AWS_PROVIDER_AUTH = true\nTFC_AWS_RUN_ROLE_ARN = {ground.role_arn(name)}\n"
        "(and take AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY out of the workspace)"
    )
    return Replacement(
        kind=ReplacementKind.TERRAFORM,
        title="OIDC of HCP Terraform; run elsewhere, the role of the machine or job that runs it",
        why=why,
        snippets=(
            _provider(_TERRAFORM, _TERRAFORM_AUDIENCE),
            trust_file(trust),
            role_commands(name),
            Snippet(title="environment variables of the workspace", text=variables),
        ),
        link=(
            "https://developer.hashicorp.com/terraform/cloud-docs/workspaces/"
            "dynamic-provider-credentials/aws-configuration"
        ),
    )


def _provider(issuer: str, audience: str) -> Snippet:
    text = (
        f"aws iam create-open-id-connect-provider --url https://{issuer} "
        f"--client-id-list {audience}"
    )
    return Snippet(title="once for the account", text=text)
