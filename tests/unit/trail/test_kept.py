"""A busy key's calls are counted, not kept; nothing that the report tells changes by that."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from fakes.trails import START, Event, assume, call, key_of
from unleak.trail.closure import close
from unleak.trail.damage import timeline_of
from unleak.trail.kept import Kept
from unleak.trail.record import Record, read_record
from unleak.trail.remembered import Remembered
from unleak.trail.seeds import key_seed

if TYPE_CHECKING:
    from unleak.model.trace import Timeline, TracedCredential
    from unleak.trail.closure import Closed

SEED = key_of(0)
NAMES = ("GetObject", "StopLogging", "RunInstances", "ListBuckets", "DescribeInstances")
ERRORS = (None, "AccessDenied", "ThrottlingException")
REGIONS = ("us-east-1", "eu-west-1")


def record_of(event: Event) -> Record:
    record = read_record(event)
    assert record is not None
    return record


@st.composite
def records(draw: st.DrawFn) -> list[Record]:
    """Draw calls of three keys, the second one made by the first; some come twice."""
    made = assume(0, SEED, key_of(1))
    found = [record_of(made)]
    for number in range(draw(st.integers(0, 40))):
        event = call(
            1 + number,
            draw(st.sampled_from(NAMES)),
            key_of(draw(st.integers(0, 2))),
            error=draw(st.sampled_from(ERRORS)),
            awsRegion=draw(st.sampled_from(REGIONS)),
            sourceIPAddress=draw(st.sampled_from(("198.51.100.7", "203.0.113.9"))),
            requestParameters={"bucketName": draw(st.sampled_from(("a", "b")))},
        )
        found.append(record_of(event))
    twice = draw(st.lists(st.sampled_from(found), max_size=10))
    return draw(st.permutations([*found, *twice]))


def kept_of(found: list[Record], **bounds: int) -> tuple[Kept, Closed]:
    kept = Kept(**bounds)
    for each in found:
        kept.add(each)
    return kept, close(kept.records(), (key_seed(SEED),))[0]


def counts(timeline: Timeline) -> Timeline:
    """Return the timeline without what is listed one by one."""
    return replace(timeline, items=(), inferred_items=(), items_left_out=0, tampering=())


def edges(credentials: tuple[TracedCredential, ...]) -> set[tuple[str | None, str]]:
    return {(each.minted_by, each.access_key_id) for each in credentials}


@given(records())
def test_what_is_counted_is_the_same_however_little_is_kept(found: list[Record]) -> None:
    everything, whole = kept_of(found)
    few, part = kept_of(found, most_of_a_key=2)

    full = timeline_of(everything.records(), whole)
    thin = timeline_of(few.records(), part, few.tallies)

    assert counts(thin) == counts(full)
    assert edges(part.credentials) == edges(whole.credentials)
    assert len(few) == len(everything) == len(set(found))
    assert len(thin.items) + thin.items_left_out == full.events


@given(records())
def test_the_earliest_calls_and_the_last_of_each_place_stay(found: list[Record]) -> None:
    few, closed = kept_of(found, most_of_a_key=2)
    everything, _ = kept_of(found)

    stayed = timeline_of(few.records(), closed).items

    first = timeline_of(everything.records(), closed).items[:2]
    assert stayed[: len(first)] == first
    places = {each.source_ip for each in everything.records()}
    assert {each.source_ip for each in few.records()} == places


def test_with_too_many_keys_each_keeps_fewer() -> None:
    kept = Kept(most_plain=400)

    for number in range(4_000):
        kept.add(record_of(call(number, "ListBuckets", key_of(number % 4))))

    assert len(kept.records()) <= 4 * 2 * 50 + 4
    assert len(kept) == 4_000
    assert sum(each.events for each in kept.tallies.values()) + len(kept.records()) == 4_000


def test_a_call_that_blinds_a_log_is_listed_after_any_number_of_others() -> None:
    kept = Kept(most_of_a_key=2)
    for number in range(20):
        kept.add(record_of(call(number, "ListBuckets", SEED)))
    kept.add(record_of(call(50, "StopLogging", SEED)))
    for number in range(60, 80):
        kept.add(record_of(call(number, "ListBuckets", SEED)))

    closed, _ = close(kept.records(), (key_seed(SEED),))

    timeline = timeline_of(kept.records(), closed, kept.tallies)
    (blinding,) = timeline.tampering
    assert blinding.at == START + timedelta(seconds=50)


def test_a_key_used_from_too_many_places_says_so() -> None:
    kept = Kept(most_of_a_key=2)

    for number in range(2_000):
        event = call(number, "ListBuckets", SEED, sourceIPAddress=f"198.51.{number}")
        kept.add(record_of(event))

    assert kept.is_cut
    assert len(kept.records()) < 1_100


@given(st.lists(st.text(max_size=3)))
def test_what_is_remembered_is_what_was_added(texts: list[str]) -> None:
    remembered = Remembered()

    for each in texts:
        remembered.add(each)

    assert len(remembered) == len(set(texts))
    assert all(each in remembered for each in texts)
    assert "never added" not in remembered


def test_so_many_are_remembered_that_the_table_grows() -> None:
    remembered = Remembered()

    for number in range(5_000):
        remembered.add(str(number))

    assert len(remembered) == 5_000
    assert all(str(number) in remembered for number in range(5_000))
    assert "5000" not in remembered
