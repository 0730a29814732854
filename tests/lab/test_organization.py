"""Service control policies: whom they bind, when, and what Organizations says no to."""

from __future__ import annotations

import pytest

from lab.cloud import compact
from lab.lagging.cloud import LaggingCloud, Refusal
from lab.lagging.founding import MANAGEMENT
from lab.lagging.hand import DENY_ALL, deny_if


def deny(
    cloud: LaggingCloud, document: str, *, target: str | None = None, name: str = "cut"
) -> str:
    """Create a service control policy, attach it and return its id."""
    made = cloud.call(
        cloud.org_admin_keys,
        "organizations",
        "CreatePolicy",
        Name=name,
        Description="made by a test",
        Type="SERVICE_CONTROL_POLICY",
        Content=document,
    )["Policy"]
    assert isinstance(made, dict)
    policy_id = str(made["PolicySummary"]["Id"])
    attach(cloud, policy_id, target or cloud.account)
    return policy_id


def attach(cloud: LaggingCloud, policy_id: str, target: str) -> None:
    """Attach a service control policy."""
    parameters = {"PolicyId": policy_id, "TargetId": target}
    cloud.call(cloud.org_admin_keys, "organizations", "AttachPolicy", **parameters)


def test_a_control_policy_binds_users_roles_and_root_of_the_member(quick: LaggingCloud) -> None:
    bob = quick.make_user("bob")
    quick.make_role("app")
    keys = [bob, quick.assume("app", "thief"), quick.federation_token(bob, "fed"), quick.admin_keys]
    assert all(quick.is_alive(one) for one in keys)

    deny(quick, DENY_ALL)

    assert not any(quick.is_alive(one) for one in keys)


def test_a_control_policy_bites_only_when_the_lag_has_passed(cloud: LaggingCloud) -> None:
    bob = cloud.make_user("bob")

    deny(cloud, DENY_ALL)

    assert cloud.is_alive(bob)
    cloud.clock.advance(4)
    assert not cloud.is_alive(bob)


def test_it_does_not_bind_the_management_account_nor_strangers(quick: LaggingCloud) -> None:
    deny(quick, DENY_ALL, target="r-lab0")
    deny(quick, DENY_ALL, target=MANAGEMENT, name="cut-management")

    assert quick.is_alive(quick.org_admin_keys)
    assert quick.is_alive(quick.outsider_keys)
    assert not quick.is_alive(quick.responder_keys)


def test_a_user_arn_misses_federated_sessions_and_their_own_arn_hits_them(
    quick: LaggingCloud,
) -> None:
    bob = quick.make_user("bob")
    session, federated = quick.session_token(bob), quick.federation_token(bob, "fed")
    user_arn = f"arn:aws:iam::{quick.account}:user/bob"

    deny(quick, deny_if("ArnEquals", "aws:PrincipalArn", user_arn))
    assert [quick.is_alive(one) for one in (bob, session, federated)] == [False, False, True]
    fed_arn = f"arn:aws:sts::{quick.account}:federated-user/*"
    deny(quick, deny_if("ArnLike", "aws:PrincipalArn", fed_arn), name="cut-federated")

    assert not quick.is_alive(federated)
    assert quick.is_alive(quick.responder_keys)


def test_the_refusal_names_the_control_policy(quick: LaggingCloud) -> None:
    bob = quick.make_user("bob")
    deny(quick, DENY_ALL)

    with pytest.raises(Refusal, match="with an explicit deny in a service control policy"):
        quick.call(bob, "iam", "ListUsers")


def test_detaching_lets_the_member_live_again(quick: LaggingCloud) -> None:
    bob = quick.make_user("bob")
    policy_id = deny(quick, DENY_ALL)
    parameters = {"PolicyId": policy_id, "TargetId": quick.account}

    with pytest.raises(Refusal, match="PolicyInUseException"):
        quick.call(quick.org_admin_keys, "organizations", "DeletePolicy", PolicyId=policy_id)
    quick.call(quick.org_admin_keys, "organizations", "DetachPolicy", **parameters)

    assert quick.is_alive(bob)
    quick.call(quick.org_admin_keys, "organizations", "DeletePolicy", PolicyId=policy_id)


def test_five_policies_fit_on_a_target_and_5120_characters_into_one(quick: LaggingCloud) -> None:
    harmless = deny_if("StringEquals", "aws:userid", "nobody")
    for number in range(4):
        deny(quick, harmless, name=f"n{number}")

    with pytest.raises(Refusal, match="ATTACHMENT_LIMIT"):
        deny(quick, harmless, name="one-too-many")
    with pytest.raises(Refusal, match="CONTENT_LIMIT"):
        deny(quick, deny_if("StringEquals", "aws:userid", "x" * 5200), name="long")
    with pytest.raises(Refusal, match="DuplicatePolicyException"):
        deny(quick, harmless, name="n1")


def test_members_may_ask_which_organization_it_is_but_not_manage_it(quick: LaggingCloud) -> None:
    found = quick.call(quick.responder_keys, "organizations", "DescribeOrganization")

    assert isinstance(found["Organization"], dict)
    assert found["Organization"]["MasterAccountId"] == MANAGEMENT
    with pytest.raises(Refusal, match="AccessDeniedException"):
        quick.call(quick.responder_keys, "organizations", "ListRoots")
    with pytest.raises(Refusal, match="AWSOrganizationsNotInUseException"):
        quick.call(quick.outsider_keys, "organizations", "DescribeOrganization")


def test_a_delegated_administrator_may_manage_it(quick: LaggingCloud) -> None:
    quick.delegate_to(quick.account)

    found = quick.call(quick.responder_keys, "organizations", "ListRoots")

    assert found["Roots"]


def test_an_allow_list_lets_through_only_what_it_names(quick: LaggingCloud) -> None:
    only_sns = compact({"Statement": [{"Effect": "Allow", "Action": "sns:*", "Resource": "*"}]})
    bob = quick.make_user("bob")
    deny(quick, only_sns)
    full = {"PolicyId": "p-FullAWSAccess", "TargetId": quick.account}

    quick.call(quick.org_admin_keys, "organizations", "DetachPolicy", **full)

    assert not quick.is_alive(bob)
    assert quick.is_alive(bob, service="sns")
