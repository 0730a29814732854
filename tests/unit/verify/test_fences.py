"""What a fence shuts out, read without the planner's help; what is not understood counts not."""

from __future__ import annotations

import json
from copy import deepcopy

import pytest

from fakes.fences import caller, role, user
from unleak.contain.fence import fence_document
from unleak.verify.fences import still_fences

WANTED = fence_document(None, principals=[user("bob")], responder=caller(), freeze=False)
POLICY = json.loads(WANTED)


def changed(**parts: object) -> str:
    policy = deepcopy(POLICY)
    policy["Statement"][0] |= parts
    return json.dumps(policy)


def condition(**parts: object) -> dict[str, object]:
    return {**POLICY["Statement"][0]["Condition"], **parts}


def test_the_same_fence_is_still_one() -> None:
    assert still_fences(WANTED, WANTED)


def test_a_single_statement_need_not_be_a_list() -> None:
    policy = {**POLICY, "Statement": POLICY["Statement"][0]}

    assert still_fences(json.dumps(policy), WANTED)


@pytest.mark.parametrize(
    "weaker",
    [
        "not a policy",
        "[]",
        '{"Version":"2012-10-17"}',
        '{"Statement":[7]}',
        changed(Effect="Allow"),
        changed(Action="s3:*"),
        changed(Resource="arn:aws:s3:::x"),
        changed(NotAction="s3:*"),
        changed(Condition=None),
        changed(Condition=condition(Bool={"aws:ViaAWSService": "false"})),
        changed(Condition=condition(ArnLike={"aws:SourceArn": "*"})),
        changed(Condition=condition(ArnNotLike={"aws:SourceArn": "arn:x"})),
        changed(Condition=condition(ArnNotLike={"aws:PrincipalArn": "arn:aws:iam::*:user/*"})),
        changed(Condition=condition(ArnNotLike={"aws:PrincipalArn": ["*"]})),
        fence_document(None, principals=[role("bob")], responder=caller(), freeze=True),
    ],
)
def test_a_fence_with_a_hole_is_none(weaker: str) -> None:
    assert not still_fences(weaker, WANTED)


def test_a_text_that_asks_for_nobody_proves_nothing() -> None:
    assert not still_fences(WANTED, '{"Version":"2012-10-17","Statement":[]}')
