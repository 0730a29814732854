"""IAM's own words: what it lists, what it refuses, and how it says so."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from lab.cloud import ALLOW_ALL
from lab.lagging.cloud import LaggingCloud, Refusal
from lab.lagging.hand import DENY_ALL, deny_if, make_policy, put
from lab.lagging.ids import account_of
from lab.wire import REGION, Answer, Keys

if TYPE_CHECKING:
    from collections.abc import Callable


def iam(cloud: LaggingCloud, operation: str, keys: Keys | None = None, **more: object) -> Answer:
    """Make one call of IAM, by the responder unless told otherwise."""
    return Answer(cloud.call(keys or cloud.responder_keys, "iam", operation, REGION, **more))


def many_keys(cloud: LaggingCloud) -> None:
    for _ in range(2):
        iam(cloud, "CreateAccessKey", UserName="bob")


def many_attachments(cloud: LaggingCloud) -> None:
    for number in range(11):
        arn = make_policy(cloud, f"p{number}", DENY_ALL)
        iam(cloud, "AttachUserPolicy", UserName="bob", PolicyArn=arn)


def many_versions(cloud: LaggingCloud) -> None:
    arn = make_policy(cloud, "versions", DENY_ALL)
    for _ in range(5):
        iam(cloud, "CreatePolicyVersion", PolicyArn=arn, PolicyDocument=DENY_ALL)


def long_inline(cloud: LaggingCloud) -> None:
    put(cloud, "user/bob", deny_if("StringEquals", "aws:userid", "x" * 2000))


def twice(cloud: LaggingCloud) -> None:
    iam(cloud, "CreateUser", UserName="bob")


def unknown(cloud: LaggingCloud) -> None:
    iam(cloud, "GetUser", UserName="nobody")


def occupied(cloud: LaggingCloud) -> None:
    iam(cloud, "DeleteUser", UserName="bob")


def used_policy(cloud: LaggingCloud) -> None:
    arn = make_policy(cloud, "used", DENY_ALL)
    iam(cloud, "AttachUserPolicy", UserName="bob", PolicyArn=arn)
    iam(cloud, "DeletePolicy", PolicyArn=arn)


def protected(cloud: LaggingCloud) -> None:
    iam(cloud, "CreateServiceLinkedRole", AWSServiceName="autoscaling.amazonaws.com")
    put(cloud, "role/AWSServiceRoleForAutoscaling", DENY_ALL)


def no_policy(cloud: LaggingCloud) -> None:
    put(cloud, "user/bob", "{]")


@pytest.mark.parametrize(
    ("attempt", "code", "status"),
    [
        (many_keys, "LimitExceeded", 409),
        (many_attachments, "LimitExceeded", 409),
        (many_versions, "LimitExceeded", 409),
        (long_inline, "LimitExceeded", 409),
        (twice, "EntityAlreadyExists", 409),
        (unknown, "NoSuchEntity", 404),
        (occupied, "DeleteConflict", 409),
        (used_policy, "DeleteConflict", 409),
        (protected, "UnmodifiableEntity", 400),
        (no_policy, "MalformedPolicyDocument", 400),
    ],
)
def test_a_refusal_has_awss_code(
    quick: LaggingCloud, attempt: Callable[[LaggingCloud], None], code: str, status: int
) -> None:
    quick.make_user("bob")

    with pytest.raises(Refusal) as caught:
        attempt(quick)

    assert (caught.value.code, caught.value.status) == (code, status)


def test_a_missing_policy_and_a_missing_holder_are_told_apart(quick: LaggingCloud) -> None:
    quick.make_role("app")

    with pytest.raises(Refusal, match="The role policy with name nope cannot be found"):
        iam(quick, "GetRolePolicy", RoleName="app", PolicyName="nope")
    with pytest.raises(Refusal, match="The role with name nobody cannot be found"):
        iam(quick, "GetRolePolicy", RoleName="nobody", PolicyName="nope")


def test_the_sentence_of_a_denial_tells_what_was_missing(quick: LaggingCloud) -> None:
    bob = quick.make_user("bob", policy=ALLOW_ALL.replace('"Action":"*"', '"Action":"s3:*"'))

    with pytest.raises(Refusal) as caught:
        iam(quick, "CreateUser", bob, UserName="eve")

    number = quick.account
    assert caught.value.message == (
        f"User: arn:aws:iam::{number}:user/bob is not authorized to perform: iam:CreateUser "
        f"on resource: arn:aws:iam::{number}:user/eve "
        "because no identity-based policy allows the iam:CreateUser action"
    )


def test_key_ids_carry_the_account(quick: LaggingCloud) -> None:
    bob = quick.make_user("bob")

    assert account_of(bob.access_key_id) == quick.account
    assert account_of(quick.session_token(bob).access_key_id) == quick.account
    assert account_of(quick.org_admin_keys.access_key_id) != quick.account


def test_the_authorization_details_hold_all_and_its_age(quick: LaggingCloud) -> None:
    quick.make_role("old", days_old=90)
    bob = quick.make_user("bob")
    quick.clock.advance(60)
    iam(quick, "CreateUser", bob, UserName="eve")
    arn = make_policy(quick, "local", DENY_ALL)
    iam(quick, "AttachRolePolicy", RoleName="old", PolicyArn=arn)

    found = iam(quick, "GetAccountAuthorizationDetails")

    users = {row.text("UserName"): row for row in found.rows("UserDetailList")}
    (role,) = found.rows("RoleDetailList")
    now = quick.clock.now()
    assert users["eve"].value("CreateDate") == now
    assert users["bob"].value("CreateDate") == now - timedelta(days=30, seconds=60)
    assert role.value("CreateDate") == now - timedelta(days=90, seconds=60)
    assert role.rows("AttachedManagedPolicies")[0].text("PolicyArn") == arn
    assert role.rows("RolePolicyList")[0].text("PolicyName") == "work"
    assert found.rows("Policies")[0].rows("PolicyVersionList")[0].text("VersionId") == "v1"


def test_last_uses_are_noted(quick: LaggingCloud) -> None:
    bob = quick.make_user("bob")
    before = iam(quick, "GetAccessKeyLastUsed", AccessKeyId=bob.access_key_id)
    quick.call(bob, "sqs", "ListQueues", region="eu-west-1")

    after = iam(quick, "GetAccessKeyLastUsed", AccessKeyId=bob.access_key_id)

    assert before.text("AccessKeyLastUsed", "ServiceName") == "N/A"
    assert after.text("AccessKeyLastUsed", "ServiceName") == "sqs"
    assert after.text("AccessKeyLastUsed", "Region") == "eu-west-1"


def test_passwords_providers_and_users_of_a_policy_are_listed(quick: LaggingCloud) -> None:
    quick.make_user("bob")
    arn = make_policy(quick, "local", DENY_ALL)
    iam(quick, "CreateLoginProfile", UserName="bob", Password="x")
    iam(quick, "CreateOpenIDConnectProvider", Url="https://evil.example.com")
    iam(quick, "CreateSAMLProvider", Name="evil", SAMLMetadataDocument="<x/>")
    iam(quick, "AttachUserPolicy", UserName="bob", PolicyArn=arn)

    oidc = iam(quick, "ListOpenIDConnectProviders").rows("OpenIDConnectProviderList")
    saml = iam(quick, "ListSAMLProviders").rows("SAMLProviderList")
    users = iam(quick, "ListEntitiesForPolicy", PolicyArn=arn).rows("PolicyUsers")

    assert iam(quick, "GetLoginProfile", UserName="bob").text("LoginProfile", "UserName") == "bob"
    assert oidc[0].text("Arn").endswith("oidc-provider/evil.example.com")
    assert saml[0].text("Arn").endswith("saml-provider/evil")
    assert [row.text("UserName") for row in users] == ["bob"]


def test_every_call_is_written_down_served_or_not(quick: LaggingCloud) -> None:
    bob = quick.make_user("bob", policy='{"Statement":[]}')
    quick.calls.clear()

    quick.call(bob, "sts", "GetCallerIdentity")
    with pytest.raises(Refusal):
        quick.call(bob, "s3", "ListBuckets", region="eu-west-1")
    assert not quick.is_alive(bob)

    told = [(call.action, call.region, call.allowed) for call in quick.calls]
    assert told == [
        ("sts:GetCallerIdentity", "us-east-1", True),
        ("s3:ListAllMyBuckets", "eu-west-1", False),
    ]
    assert quick.calls[1].principal == f"arn:aws:iam::{quick.account}:user/bob"
