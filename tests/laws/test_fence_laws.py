"""Laws of the fence: a later incident lets nobody in, and nobody's text is lost."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from fakes.fences import ACCOUNT, caller, fenced_in, role, user
from unleak.contain.fence import fence_document, refenced, without_freeze, without_principals
from unleak.contain.fence_statement import FenceFull, read_fence, read_freeze
from unleak.verify.fences import still_fences

if TYPE_CHECKING:
    from unleak.model.principal import Principal

names = st.text(alphabet="abcXYZ019_+=,.@-", min_size=1, max_size=64)
paths = st.sampled_from(["", "team/", "a/b/"])
principals = st.one_of(
    st.builds(role, names),
    st.builds(
        lambda name, path: role(name, arn=f"arn:aws:iam::{ACCOUNT}:role/{path}{name}"), names, paths
    ),
    st.builds(user, names),
)
groups = st.lists(principals, min_size=1, max_size=6, unique_by=lambda each: each.label)
foreign = st.fixed_dictionaries(
    {"Effect": st.sampled_from(["Allow", "Deny"]), "Action": st.sampled_from(["s3:*", "iam:Get*"])},
    optional={"Resource": st.just("*"), "Sid": st.text(alphabet="abc", min_size=1)},
)
RESPONDER = caller(f"arn:aws:sts::{ACCOUNT}:assumed-role/RESPONDER/me")


def fence(existing: str | None, group: list[Principal], *, freeze: bool = False) -> str:
    return fence_document(existing, principals=group, responder=RESPONDER, freeze=freeze)


def theirs_in(document: str) -> list[dict[str, object]]:
    return [
        each
        for each in json.loads(document)["Statement"]
        if read_fence(each) is None and read_freeze(each) is None
    ]


@given(st.lists(st.tuples(groups, st.booleans()), min_size=1, max_size=5))
def test_merging_loses_nobody_and_never_grows_past_the_limit(
    incidents: list[tuple[list[Principal], bool]],
) -> None:
    document: str | None = None
    fenced: list[str] = []
    for group, freeze in incidents:
        try:
            document = fence(document, group, freeze=freeze)
        except FenceFull:
            continue
        assert set(fenced) <= set(fenced_in(document))
        fenced = fenced_in(document)
        assert len(document) <= 10_240


@given(st.lists(foreign, max_size=4), groups, st.booleans())
def test_other_peoples_statements_survive(
    theirs: list[dict[str, object]],
    group: list[Principal],
    freeze: bool,  # noqa: FBT001
) -> None:
    existing = json.dumps({"Version": "2012-10-17", "Statement": theirs})

    assert theirs_in(fence(existing, group, freeze=freeze)) == theirs


@given(groups, groups, st.booleans())
def test_merging_twice_is_merging_once(
    first: list[Principal],
    second: list[Principal],
    freeze: bool,  # noqa: FBT001
) -> None:
    once = fence(fence(None, first), second, freeze=freeze)

    assert fence(once, second, freeze=freeze) == once


@given(groups, groups)
def test_letting_in_and_thawing_undo_the_drawing(
    first: list[Principal], second: list[Principal]
) -> None:
    labels = {each.label for each in first}
    new = [each for each in second if each.label not in labels]
    before = fence(None, first)

    after = without_principals(without_freeze(fence(before, new, freeze=True)), new)

    assert after is not None
    assert set(fenced_in(after)) == set(fenced_in(before))
    assert without_principals(before, first) is None


@given(groups, groups)
def test_the_verifier_sees_that_a_merged_fence_shuts_out_as_many(
    first: list[Principal], second: list[Principal]
) -> None:
    earlier = fence(None, first)

    assert still_fences(fence(earlier, second), earlier)


@given(groups, groups)
def test_a_mended_fence_holds_both(first: list[Principal], second: list[Principal]) -> None:
    ours, theirs = fence(None, first, freeze=True), fence(None, second)

    mended = refenced(theirs, ours)

    assert still_fences(mended, ours)
    assert still_fences(mended, theirs)
    assert refenced(mended, ours) == mended
