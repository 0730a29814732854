"""The templates grant what the code needs, forward what it reads, and name what it is."""

from __future__ import annotations

import json
import re
import string
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from deploy.generate import files
from deploy.lambda_zip import PYTHON
from deploy.patterns import PATTERNS
from deploy.policies import member_statements, responder_statements
from unleak.report.permissions import policy_for

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
INLINE_LIMIT = 10_240
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: characters of all
inline policies of a role, without white space."""


def actions(statements: list[dict[str, object]], *, on_everything: bool) -> set[str]:
    found: set[str] = set()
    for each in statements:
        named = each["Action"]
        if isinstance(named, list) and (each["Resource"] == "*") is on_everything:
            found |= set(named)
    return found


def text(*parts: str) -> str:
    return DEPLOY.joinpath(*parts).read_text(encoding="utf-8")


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(DEPLOY)))
def test_what_the_code_knows_is_written_down_as_it_is_now(path: Path) -> None:
    wanted = files()[path]

    assert path.read_text(encoding="utf-8") == wanted, "run `make deploy-files`"


def test_the_responder_may_on_everything_only_what_responding_needs() -> None:
    granted = actions(responder_statements(), on_everything=True)

    statements = policy_for("respond")["Statement"]
    needed = {name for each in statements if isinstance(each, dict) for name in each["Action"]}
    assert granted <= needed
    assert {"iam:PutRolePolicy", "iam:UpdateAccessKey"} <= granted
    assert not {each for each in granted if each.startswith("organizations:")}


def test_whatever_is_not_for_containment_has_its_resource_named() -> None:
    services = {each.split(":")[0] for each in actions(responder_statements(), on_everything=False)}

    assert services == {
        *("dynamodb", "kms", "lambda", "organizations", "secretsmanager"),
        *("ses", "sns", "sqs", "ssm", "sts"),
    }


@pytest.mark.parametrize("statements", [responder_statements(), member_statements()])
def test_the_policies_fit_into_a_role(statements: list[dict[str, object]]) -> None:
    packed = json.dumps({"Version": "2012-10-17", "Statement": statements}, separators=(",", ":"))

    assert len(packed) < INLINE_LIMIT - 1_000


def test_the_role_of_a_member_may_no_more_than_is_used_there() -> None:
    granted = actions(member_statements(), on_everything=True)

    assert "iam:PutRolePolicy" in granted
    assert not granted & {"*", "iam:*", "iam:CreateUser", "iam:CreateAccessKey", "iam:PassRole"}


def test_both_ways_to_deploy_make_the_same_function() -> None:
    sam, terraform = text("sam", "template.yaml"), text("terraform", "function.tf")

    for variable in ("UNLEAK_POLICY", "UNLEAK_TABLE", "UNLEAK_MEMBER_ROLE", "UNLEAK_URL"):
        assert re.search(rf"^ *{variable}: ", sam, re.MULTILINE)
        assert re.search(rf"^ *{variable} += ", terraform, re.MULTILINE)
    for word in (f"python{PYTHON}", "unleak.lambda_handler", "unleak-responder", "900"):
        assert word in sam
        assert word in terraform


def test_members_trust_the_role_that_the_responder_has() -> None:
    trust = text("members", "template.yaml")

    assert "RoleName: unleak-responder" in text("sam", "template.yaml")
    assert 'name                 = "unleak-responder"' in text("terraform", "role.tf")
    assert "aws:PrincipalArn: !Sub" in trust
    assert ":iam::${ResponderAccount}:role/unleak-responder" in trust
    assert "aws:PrincipalOrgID: !Ref OrganizationId" in trust


def test_terraform_fills_every_gap_of_the_policy_in() -> None:
    policy = string.Template(text("terraform", "responder-policy.json.tftpl"))
    role = text("terraform", "role.tf")

    gaps = policy.get_identifiers()

    assert gaps
    assert [gap for gap in gaps if not re.search(rf"^    {gap} += ", role, re.MULTILINE)] == []
    json.loads(policy.substitute(dict.fromkeys(gaps, "x")))


def test_no_template_holds_what_looks_like_a_credential() -> None:
    named = [
        path for path in DEPLOY.rglob("*") if path.suffix in {".yaml", ".tf", ".json", ".tftpl"}
    ]

    found = [
        path for path in named if re.search(r"A(?:KI|SI)A[A-Z2-7]{16}", path.read_text("utf-8"))
    ]

    assert len(named) > 10
    assert found == []


def leaves(pattern: object) -> Iterator[object]:
    if isinstance(pattern, Mapping):
        for each in pattern.values():
            yield from leaves(each)
    elif isinstance(pattern, list):
        yield from pattern
    else:
        yield pattern


@pytest.mark.parametrize("name", PATTERNS)
def test_a_pattern_lists_what_it_wants_and_wants_awss_own_events(name: str) -> None:
    pattern = PATTERNS[name]

    (source,) = leaves(pattern["source"])
    assert str(source).startswith("aws.")
    assert list(leaves(pattern["detail"]))
