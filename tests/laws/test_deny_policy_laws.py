"""Laws of merging: nothing that was denied is ever allowed again by a later call."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from fakes.cutoffs import policy_cutoff
from unleak.contain.deny_policy import (
    append_statement,
    cutoff_statement,
    deny_all_document,
    merge_cutoff,
    merge_sessions,
    plain_cutoff,
)
from unleak.model.policy_names import is_our_sid

instants = st.datetimes(
    min_value=datetime(2020, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    max_value=datetime(2035, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    timezones=st.just(UTC),
).map(lambda instant: instant.replace(microsecond=0))
names = st.text(alphabet="abcXYZ019_+=,.@-", min_size=2, max_size=20)
foreign = st.fixed_dictionaries(
    {"Effect": st.sampled_from(["Allow", "Deny"]), "Action": st.sampled_from(["s3:*", "iam:Get*"])},
    optional={"Resource": st.just("*"), "Sid": st.text(alphabet="abc", min_size=1)},
)


@given(st.lists(instants, min_size=1, max_size=8))
def test_the_cutoff_is_the_latest_ever_asked_for(cutoffs: list[datetime]) -> None:
    document = None
    for cutoff in cutoffs:
        document = merge_cutoff(document, cutoff).document

    assert document is not None
    assert policy_cutoff(document) == max(cutoffs)


@given(st.lists(foreign, max_size=4), st.lists(instants, min_size=1, max_size=4))
def test_other_peoples_statements_survive_any_number_of_merges(
    theirs: list[dict[str, object]], cutoffs: list[datetime]
) -> None:
    document = json.dumps({"Version": "2012-10-17", "Statement": theirs})
    for cutoff in cutoffs:
        document = merge_cutoff(document, cutoff).document

    statements = json.loads(document)["Statement"]
    assert [each for each in statements if plain_cutoff(each) is None] == theirs


@given(st.lists(foreign, max_size=4), st.lists(names, max_size=3), instants)
def test_every_deny_that_is_written_carries_an_id_of_ours_and_no_id_stands_twice(
    theirs: list[dict[str, object]], sessions: list[str], cutoff: datetime
) -> None:
    each_once = list({each.get("Sid"): each for each in theirs}.values())
    existing = json.dumps({"Version": "2012-10-17", "Statement": each_once})
    user_ids = tuple(f"AROA:{name}" for name in sessions)

    written = [
        merge_cutoff(existing, cutoff).document,
        merge_cutoff(merge_cutoff(None, cutoff).document, cutoff.replace(year=2040)).document,
        merge_sessions(existing, user_ids, cutoff).document,
        deny_all_document(),
        append_statement(existing, cutoff_statement(cutoff)),
    ]

    for document in written:
        statements = json.loads(document)["Statement"]
        added = [each for each in statements if each not in each_once]
        assert all(is_our_sid(each["Sid"]) for each in added)
        sids = [each["Sid"] for each in statements if "Sid" in each]
        assert len(sids) == len(set(sids))


@given(instants, instants)
def test_merging_twice_is_merging_once(first: datetime, second: datetime) -> None:
    once = merge_cutoff(merge_cutoff(None, first).document, second)
    twice = merge_cutoff(once.document, second)

    assert twice.is_already_there
    assert twice.document == once.document


@given(st.lists(st.tuples(names, instants), min_size=1, max_size=8))
def test_each_session_keeps_the_latest_of_its_own_cutoffs(
    wishes: list[tuple[str, datetime]],
) -> None:
    document = None
    latest: dict[str, datetime] = {}
    for name, cutoff in wishes:
        document = merge_sessions(document, (f"AROA:{name}",), cutoff).document
        latest[name] = max(cutoff, latest.get(name, cutoff))

    assert document is not None
    statements = json.loads(document)["Statement"]
    found = {
        each["Condition"]["StringEquals"]["aws:userid"]: each["Condition"]["DateLessThan"][
            "aws:TokenIssueTime"
        ]
        for each in statements
    }
    assert found == {
        f"AROA:{name}": instant.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        for name, instant in latest.items()
    }
    assert len(statements) == len(latest)
