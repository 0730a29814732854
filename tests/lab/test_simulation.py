"""The simulator judges what the control plane has: no lag, but conditions and boundaries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.cloud import ALLOW_ALL
from lab.lagging.hand import cut_off, deny_if, make_policy, put
from lab.wire import Answer

if TYPE_CHECKING:
    from lab.lagging.cloud import LaggingCloud


def simulate(cloud: LaggingCloud, arn: str, action: str, *, issued: str | None = None) -> Answer:
    """Simulate one action, as a session issued at a time where given."""
    entry = {
        "ContextKeyName": "aws:TokenIssueTime",
        "ContextKeyType": "date",
        "ContextKeyValues": [issued],
    }
    answer = cloud.call(
        cloud.responder_keys,
        "iam",
        "SimulatePrincipalPolicy",
        PolicySourceArn=arn,
        ActionNames=[action],
        ContextEntries=[entry] if issued else [],
    )
    return Answer(answer).rows("EvaluationResults")[0]


def test_a_cut_off_is_simulated_before_it_bites_and_names_its_policy(cloud: LaggingCloud) -> None:
    arn = cloud.make_role("app")
    cloud.clock.advance(10)

    cut_off(cloud, "role/app")

    old = simulate(cloud, arn, "s3:GetObject", issued="2026-11-24T07:00:00Z")
    new = simulate(cloud, arn, "s3:GetObject", issued="2026-11-24T07:01:00Z")
    bare = simulate(cloud, arn, "s3:GetObject")
    decisions = [one.text("EvalDecision") for one in (old, new, bare)]
    assert decisions == ["explicitDeny", "allowed", "allowed"]
    matched = [row.text("SourcePolicyId") for row in old.rows("MatchedStatements")]
    assert matched == ["cut"]


def test_a_boundary_has_to_allow_too(quick: LaggingCloud) -> None:
    arn = quick.make_role("app")
    only_s3 = make_policy(quick, "only-s3", ALLOW_ALL.replace('"Action":"*"', '"Action":"s3:*"'))
    quick.call(
        quick.responder_keys,
        "iam",
        "PutRolePermissionsBoundary",
        RoleName="app",
        PermissionsBoundary=only_s3,
    )

    decisions = [
        simulate(quick, arn, action).text("EvalDecision")
        for action in ("s3:GetObject", "iam:PutRolePolicy")
    ]

    assert decisions == ["allowed", "implicitDeny"]


def test_what_no_policy_names_is_denied_implicitly(quick: LaggingCloud) -> None:
    quick.make_user("bob", policy=deny_if("StringEquals", "aws:userid", "nobody"))
    arn = f"arn:aws:iam::{quick.account}:user/bob"

    found = simulate(quick, arn, "s3:GetObject")

    assert found.text("EvalDecision") == "implicitDeny"
    assert found.rows("MatchedStatements") == ()


def test_groups_count_for_a_user(quick: LaggingCloud) -> None:
    quick.make_user("bob")
    quick.call(quick.responder_keys, "iam", "CreateGroup", GroupName="team")
    put(quick, "group/team", deny_if("Null", "aws:username", "true"))
    quick.call(quick.responder_keys, "iam", "AddUserToGroup", UserName="bob", GroupName="team")
    arn = f"arn:aws:iam::{quick.account}:user/bob"

    found = simulate(quick, arn, "s3:GetObject")

    assert found.text("EvalDecision") == "explicitDeny"
