"""CloudTrail shows what happened: late, by region, in its own shape, and never a secret."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from lab.lagging.cloud import LaggingCloud, Refusal, keys_in
from lab.lagging.hand import DENY_ALL, put
from lab.wire import Answer

if TYPE_CHECKING:
    from lab.wire import Keys


def look_up(
    cloud: LaggingCloud, attribute: str, value: str, *, region: str = "us-east-1"
) -> list[Answer]:
    """Return the events that have an attribute, as documents."""
    answer = cloud.call(
        cloud.responder_keys,
        "cloudtrail",
        "LookupEvents",
        region=region,
        LookupAttributes=[{"AttributeKey": attribute, "AttributeValue": value}],
    )
    rows = Answer(answer).rows("Events")
    return [Answer(json.loads(row.text("CloudTrailEvent"))) for row in rows]


def test_an_event_shows_when_the_delay_has_passed(quick: LaggingCloud) -> None:
    bob = quick.make_user("bob")
    quick.call(bob, "iam", "CreateUser", UserName="eve")

    quick.clock.advance(299)
    assert look_up(quick, "EventName", "CreateUser") == []
    quick.clock.advance(1)

    (event,) = look_up(quick, "EventName", "CreateUser")
    assert event.text("userIdentity", "type") == "IAMUser"
    assert event.text("userIdentity", "userName") == "bob"
    assert event.text("userIdentity", "accessKeyId") == bob.access_key_id
    assert event.text("requestParameters", "userName") == "eve"
    assert event.text("eventTime") == "2026-11-24T07:00:00Z"


def test_sts_is_told_where_it_was_asked_and_iam_in_the_first_region(quick: LaggingCloud) -> None:
    bob = quick.make_user("bob")
    minted = keys_in(quick.call(bob, "sts", "GetSessionToken", region="eu-west-1"))
    quick.call(bob, "iam", "ListUsers", region="eu-west-1")
    quick.clock.advance(300)

    found = look_up(quick, "ResourceName", minted.access_key_id, region="eu-west-1")

    assert [event.text("eventName") for event in found] == ["GetSessionToken"]
    assert found[0].text("responseElements", "credentials", "accessKeyId") == minted.access_key_id
    assert look_up(quick, "EventName", "GetSessionToken") == []
    assert len(look_up(quick, "EventName", "ListUsers")) == 1


def test_what_a_session_did_is_found_by_its_key_with_its_role(quick: LaggingCloud) -> None:
    arn = quick.make_role("app")
    thief = quick.assume("app", "thief")
    quick.call(thief, "s3", "ListBuckets")
    quick.clock.advance(300)

    (event,) = look_up(quick, "AccessKeyId", thief.access_key_id)

    assert event.text("userIdentity", "type") == "AssumedRole"
    assert event.text("userIdentity", "sessionContext", "sessionIssuer", "arn") == arn
    assert event.text("userIdentity", "arn").endswith(":assumed-role/app/thief")
    assert len(look_up(quick, "Username", "thief")) == 1


def test_a_refusal_is_told_with_its_code(quick: LaggingCloud) -> None:
    bob = quick.make_user("bob")
    put(quick, "user/bob", DENY_ALL)
    with pytest.raises(Refusal):
        quick.call(bob, "iam", "CreateUser", UserName="eve")
    quick.clock.advance(300)

    (event,) = look_up(quick, "EventName", "CreateUser")

    assert event.text("errorCode") == "AccessDenied"
    assert event.value("responseElements") is None


def test_no_secret_and_no_token_gets_into_the_trail(quick: LaggingCloud) -> None:
    bob = quick.make_user("bob")
    keys: list[Keys] = [
        quick.session_token(bob),
        quick.federation_token(bob, "fed"),
        keys_in(quick.call(bob, "iam", "CreateAccessKey", UserName="bob")),
    ]

    told = "".join(event.document for event in quick.trail.events)

    assert keys[2].access_key_id in told
    for one in keys:
        assert one.secret not in told
        assert one.token is None or one.token not in told


def test_pages_of_fifty_and_only_one_attribute(quick: LaggingCloud) -> None:
    for _ in range(60):
        quick.call(quick.admin_keys, "iam", "ListGroups")
    quick.clock.advance(300)

    first = quick.call(quick.responder_keys, "cloudtrail", "LookupEvents")
    second = quick.call(
        quick.responder_keys, "cloudtrail", "LookupEvents", NextToken=first["NextToken"]
    )

    assert (len(Answer(first).rows("Events")), len(Answer(second).rows("Events"))) == (50, 10)
    two = [{"AttributeKey": "EventName", "AttributeValue": "x"}] * 2
    with pytest.raises(Refusal, match="InvalidLookupAttributesException"):
        quick.call(quick.responder_keys, "cloudtrail", "LookupEvents", LookupAttributes=two)
