"""The small IAM evaluator: a Deny wins, an Allow never takes away, unknown is not no."""

from __future__ import annotations

import fnmatch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unleak.identify.policy_document import Statement, read_policy
from unleak.identify.policy_eval import Doubt, PolicySet, Ruling, Verdict, rule
from unleak.identify.wildcard import matches

ALL = Statement(effect="Allow", actions=("*",), resources=("*",))
DENY_ALL = Statement(effect="Deny", actions=("*",), resources=("*",))
RANK = {Verdict.NO: 0, Verdict.UNKNOWN: 1, Verdict.MAYBE: 2, Verdict.YES: 3}
ACTIONS = ("iam:CreateUser", "s3:GetObject", "ec2:RunInstances")
ROLE_ARN = "arn:aws:iam::123456789012:role/app"

patterns = st.sampled_from(
    ["*", "iam:*", "s3:get*", "s3:getobject", "ec2:run?nstances", "lambda:*", "*:*"]
)
resources = st.sampled_from(
    ["*", "arn:aws:s3:::*", "arn:aws:s3:::one/*", ROLE_ARN, "arn:aws:iam::*:role/${aws:username}"]
)


@st.composite
def statements(draw: st.DrawFn, effect: str | None = None) -> Statement:
    actions = tuple(draw(st.lists(patterns, min_size=1, max_size=3)))
    named = tuple(draw(st.lists(resources, min_size=1, max_size=2)))
    is_inverted = draw(st.booleans())
    return Statement(
        effect=effect or draw(st.sampled_from(["Allow", "Deny"])),
        actions=() if is_inverted else actions,
        not_actions=actions if is_inverted else (),
        resources=named,
        is_conditional=draw(st.booleans()),
    )


def policies(*given_statements: Statement, is_whole: bool = True) -> PolicySet:
    return PolicySet(statements=given_statements, is_whole=is_whole)


@given(
    st.lists(statements(), max_size=5),
    st.integers(0, 5),
    st.sampled_from(ACTIONS),
    st.sampled_from([None, ROLE_ARN]),
)
def test_an_unconditional_deny_of_everything_always_wins(
    some: list[Statement], at: int, action: str, resource: str | None
) -> None:
    identity = policies(*some[:at], DENY_ALL, *some[at:])

    ruling = rule(action, identity=identity, resource=resource)

    assert ruling.verdict is Verdict.NO


@given(
    st.lists(statements(), max_size=5),
    statements(effect="Allow"),
    st.sampled_from(ACTIONS),
    st.booleans(),
)
def test_adding_an_allow_never_takes_an_ability_away(
    some: list[Statement],
    more: Statement,
    action: str,
    is_whole: bool,  # noqa: FBT001 - hypothesis draws it
) -> None:
    before = rule(action, identity=policies(*some, is_whole=is_whole))
    after = rule(action, identity=policies(*some, more, is_whole=is_whole))

    assert RANK[after.verdict] >= RANK[before.verdict]


@given(st.lists(statements(), max_size=5), statements(effect="Deny"), st.sampled_from(ACTIONS))
def test_adding_a_deny_never_gives_an_ability(
    some: list[Statement], more: Statement, action: str
) -> None:
    before = rule(action, identity=policies(*some))
    after = rule(action, identity=policies(*some, more))

    assert RANK[after.verdict] <= RANK[before.verdict]


@given(
    st.lists(statements(), max_size=4), st.lists(statements(), max_size=4), st.sampled_from(ACTIONS)
)
def test_a_boundary_never_gives_an_ability(
    some: list[Statement], bounds: list[Statement], action: str
) -> None:
    free = rule(action, identity=policies(*some))
    bound = rule(action, identity=policies(*some), boundary=policies(*bounds))

    assert RANK[bound.verdict] <= RANK[free.verdict]


@given(st.text("ab*?", max_size=10), st.text("ab", max_size=10))
def test_wildcards_match_as_fnmatch_says(pattern: str, text: str) -> None:
    assert matches(pattern, text) == fnmatch.fnmatchcase(text, pattern)


