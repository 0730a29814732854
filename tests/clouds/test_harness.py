"""The clouds and the proxy do what the scenarios take for granted: by hand, without unleak."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from lab.cloud import Ability, compact, revoke_document, wait_until_after
from lab.http import fetch_status
from lab.ministack import OTHER_ACCOUNT, MiniStack, trusting
from lab.proxy import Proxy, Rule
from lab.scene import REVOKE_POLICY, Scene
from lab.seen import Seen
from lab.trouble import BROKEN, THROTTLED, After, Before, Delay, Drop, DropAnswer, Reply
from lab.verdict import Ruling, error_code
from lab.wire import Keys, Wire

pytestmark = pytest.mark.clouds


def test_a_time_deny_kills_the_old_session_and_spares_the_new_one(scene: Scene) -> None:
    role = scene.role()
    thief = scene.cloud.assume(role, "thief")
    scene.assert_served(thief)
    cutoff = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=1)

    scene.put_policy(f"role/{role}", REVOKE_POLICY, revoke_document(cutoff))

    scene.assert_refused(thief)
    wait_until_after(cutoff)
    scene.assert_served(scene.cloud.assume(role, "after"))


def test_taking_the_deny_away_revives_the_old_session(scene: Scene) -> None:
    role = scene.role()
    thief = scene.cloud.assume(role, "thief")
    cutoff = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=1)
    scene.put_policy(f"role/{role}", REVOKE_POLICY, revoke_document(cutoff))
    scene.assert_refused(thief)

    scene.cloud.admin.call("iam", "delete_role_policy", RoleName=role, PolicyName=REVOKE_POLICY)

    scene.assert_served(thief)


def test_a_deny_of_one_session_name_leaves_the_others_alone(scene: Scene) -> None:
    role = scene.role()
    thief, other = scene.cloud.assume(role, "thief"), scene.cloud.assume(role, "other")
    role_id = scene.cloud.admin.call("iam", "get_role", RoleName=role).text("Role", "RoleId")
    condition = {"StringEquals": {"aws:userid": [f"{role_id}:thief"]}}
    statement = {"Effect": "Deny", "Action": ["*"], "Resource": ["*"], "Condition": condition}

    scene.put_policy(
        f"role/{role}", "one", compact({"Version": "2012-10-17", "Statement": [statement]})
    )

    scene.assert_refused(thief)
    scene.assert_served(other)


@pytest.mark.needs(Ability.ACCESS_KEYS, Ability.FEDERATION)
def test_a_dead_key_leaves_its_sessions_alive_and_a_deny_on_the_user_ends_them(
    scene: Scene,
) -> None:
    user, key = scene.user()
    children = [scene.cloud.session_token(key), scene.cloud.federation_token(key, "fed")]
    for keys in (key, *children):
        scene.assert_served(keys)

    scene.cloud.admin.call(
        "iam",
        "update_access_key",
        UserName=user,
        AccessKeyId=key.access_key_id,
        Status="Inactive",
    )
    scene.assert_dead(key)
    for child in children:
        scene.assert_served(child)
    cutoff = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=1)
    scene.put_policy(f"user/{user}", REVOKE_POLICY, revoke_document(cutoff))

    for child in children:
        scene.assert_refused(child)


def test_a_presigned_url_dies_with_its_signer(scene: Scene) -> None:
    role, bucket = scene.role(), scene.name("bucket")
    scene.cloud.admin.call("s3", "create_bucket", Bucket=bucket)
    scene.cloud.admin.call("s3", "put_object", Bucket=bucket, Key="plan", Body=b"secret plan")
    thief = Wire(endpoint=scene.cloud.endpoint, keys=scene.cloud.assume(role, "thief"))
    url = thief.presign(bucket, "plan")
    assert fetch_status(url) == 200
    cutoff = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=1)

    scene.put_policy(f"role/{role}", REVOKE_POLICY, revoke_document(cutoff))

    assert fetch_status(url) == 403


def test_what_a_test_has_left_in_ministack_is_unknown_to_the_next(ministack: MiniStack) -> None:
    there = Wire(endpoint=ministack.endpoint, keys=OTHER_ACCOUNT)
    for wire in (ministack.admin, there):
        wire.call("iam", "create_role", RoleName="old", AssumeRolePolicyDocument=trusting())
    user = ministack.make_user("old")
    left = (
        ministack.responder,
        user,
        ministack.session_token(user),
        ministack.assume("old", "thief"),
    )
    ministack.admin.call("s3", "create_bucket", Bucket="old")
    assert "old" in str(ministack.admin.call("cloudtrail", "lookup_events"))

    ministack.forget()

    assert all(ministack.probe(each, "s3").ruling is not Ruling.ALLOWED for each in left)
    assert "old" not in str(ministack.admin.call("cloudtrail", "lookup_events"))
    assert "old" not in str(ministack.admin.call("s3", "list_buckets"))
    for wire in (ministack.admin, there):
        assert "old" not in str(wire.call("iam", "list_roles"))
        assert "old" not in str(wire.call("iam", "list_users"))


def test_an_unknown_key_is_refused_and_an_aws_double_calls_it_dead(scene: Scene) -> None:
    stranger = Keys(access_key_id="AKIAQQQQQQQQQQQQQQQQ", secret="none")

    verdict = scene.cloud.probe(stranger, "s3")

    # the RADOS Gateway says AccessDenied to a key it never heard of: all one learns is "refused"
    knows_keys = Ability.ACCESS_KEYS in scene.cloud.abilities
    assert verdict.ruling is (Ruling.DEAD if knows_keys else Ruling.DENIED)


def test_the_proxy_passes_signed_calls_and_writes_them_down(scene: Scene, proxy: Proxy) -> None:
    role = scene.role()
    through = Wire(endpoint=proxy.endpoint, keys=scene.cloud.responder)

    through.call("iam", "get_role", RoleName=role)
    through.call("s3", "list_buckets")

    assert [(seen.service, seen.action, seen.status) for seen in proxy.seen] == [
        ("iam", "GetRole", 200),
        ("s3", "Get /", 200),
    ]
    assert proxy.seen[0].key_id == scene.cloud.responder.access_key_id
    assert proxy.seen[0].parameters["RoleName"] == role
    assert proxy.changes == []


def test_the_proxy_tells_changes_from_reads(scene: Scene, proxy: Proxy) -> None:
    role = scene.role()
    through = Wire(endpoint=proxy.endpoint, keys=scene.cloud.responder)

    through.call("iam", "list_role_policies", RoleName=role)
    through.call("iam", "delete_role_policy", RoleName=role, PolicyName="work")

    assert [seen.action for seen in proxy.changes] == ["DeleteRolePolicy"]


@pytest.mark.parametrize(
    ("trouble", "code", "arrives"),
    [
        (THROTTLED, "Throttling", False),
        (BROKEN, "ServiceUnavailable", False),
        (Reply(status=403, code="AccessDenied"), "AccessDenied", False),
        (Drop(), None, False),
        (DropAnswer(), None, True),
    ],
)
def test_the_proxy_breaks_a_call_as_told(
    aws: Scene,
    aws_proxy: Proxy,
    trouble: Reply | Drop | DropAnswer,
    code: str | None,
    arrives: bool,  # noqa: FBT001 - a column of the table above
) -> None:
    role = aws.role()
    through = Wire(endpoint=aws_proxy.endpoint, keys=aws.cloud.responder)
    aws_proxy.rules.append(Rule(action="DeleteRolePolicy", trouble=trouble, times=1))

    with pytest.raises((ClientError, BotoCoreError)) as caught:
        through.call("iam", "delete_role_policy", RoleName=role, PolicyName="work")

    told = error_code(caught.value) if isinstance(caught.value, ClientError) else None
    assert told == code
    assert aws.policies(f"role/{role}") == (set() if arrives else {"work"})


def test_the_proxy_calls_hooks_on_both_sides_of_a_write(aws: Scene, aws_proxy: Proxy) -> None:
    role = aws.role()
    through = Wire(endpoint=aws_proxy.endpoint, keys=aws.cloud.responder)
    saw: list[set[str]] = []

    def look() -> None:
        saw.append(aws.policies(f"role/{role}"))

    aws_proxy.rules += [
        Rule(action="PutRolePolicy", trouble=Before(hook=look), times=1),
        Rule(action="DeleteRolePolicy", trouble=After(hook=look), times=1),
    ]
    document = revoke_document(datetime.now(UTC))
    through.call("iam", "put_role_policy", RoleName=role, PolicyName="cut", PolicyDocument=document)
    through.call("iam", "delete_role_policy", RoleName=role, PolicyName="cut")

    assert saw == [{"work"}, {"work"}]


def test_the_proxy_delays_and_shifts_the_clock(aws: Scene, aws_proxy: Proxy) -> None:
    role = aws.role()
    aws_proxy.shift_seconds = 7200
    aws_proxy.rules.append(Rule(action="GetRole", trouble=Delay(seconds=0.3)))
    through = Wire(endpoint=aws_proxy.endpoint, keys=aws.cloud.responder)
    started = time.monotonic()

    answer = through.call("iam", "get_role", RoleName=role)

    assert time.monotonic() - started >= 0.3
    told = parsedate_to_datetime(answer.text("ResponseMetadata", "HTTPHeaders", "date"))
    assert timedelta(hours=1, minutes=59) < told - datetime.now(UTC) < timedelta(hours=2, minutes=1)


def test_calls_under_way_together_are_one_wave_and_a_chain_is_many() -> None:
    proxy = Proxy(upstream="")

    def call(action: str, started: float, ended: float) -> None:
        proxy.seen.append(
            Seen(
                service="iam",
                action=action,
                key_id="",
                parameters={},
                started=started,
                ended=ended,
            )
        )

    call("GetCallerIdentity", 0.0, 1.0)
    call("GetRole", 0.1, 0.9)
    call("GetRolePolicy", 1.1, 2.0)
    call("PutRolePolicy", 2.1, 3.0)
    call("GetRolePolicy", 3.1, 4.0)

    assert proxy.waves_before("PutRolePolicy") == 2
    proxy.seen[1].started, proxy.seen[1].ended = 1.01, 1.09
    assert proxy.waves_before("PutRolePolicy") == 3
