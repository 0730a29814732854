"""The condition operators and keys, as policies write them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lab.lagging.conditions import holds
from lab.lagging.hand import deny_if, put

if TYPE_CHECKING:
    from lab.lagging.cloud import LaggingCloud

CONTEXT = {
    "aws:tokenissuetime": ("2026-11-24T07:00:05+00:00",),
    "aws:userid": ("AROAQ:thief",),
    "aws:principalarn": ("arn:aws:iam::111122223333:role/team/app",),
}


@pytest.mark.parametrize(
    ("operator", "key", "value", "is_met"),
    [
        ("DateLessThan", "aws:TokenIssueTime", "2026-11-24T07:00:05Z", False),
        ("DateLessThan", "aws:TokenIssueTime", "2026-11-24T07:00:05.001Z", True),
        ("DateLessThan", "aws:TokenIssueTime", "2026-11-24T08:00:06+01:00", True),
        ("DateLessThan", "aws:TokenIssueTime", "2026-11-24T07:00:06", True),
        ("DateLessThanEquals", "aws:TokenIssueTime", "2026-11-24T07:00:05Z", True),
        ("DateGreaterThan", "AWS:tokenISSUEtime", "2026-11-24T07:00:04Z", True),
        ("StringEquals", "aws:userid", "AROAQ:thief", True),
        ("StringEquals", "aws:userid", "aroaq:thief", False),
        ("StringEqualsIgnoreCase", "aws:userid", "aroaq:thief", True),
        ("StringLike", "aws:userid", "AROAQ:*", True),
        ("StringNotLike", "aws:userid", "AROAQ:*", False),
        ("StringNotEquals", "aws:userid", "AROAQ:other", True),
        ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/team/*", True),
        ("ArnEquals", "aws:PrincipalArn", "arn:aws:iam::111122223333:role/app", False),
        ("ArnNotLike", "aws:PrincipalArn", "arn:aws:iam::*:role/team/app", False),
        ("Null", "aws:TokenIssueTime", "false", True),
        ("Null", "aws:username", "true", True),
        ("StringEquals", "aws:username", "bob", False),
        ("StringNotEquals", "aws:username", "bob", True),
        ("StringEqualsIfExists", "aws:username", "bob", True),
        ("DateLessThan", "aws:MissingTime", "2099-01-01T00:00:00Z", False),
    ],
)
def test_an_operator_decides(operator: str, key: str, value: str, is_met: bool) -> None:  # noqa: FBT001 - a column of the table above
    assert holds({operator: {key: value}}, CONTEXT) is is_met


def test_all_operators_of_a_block_have_to_hold_and_one_value_of_a_list() -> None:
    both = {
        "StringEquals": {"aws:userid": ["AROAQ:other", "AROAQ:thief"]},
        "DateLessThan": {"aws:TokenIssueTime": "2026-11-24T07:00:00Z"},
    }

    assert not holds(both, CONTEXT)
    assert holds({"StringEquals": both["StringEquals"]}, CONTEXT)


def test_an_unknown_operator_is_an_error_and_not_a_silent_no() -> None:
    with pytest.raises(NotImplementedError):
        holds({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, CONTEXT)


def test_a_cut_off_in_the_second_of_issue_spares_the_session(quick: LaggingCloud) -> None:
    quick.make_role("app")
    quick.clock.advance(0.7)
    thief = quick.assume("app", "thief")
    issued, later = "2026-11-24T07:00:00Z", "2026-11-24T07:00:01Z"

    put(quick, "role/app", deny_if("DateLessThan", "aws:TokenIssueTime", issued))
    assert quick.is_alive(thief)
    put(quick, "role/app", deny_if("DateLessThan", "aws:TokenIssueTime", later))

    assert not quick.is_alive(thief)


def test_principal_arn_is_the_role_of_a_session_and_the_federated_user_itself(
    quick: LaggingCloud,
) -> None:
    role_arn = quick.make_role("app")
    bob = quick.make_user("bob")
    thief, federated = quick.assume("app", "thief"), quick.federation_token(bob, "fed")
    user_arn = f"arn:aws:iam::{quick.account}:user/bob"

    put(quick, "role/app", deny_if("ArnEquals", "aws:PrincipalArn", role_arn))
    put(quick, "user/bob", deny_if("ArnEquals", "aws:PrincipalArn", user_arn))

    assert not quick.is_alive(thief)
    assert not quick.is_alive(bob)
    assert quick.is_alive(federated)
    fed_arn = f"arn:aws:sts::{quick.account}:federated-user/*"
    put(quick, "user/bob", deny_if("ArnLike", "aws:PrincipalArn", fed_arn))
    assert not quick.is_alive(federated)
    assert quick.is_alive(bob)


def test_userid_names_one_session_of_a_role_and_one_federated_session(quick: LaggingCloud) -> None:
    quick.make_role("app")
    bob = quick.make_user("bob")
    thief, worker = quick.assume("app", "thief"), quick.assume("app", "worker")
    fed, other = quick.federation_token(bob, "fed"), quick.federation_token(bob, "other")
    who = str(quick.call(thief, "sts", "GetCallerIdentity")["UserId"])

    put(quick, "role/app", deny_if("StringEquals", "aws:userid", who))
    put(quick, "user/bob", deny_if("StringEquals", "aws:userid", f"{quick.account}:fed"))

    alive = [quick.is_alive(keys) for keys in (thief, worker, fed, other, bob)]
    assert alive == [False, True, False, True, True]
