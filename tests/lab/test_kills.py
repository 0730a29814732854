"""What each kill ends, and what it leaves alive."""

from __future__ import annotations

import pytest

from lab.cloud import ALLOW_ALL
from lab.lagging.cloud import LaggingCloud, Refusal, keys_in
from lab.lagging.hand import DENY_ALL, cut_off, deactivate, make_policy, put
from lab.wire import Keys


@pytest.fixture
def family(quick: LaggingCloud) -> tuple[LaggingCloud, Keys, Keys, Keys]:
    """A user's key, and the two kinds of session made with it."""
    bob = quick.make_user("bob")
    session, federated = quick.session_token(bob), quick.federation_token(bob, "fed")
    quick.clock.advance(2)
    for keys in (bob, session, federated):
        assert quick.is_alive(keys)
    return quick, bob, session, federated


def test_a_dead_key_leaves_its_sessions_alive(
    family: tuple[LaggingCloud, Keys, Keys, Keys],
) -> None:
    cloud, bob, session, federated = family

    deactivate(cloud, "bob", bob)

    assert [cloud.is_alive(keys) for keys in (bob, session, federated)] == [False, True, True]


def test_a_deleted_key_leaves_its_sessions_alive(
    family: tuple[LaggingCloud, Keys, Keys, Keys],
) -> None:
    cloud, bob, session, federated = family

    cloud.call(
        cloud.responder_keys,
        "iam",
        "DeleteAccessKey",
        UserName="bob",
        AccessKeyId=bob.access_key_id,
    )

    assert [cloud.is_alive(keys) for keys in (bob, session, federated)] == [False, True, True]


def test_a_time_deny_on_the_user_ends_its_sessions_and_spares_the_key(
    family: tuple[LaggingCloud, Keys, Keys, Keys],
) -> None:
    cloud, bob, session, federated = family

    cut_off(cloud, "user/bob")

    assert [cloud.is_alive(keys) for keys in (bob, session, federated)] == [True, False, False]
    cloud.clock.advance(1)
    assert cloud.is_alive(cloud.session_token(bob))


def test_a_deny_on_a_group_ends_all_of_a_member(
    family: tuple[LaggingCloud, Keys, Keys, Keys],
) -> None:
    cloud, *keys = family
    cloud.call(cloud.responder_keys, "iam", "CreateGroup", GroupName="quarantine")
    put(cloud, "group/quarantine", DENY_ALL)

    cloud.call(
        cloud.responder_keys, "iam", "AddUserToGroup", UserName="bob", GroupName="quarantine"
    )

    assert not any(cloud.is_alive(one) for one in keys)


def test_a_managed_deny_ends_all_of_a_user(
    family: tuple[LaggingCloud, Keys, Keys, Keys],
) -> None:
    cloud, *keys = family
    arn = make_policy(cloud, "cut", DENY_ALL)

    cloud.call(cloud.responder_keys, "iam", "AttachUserPolicy", UserName="bob", PolicyArn=arn)

    assert not any(cloud.is_alive(one) for one in keys)


def test_a_boundary_that_allows_nothing_ends_all_of_a_user(
    family: tuple[LaggingCloud, Keys, Keys, Keys],
) -> None:
    cloud, *keys = family
    arn = make_policy(cloud, "only-sns", ALLOW_ALL.replace('"*","Resource', '"sns:*","Resource'))

    cloud.call(
        cloud.responder_keys,
        "iam",
        "PutUserPermissionsBoundary",
        UserName="bob",
        PermissionsBoundary=arn,
    )

    assert not any(cloud.is_alive(one) for one in keys)
    assert cloud.is_alive(keys[0], service="sns")


def test_a_new_default_version_counts_at_once_and_the_old_one_no_more(quick: LaggingCloud) -> None:
    bob = quick.make_user("bob")
    arn = make_policy(quick, "shared", ALLOW_ALL)
    quick.call(quick.responder_keys, "iam", "AttachUserPolicy", UserName="bob", PolicyArn=arn)

    quick.call(
        quick.responder_keys,
        "iam",
        "CreatePolicyVersion",
        PolicyArn=arn,
        PolicyDocument=DENY_ALL,
        SetAsDefault=True,
    )

    assert not quick.is_alive(bob)
    quick.call(
        quick.responder_keys, "iam", "SetDefaultPolicyVersion", PolicyArn=arn, VersionId="v1"
    )
    assert quick.is_alive(bob)


