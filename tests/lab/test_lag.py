"""A write is read at once and bites later, region by region, in order."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.lagging.cloud import Lag, LaggingCloud, Refusal, keys_in
from lab.lagging.control import ALPHA
from lab.lagging.hand import DENY_ALL, cut_off, put

if TYPE_CHECKING:
    from lab.wire import Keys


def test_a_deny_is_readable_at_once_and_bites_when_the_lag_has_passed(cloud: LaggingCloud) -> None:
    cloud.make_role("app")
    thief = cloud.assume("app", "thief")
    cloud.clock.advance(1)

    cut_off(cloud, "role/app")

    listed = cloud.call(cloud.responder_keys, "iam", "ListRolePolicies", RoleName="app")
    assert listed["PolicyNames"] == ["work", "cut"]
    cloud.clock.advance(3.99)
    assert cloud.is_alive(thief)
    cloud.clock.advance(0.01)
    assert not cloud.is_alive(thief)


def test_regions_follow_each_at_its_own_time() -> None:
    cloud = LaggingCloud(lag=Lag(seconds=4, per_region={"eu-west-1": 9}))
    cloud.make_role("app")
    thief = cloud.assume("app", "thief")
    put(cloud, "role/app", DENY_ALL)

    cloud.clock.advance(4)

    assert not cloud.is_alive(thief, region="us-west-2")
    assert cloud.is_alive(thief, region="eu-west-1")
    cloud.clock.advance(5)
    assert not cloud.is_alive(thief, region="eu-west-1")


def test_iam_itself_is_decided_late_so_a_thief_may_take_the_deny_away(cloud: LaggingCloud) -> None:
    cloud.make_role("app")
    thief = cloud.assume("app", "thief")
    put(cloud, "role/app", DENY_ALL)
    cloud.clock.advance(0.5)

    cloud.call(thief, "iam", "DeleteRolePolicy", RoleName="app", PolicyName="cut")

    cloud.clock.advance(4)
    assert cloud.is_alive(thief)


def test_iam_is_decided_in_the_first_region_wherever_it_is_asked() -> None:
    cloud = LaggingCloud(lag=Lag(seconds=1, per_region={"eu-west-1": 60}))
    bob = cloud.make_user("bob")
    put(cloud, "user/bob", DENY_ALL)

    cloud.clock.advance(2)

    assert not cloud.may(bob, "iam:CreateUser", region="eu-west-1")
    assert cloud.may(bob, "s3:GetObject", region="eu-west-1")


def test_a_new_key_works_only_when_the_lag_has_passed(cloud: LaggingCloud) -> None:
    bob = cloud.make_user("bob")

    new = keys_in(cloud.call(bob, "iam", "CreateAccessKey", UserName="bob"))

    assert not cloud.is_alive(new)
    cloud.clock.advance(4)
    assert cloud.is_alive(new)


def test_a_new_role_can_be_assumed_only_when_the_lag_has_passed(cloud: LaggingCloud) -> None:
    bob = cloud.make_user("bob")
    trust = trust_of(cloud)
    cloud.call(bob, "iam", "CreateRole", RoleName="new", AssumeRolePolicyDocument=trust)

    with pytest.raises(Refusal, match="AccessDenied"):
        assume(cloud, bob, "new")

    cloud.clock.advance(4)
    assert assume(cloud, bob, "new").access_key_id.startswith("ASIA")


def test_a_trust_policy_lets_in_until_its_change_has_arrived(cloud: LaggingCloud) -> None:
    cloud.make_role("app")
    bob = cloud.make_user("bob")
    closed = trust_of(cloud).replace("Allow", "Deny")
    parameters = {"RoleName": "app", "PolicyDocument": closed}
    cloud.call(cloud.responder_keys, "iam", "UpdateAssumeRolePolicy", **parameters)

    assume(cloud, bob, "app")

    cloud.clock.advance(4)
    with pytest.raises(Refusal, match="AccessDenied"):
        assume(cloud, bob, "app")


def test_settling_lets_every_region_know_at_once(cloud: LaggingCloud) -> None:
    bob = cloud.make_user("bob")
    put(cloud, "user/bob", DENY_ALL)

    cloud.settle()

    assert not cloud.is_alive(bob)


@given(seed=st.integers(0, 1000), gaps=st.lists(st.floats(0, 3), min_size=2, max_size=6))
def test_the_jitter_is_bounded_and_no_write_overtakes_another(seed: int, gaps: list[float]) -> None:
    cloud = LaggingCloud(lag=Lag(seconds=2, jitter=5), seed=seed)
    start = cloud.clock.now()
    planes = cloud.control.planes
    for number, gap in enumerate(gaps):
        cloud.clock.advance(gap)
        cloud.call(cloud.admin_keys, "iam", "CreateUser", UserName=f"u{number}")
    last = cloud.clock.now()

    seen = [
        len(planes.at(ALPHA, start + timedelta(seconds=step / 4)).accounts[cloud.account].users)
        for step in range(120)
    ]

    assert seen == sorted(seen)
    settled = planes.settled_at(ALPHA, start)
    assert timedelta(seconds=2) <= settled - last <= timedelta(seconds=7)


def test_the_same_seed_gives_the_same_ids_and_delays() -> None:
    first, second = LaggingCloud(seed=7), LaggingCloud(seed=7)

    assert first.make_user("bob") == second.make_user("bob")
    assert first.make_user("eve") != LaggingCloud(seed=8).make_user("eve")


def trust_of(cloud: LaggingCloud) -> str:
    """Return a trust policy that lets the own account in."""
    return (
        '{"Statement":[{"Effect":"Allow","Principal":{"AWS":"'
        + cloud.account
        + '"},"Action":"sts:AssumeRole"}]}'
    )


def assume(cloud: LaggingCloud, keys: Keys, role: str) -> Keys:
    """Assume a role with given keys."""
    arn = f"arn:aws:iam::{cloud.account}:role/{role}"
    return keys_in(cloud.call(keys, "sts", "AssumeRole", RoleArn=arn, RoleSessionName="someone"))
