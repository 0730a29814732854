"""Laws of the trace: it finds what a plain tracer finds, in any shape, order and number."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.trails import (
    SHAPES,
    Event,
    assume,
    call,
    create_key,
    key_of,
    plainly_traced,
    written,
)
from unleak.trail.glance import Glance, glance_at
from unleak.trail.local import LocalTrail
from unleak.trail.seeds import key_seed
from unleak.trail.tracing import trace

if TYPE_CHECKING:
    from unleak.model.trace import Trace
    from unleak.trail.tokens import Index

KEYS = 9
SEED = key_of(0)
keys = st.integers(min_value=0, max_value=KEYS - 1).map(key_of)
ERRORS = (None, None, "AccessDenied", "Client.UnauthorizedOperation", "ThrottlingException")


@dataclass(frozen=True, kw_only=True)
class File:
    """One file of a drawn trail."""

    events: list[Event]
    shape: int


@st.composite
def events(draw: st.DrawFn) -> Event:
    """Draw a call, or one that makes a credential: any key may make any, so there are cycles."""
    number = draw(st.integers(min_value=0, max_value=60))
    signer = draw(st.one_of(st.none(), keys))
    error = draw(st.sampled_from(ERRORS))
    more: Event = {} if error is None else {"errorCode": error}
    match draw(st.sampled_from(("call", "assume", "create"))):
        case "assume":
            return assume(number, signer, draw(keys), **more)
        case "create":
            return create_key(number, signer, draw(keys), **more)
        case _:
            return call(number, "DescribeInstances", signer, error=error)


@st.composite
def trails(draw: st.DrawFn) -> list[File]:
    """Draw files, with events twice, fields in any order."""
    unique = {event["eventID"]: event for event in draw(st.lists(events(), max_size=30))}
    everything = list(unique.values())
    files = []
    for _ in range(draw(st.integers(min_value=1, max_value=4))):
        some = draw(st.lists(st.sampled_from(everything), max_size=20)) if everything else []
        mixed = [dict(draw(st.permutations(list(event.items())))) for event in some]
        files.append(File(events=mixed, shape=draw(st.integers(0, len(SHAPES) - 1))))
    return files


def traced(files: list[File], folder: Path) -> Trace:
    for number, file in enumerate(files):
        written(folder, f"{number}.json", SHAPES[file.shape](file.events))
    return trace((key_seed(SEED),), [LocalTrail((folder,))])


@given(trails())
def test_the_trace_is_what_a_plain_tracer_finds(files: list[File]) -> None:
    truth = plainly_traced(SEED, [event for file in files for event in file.events])

    with tempfile.TemporaryDirectory() as folder:
        found = traced(files, Path(folder))

    assert {each.access_key_id for each in found.credentials} | {SEED} == truth.keys
    assert (found.timeline.events, found.timeline.denied) == (truth.events, truth.denied)
    assert {(c.minted_by, c.access_key_id) for c in found.credentials} <= truth.edges
    assert all(each.confidence == "proven" for each in found.credentials)


@given(trails())
def test_every_event_is_counted_once_as_read_and_each_copy_as_one(files: list[File]) -> None:
    total = [event["eventID"] for file in files for event in file.events]

    with tempfile.TemporaryDirectory() as folder:
        coverage = traced(files, Path(folder)).coverage

    empty = [file for file in files if not file.events]
    assert coverage.events == len(total)
    assert coverage.duplicates == len(total) - len(set(total))
    assert coverage.files == len(files)
    assert len(coverage.skipped) <= len(empty)


def assert_same(quick: Glance, slow: Glance) -> None:
    """The same but for the index: the quick one may name more, which costs a look, never less."""
    assert replace(quick, index=None) == replace(slow, index=None)
    assert (quick.index is None) == (slow.index is None)
    if quick.index is not None and slow.index is not None:
        assert marks(slow.index) <= marks(quick.index)


def marks(index: Index) -> set[int]:
    return set(memoryview(index.marks).cast("I"))


@settings(max_examples=200)
@given(trails(), st.sets(keys, max_size=3))
def test_the_quick_reader_reads_what_the_standard_library_reads(
    files: list[File], sought: set[str]
) -> None:
    for file in files:
        raw = SHAPES[file.shape](file.events)

        quick = glance_at("f", raw, frozenset(sought))
        slow = glance_at("f", raw, frozenset(sought), quick=False)

        assert_same(quick, slow)


hostile = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=6), keys),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=5,
)
FIELDS = ("eventName", "eventID", "eventTime", "awsRegion", "userIdentity", "requestParameters")


@settings(max_examples=200)
@given(trails(), st.lists(st.tuples(st.sampled_from(FIELDS), hostile), max_size=3))
def test_fields_of_a_wrong_type_change_nothing_but_their_own_event(
    files: list[File], wrong: list[tuple[str, object]]
) -> None:
    file = files[0]
    for number, (field, value) in enumerate(wrong):
        file.events.append({**assume(90 + number, SEED, key_of(number)), field: value})
    raw = SHAPES[file.shape](file.events)

    quick = glance_at("f", raw, frozenset({SEED}))
    slow = glance_at("f", raw, frozenset({SEED}), quick=False)

    assert_same(quick, slow)
