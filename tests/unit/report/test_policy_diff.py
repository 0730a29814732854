from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unleak.model.action import (
    AttachPolicy,
    CreatePolicy,
    DeletePolicy,
    Holder,
    HolderType,
    SetFence,
    SetInlinePolicy,
)
from unleak.report.policy_diff import Mark, policy_diff

ROLE = Holder(type=HolderType.ROLE, name="deploy")
OLD = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*"}]}'
NEW = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:*"}]}'


def inline(before: str | None, after: str | None) -> SetInlinePolicy:
    return SetInlinePolicy(holder=ROLE, policy_name="p", before=before, after=after)


def test_only_the_line_that_changed_is_marked() -> None:
    lines = policy_diff(inline(OLD, NEW))

    assert [(each.mark, each.text.strip()) for each in lines if each.mark is not Mark.SAME] == [
        (Mark.GONE, '"Effect": "Allow",'),
        (Mark.NEW, '"Effect": "Deny",'),
    ]


def test_a_policy_that_was_not_there_is_new_and_one_that_is_deleted_is_gone() -> None:
    made = policy_diff(CreatePolicy(policy_arn="arn", policy_name="p", document=NEW))
    deleted = policy_diff(DeletePolicy(policy_arn="arn", policy_name="p", document=NEW))

    assert {each.mark for each in made} == {Mark.NEW}
    assert {each.mark for each in deleted} == {Mark.GONE}
    assert [each.text for each in made] == [each.text for each in deleted]


def test_a_fence_shows_its_text() -> None:
    assert policy_diff(SetFence(account="123456789012", before=OLD, after=NEW)) == policy_diff(
        inline(OLD, NEW)
    )


def test_a_change_without_a_policy_text_has_no_lines() -> None:
    assert policy_diff(AttachPolicy(holder=ROLE, policy_arn="arn")) == ()


@pytest.mark.parametrize(
    "document",
    ["not JSON", '{"Effect": "Allow", "Effect": "Deny"}', "[" * 10_000, ""],
    ids=["words", "a key twice", "deep", "empty"],
)
def test_what_cannot_be_set_out_is_shown_as_it_is(document: str) -> None:
    lines = policy_diff(inline(None, document))

    assert [each.text[:3000] for each in lines] == [document[:3000]]


@given(
    document=st.dictionaries(
        st.text("abc"), st.lists(st.text("xyz", min_size=1), max_size=3), max_size=4
    )
)
def test_the_new_lines_together_are_the_new_policy(document: dict[str, list[str]]) -> None:
    lines = policy_diff(inline(OLD, json.dumps(document)))

    after = "\n".join(each.text for each in lines if each.mark is not Mark.GONE)
    assert json.loads(after) == document