def test_a_bracket_is_no_wildcard_in_a_policy() -> None:
    assert matches("a[b]", "a[b]")
    assert not matches("a[b]", "ab")


def test_a_pattern_made_of_stars_is_answered_at_once() -> None:
    assert not matches("*a" * 50 + "b", "a" * 4000)


@pytest.mark.parametrize(
    ("document", "verdict"),
    [
        ('{"Statement":{"Effect":"Allow","Action":"S3:GETOBJECT","Resource":"*"}}', "yes"),
        ('{"Statement":[{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}]}', "yes"),
        ('{"Statement":[{"Effect":"Allow","NotAction":["s3:*"],"Resource":"*"}]}', "no"),
        ('{"Statement":[{"Effect":"Allow","Action":["s3:*"],"NotResource":"*"}]}', "no"),
        ('{"Statement":[]}', "no"),
    ],
)
def test_the_forms_a_statement_may_take(document: str, verdict: str) -> None:
    read = read_policy(document)

    assert read is not None
    assert rule("s3:GetObject", identity=policies(*read)).verdict == verdict


@pytest.mark.parametrize(
    "document",
    [
        "",
        "not json",
        "[]",
        "null",
        "{}",
        "[" * 100_000,
        '{"Statement":[{"Effect":"Allow","Action":7,"Resource":"*"}]}',
        '{"Statement":[{"Effect":"allow","Action":"*","Resource":"*"}]}',
        '{"Statement":[{"Effect":"Allow","Resource":"*"}]}',
        '{"Statement":[{"Effect":["Deny"],"Action":"*","Resource":"*"}]}',
        '{"Statement":["Allow"]}',
    ],
)
def test_a_text_that_is_not_understood_whole_is_no_policy(document: str) -> None:
    assert read_policy(document) is None


def test_a_condition_makes_a_maybe_and_says_so() -> None:
    conditional = Statement(
        effect="Allow", actions=("s3:*",), resources=("*",), is_conditional=True
    )

    ruling = rule("s3:GetObject", identity=policies(conditional))

    assert ruling == Ruling(Verdict.MAYBE, frozenset({Doubt.CONDITIONS}))


def test_a_part_of_the_resources_makes_a_maybe_and_says_so() -> None:
    narrow = Statement(effect="Allow", actions=("s3:*",), resources=("arn:aws:s3:::one/*",))

    ruling = rule("s3:GetObject", identity=policies(narrow))

    assert ruling == Ruling(Verdict.MAYBE, frozenset({Doubt.SOME_RESOURCES}))


def test_all_resources_of_the_service_are_all_of_them() -> None:
    wide = Statement(effect="Allow", actions=("s3:*",), resources=("arn:aws:s3:::*/*",))

    assert rule("s3:GetObject", identity=policies(wide)).verdict is Verdict.YES


def test_resources_of_another_service_do_not_help() -> None:
    other = Statement(effect="Allow", actions=("*",), resources=("arn:aws:sqs:*:*:*",))

    assert rule("s3:GetObject", identity=policies(other)).verdict is Verdict.NO


def test_a_no_from_half_read_policies_is_not_a_no() -> None:
    ruling = rule("s3:GetObject", identity=policies(is_whole=False))

    assert ruling.verdict is Verdict.UNKNOWN


def test_an_unread_boundary_turns_a_yes_into_a_maybe_and_leaves_a_no() -> None:
    unread = policies(is_whole=False)

    allowed = rule("s3:GetObject", identity=policies(ALL), boundary=unread)
    not_allowed = rule("s3:GetObject", identity=policies(), boundary=unread)

    assert allowed == Ruling(Verdict.MAYBE, frozenset({Doubt.UNREAD}))
    assert not_allowed.verdict is Verdict.NO


def test_a_resource_that_is_known_is_matched_exactly() -> None:
    own = Statement(effect="Allow", actions=("iam:*",), resources=(ROLE_ARN,))

    mine = rule("iam:DeleteRolePolicy", identity=policies(own), resource=ROLE_ARN)
    other = rule("iam:DeleteRolePolicy", identity=policies(own), resource=ROLE_ARN + "2")

    assert mine.verdict is Verdict.YES
    assert other.verdict is Verdict.NO
