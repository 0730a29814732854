from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.thief_trace import thief_trace
from unleak.errors import WrongUse
from unleak.model.trace import Coverage, Timeline, Trace
from unleak.report.json_trace import trace_document
from unleak.report.json_v1 import to_text
from unleak.report.trace_reading import read_trace

if TYPE_CHECKING:
    from unleak.report.json_v1 import Document

EMPTY = Trace(
    seeds=(),
    credentials=(),
    principals=(),
    persistence=(),
    timeline=Timeline(),
    coverage=Coverage(),
)


@pytest.mark.parametrize("trace", [EMPTY, thief_trace()], ids=["empty", "full"])
def test_a_trace_survives_its_way_through_the_file(trace: Trace) -> None:
    document = trace_document(trace)

    assert trace_document(read_trace(to_text(document))) == document


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no JSON document"),
        ("[" * 100_000, "no JSON document"),
        ("[]", "'the document' is not an object"),
        ("{}", "'version' is not a whole number"),
        ('{"version": 2}', "'version' is not version 1"),
        ('{"version": true}', "'version' is not a whole number"),
        ('{"version": 1, "seeds": 3}', "'seeds' is not a list"),
        ('{"version": 1, "seeds": [3]}', "'seeds[0]' is not a text"),
    ],
)
def test_a_file_that_is_no_trace_is_refused_with_the_place(text: str, words: str) -> None:
    with pytest.raises(WrongUse, match=r"no trace|no JSON") as caught:
        read_trace(text)

    assert words in caught.value.message
    assert "unleak trace TARGET --json" in caught.value.hint


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("time", "yesterday", "'timeline.items[0].time' is not a time"),
        ("time", 5, "'timeline.items[0].time' is not a time"),
        ("tactic", "magic", "'timeline.items[0].tactic' is not one of recon, "),
        ("outcome", None, "'timeline.items[0].outcome' is not a text"),
        ("confidence", "sure", "is not one of proven, inferred"),
    ],
)
def test_an_event_that_does_not_fit_is_named(name: str, value: object, words: str) -> None:
    document = json.loads(to_text(trace_document(thief_trace())))
    document["timeline"]["items"][0][name] = value

    with pytest.raises(WrongUse) as caught:
        read_trace(json.dumps(document))

    assert words in caught.value.message


def paths(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Every place in a document, the first item of each list standing for all."""
    found = [path] if path else []
    if isinstance(value, dict):
        for name, each in value.items():
            found += paths(each, (*path, name))
    elif isinstance(value, list) and value:
        found += paths(value[0], (*path, 0))
    return found


DOCUMENT: Document = json.loads(to_text(trace_document(thief_trace())))
JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=9),
    st.just([]),
    st.just({}),
)


@settings(max_examples=100, deadline=None)
@given(path=st.sampled_from(paths(DOCUMENT)), junk=JUNK)
def test_junk_anywhere_is_read_or_refused_and_never_crashes(
    path: tuple[str | int, ...], junk: object
) -> None:
    broken = json.loads(json.dumps(DOCUMENT))
    place = broken
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = junk

    refused = ""
    try:
        read_trace(json.dumps(broken))
    except WrongUse as error:
        refused = error.message

    assert refused == "" or str(path[0]) in refused