def test_sessions_of_a_deleted_role_do_not_come_back_with_a_new_one(quick: LaggingCloud) -> None:
    quick.make_role("app")
    thief = quick.assume("app", "thief")
    for name in ("work",):
        quick.call(quick.responder_keys, "iam", "DeleteRolePolicy", RoleName="app", PolicyName=name)
    quick.call(quick.responder_keys, "iam", "DeleteRole", RoleName="app")
    assert not quick.is_alive(thief)

    quick.make_role("app")

    assert not quick.is_alive(thief)
    assert quick.is_alive(quick.assume("app", "worker"))


def test_a_federated_session_may_do_what_both_its_policy_and_the_user_allow(
    quick: LaggingCloud,
) -> None:
    bob = quick.make_user("bob")
    only_s3 = ALLOW_ALL.replace('"Action":"*"', '"Action":"s3:*"')
    bare = quick.call(bob, "sts", "GetFederationToken", Name="bare")
    narrow = quick.call(bob, "sts", "GetFederationToken", Name="narrow", Policy=only_s3)

    served = [quick.is_alive(keys_in(answer)) for answer in (bare, narrow)]

    assert served == [False, True]
    assert not quick.is_alive(keys_in(narrow), service="sqs")


def test_sessions_of_a_user_reach_neither_iam_nor_more_of_sts(quick: LaggingCloud) -> None:
    bob = quick.make_user("bob")
    session = quick.session_token(bob)

    with pytest.raises(Refusal, match="InvalidClientTokenId"):
        quick.call(session, "iam", "ListUsers")
    with pytest.raises(Refusal, match="AccessDenied"):
        quick.call(session, "sts", "GetFederationToken", Name="again")

    quick.make_role("app")
    arn = f"arn:aws:iam::{quick.account}:role/app"
    assert quick.call(session, "sts", "AssumeRole", RoleArn=arn, RoleSessionName="chained")
    assert quick.call(session, "sts", "GetCallerIdentity")["Account"] == quick.account


def test_who_am_i_is_told_under_any_deny_but_not_to_a_dead_key(quick: LaggingCloud) -> None:
    bob = quick.make_user("bob")
    put(quick, "user/bob", DENY_ALL)
    assert quick.call(bob, "sts", "GetCallerIdentity")["Account"] == quick.account

    deactivate(quick, "bob", bob)

    with pytest.raises(Refusal, match="InvalidClientTokenId"):
        quick.call(bob, "sts", "GetCallerIdentity")


def test_a_session_ends_at_its_time(quick: LaggingCloud) -> None:
    quick.make_role("app")
    thief = quick.assume("app", "thief")

    quick.clock.advance(3600)

    with pytest.raises(Refusal, match="ExpiredToken"):
        quick.call(thief, "s3", "ListBuckets")


def test_a_session_key_needs_its_own_token_and_secret(quick: LaggingCloud) -> None:
    quick.make_role("app")
    thief = quick.assume("app", "thief")
    tokenless = Keys(access_key_id=thief.access_key_id, secret=thief.secret)
    guessed = Keys(access_key_id=thief.access_key_id, secret="guess", token=thief.token)

    with pytest.raises(Refusal, match="InvalidToken"):
        quick.call(tokenless, "s3", "ListBuckets")
    with pytest.raises(Refusal, match="SignatureDoesNotMatch"):
        quick.call(guessed, "s3", "ListBuckets")


def test_a_stranger_gets_in_where_the_trust_policy_names_its_account(quick: LaggingCloud) -> None:
    trust = (
        '{"Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::999999999999:root"},'
        '"Action":"sts:AssumeRole"}]}'
    )
    open_role, closed = quick.make_role("open", trust=trust), quick.make_role("closed")

    minted = keys_in(
        quick.call(
            quick.outsider_keys, "sts", "AssumeRole", RoleArn=open_role, RoleSessionName="out"
        )
    )

    assert quick.is_alive(minted)
    with pytest.raises(Refusal, match="AccessDenied"):
        quick.call(quick.outsider_keys, "sts", "AssumeRole", RoleArn=closed, RoleSessionName="out")
