"""Laws of reading in pieces: wherever a file is cut, it says what it says in one piece."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from fakes.trails import assume, call, key_of
from unleak.trail.glance import glance_at
from unleak.trail.pieces import pieces
from unleak.trail.quick_glance import quick_glance

if TYPE_CHECKING:
    from fakes.trails import Event

SEED = key_of(0)
SIZES = st.integers(min_value=64, max_value=4_000)
CUTS = ('},{"eventVersion":', "},{", '"}]},{"eventVersion":"', "]}", "\\", '\\"},{"eventVersion":"')
text = st.lists(st.sampled_from((*CUTS, "x")), max_size=3).map("".join)
nested = st.recursive(
    st.one_of(st.none(), text),
    lambda inner: st.lists(
        st.fixed_dictionaries({"eventVersion": inner, "accessKeyId": text}), max_size=3
    ),
    max_leaves=6,
)


@st.composite
def events(draw: st.DrawFn) -> Event:
    """Draw an event whose values look like the end of one event and the start of another."""
    number = draw(st.integers(min_value=0, max_value=30))
    key = key_of(draw(st.integers(min_value=0, max_value=3)))
    plain = call(number, "ListBuckets", key)
    event = draw(st.sampled_from((plain, assume(number, key, key_of(9)))))
    odd = {
        "userAgent": draw(text),
        "awsRegion": draw(st.sampled_from(("us-east-1", "eu-west-1", ""))),
        "additionalEventData": draw(nested),
    }
    fields = list({**event, **odd}.items())
    first = [("eventVersion", draw(text))] if draw(st.booleans()) else []
    return dict([*first, *draw(st.permutations(fields))])


def packed_log(some: list[Event], *, after: str = "") -> bytes:
    raw = json.dumps({"Records": some}, separators=(",", ":")) + after
    return gzip.compress(raw.encode(), mtime=0)


@given(st.lists(events(), max_size=8), SIZES, st.sampled_from(("", "\n", " \r\n\t")), st.booleans())
def test_wherever_a_file_is_cut_it_says_the_same(
    some: list[Event],
    size: int,
    after: str,
    with_ids: bool,  # noqa: FBT001 - drawn
) -> None:
    packed = packed_log(some, after=after)

    quick = quick_glance("f", packed, frozenset({SEED}), with_ids=with_ids, size=size)
    slow = glance_at("f", packed, frozenset({SEED}), quick=False, with_ids=with_ids)

    assert quick is not None
    assert replace(quick, index=None) == replace(slow, index=None)
    assert quick.index is not None
    assert slow.index is not None
    assert set(memoryview(slow.index.marks).cast("I")) <= set(
        memoryview(quick.index.marks).cast("I")
    )


@given(st.lists(events(), min_size=1, max_size=5), SIZES, st.data())
def test_what_is_damaged_is_never_read_as_whole(
    some: list[Event], size: int, data: st.DataObject
) -> None:
    raw = json.dumps({"Records": some}, separators=(",", ":"))
    place = data.draw(st.integers(min_value=12, max_value=len(raw) - 1))
    end = data.draw(st.sampled_from(("", "]}", "}", "]")))
    bad = raw[:place] + end
    packed = gzip.compress(bad.encode())

    quick = quick_glance("f", packed, frozenset(), with_ids=True, size=size)

    assert (quick is not None) == is_json(bad)


def is_json(raw: str) -> bool:
    try:
        json.loads(raw)
    except ValueError:
        return False
    return True


def test_a_usual_file_comes_in_pieces_that_hold_each_event_once() -> None:
    some = [{"eventVersion": "1.09", **call(number, "ListBuckets", SEED)} for number in range(50)]

    found = [
        json.loads(bytes(each)) if each is not None else None
        for each in pieces(packed_log(some), size=2_000)
    ]

    assert len(found) > len(some) // 10
    assert [event for piece in found for event in piece or ()] == some


def test_a_file_that_is_cut_off_does_not_end_in_a_piece() -> None:
    some = [{"eventVersion": "1.09", **call(number, "ListBuckets", SEED)} for number in range(50)]

    *_, last = pieces(packed_log(some)[:-4], size=2_000)

    assert last is None
