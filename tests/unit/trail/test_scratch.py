"""The quick way to unpack gives what the plain one gives, for whole files and for bad ones."""

from __future__ import annotations

import gzip
from concurrent.futures import ThreadPoolExecutor

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from unleak.trail.event_ids import one_by_one, packed_ids
from unleak.trail.inflate import Damaged, unpacked
from unleak.trail.scratch import lent

RAW = b'{"Records":[]}' * 5_000
PACKED = gzip.compress(RAW, mtime=0)  # so that the names of the tests are the same each time


def outcome_of(packed: bytes, *, most: int, quick: bool) -> bytes | str:
    try:
        return bytes(lent(packed, most=most)) if quick else unpacked(packed, most=most)
    except Damaged as error:
        return error.message


def same(packed: bytes, most: int = 10_000_000) -> bytes | str:
    """Return what comes of it, the same both ways."""
    quick = outcome_of(packed, most=most, quick=True)
    assert quick == outcome_of(packed, most=most, quick=False)
    return quick


@pytest.mark.parametrize(
    ("packed", "expected"),
    [
        (PACKED, RAW),
        (PACKED + PACKED, RAW + RAW),
        (PACKED + bytes(99), RAW),
        (PACKED + bytes(3) + PACKED, RAW + RAW),
        (RAW, RAW),
        (b"", b""),
        (gzip.compress(b"", mtime=0), b""),
        (zstandard.ZstdCompressor().compress(RAW), RAW),
        (PACKED[:-1], "the gzip data is cut off"),
        (PACKED[:50], "the gzip data is cut off"),
        (PACKED[:2], "the gzip data is cut off"),
        (PACKED + b"abc" * 9, "the gzip data is damaged"),
        (PACKED[:-6] + b"x" + PACKED[-5:], "the gzip data is damaged"),
        (PACKED[:-1] + b"\xff", "the gzip data is damaged"),
    ],
)
def test_both_ways_say_the_same(packed: bytes, expected: bytes | str) -> None:
    assert same(packed) == expected


@given(st.binary(max_size=300), st.integers(0, 400), st.binary(max_size=4))
def test_both_ways_say_the_same_of_any_damage(raw: bytes, place: int, change: bytes) -> None:
    packed = gzip.compress(raw)

    same(packed[:place] + change + packed[place + len(change) :])


@pytest.mark.parametrize("size", [999_999, 1_000_000, 1_000_001, 3_000_000])
def test_the_bound_holds_whatever_a_file_says_of_its_size(size: int) -> None:
    packed = gzip.compress(bytes(size))

    answer = same(packed, 1_000_000)

    assert (answer == "it unpacks to more than 0 MB") is (size > 1_000_000)
    same(packed[:-4] + b"\x00\x00\x00\x00", 1_000_000)
    same(packed[:-4] + b"\xff\xff\xff\xff", 1_000_000)


def test_a_file_that_is_larger_than_it_says_is_read_to_its_end() -> None:
    parts = [gzip.compress(bytes([number]) * 2_000_000) for number in (1, 2)]
    tiny = gzip.compress(b"x")

    assert same(b"".join([*parts, tiny])) == b"\x01" * 2_000_000 + b"\x02" * 2_000_000 + b"x"


def test_a_small_file_after_a_large_one_shows_nothing_of_it() -> None:
    lent(gzip.compress(b"y" * 100_000))

    assert bytes(lent(gzip.compress(b"short"))) == b"short"


def test_two_threads_do_not_share_memory() -> None:
    with ThreadPoolExecutor(1) as pool:
        mine = lent(gzip.compress(b"m" * 1_000))
        pool.submit(lent, gzip.compress(b"t" * 1_000)).result()

    assert bytes(mine) == b"m" * 1_000


odd = st.sampled_from(
    (
        "",
        "x",
        "00000000-0000-4000-8000-00000000000A",
        "00000000-0000-4000-8000-0000000000 0",
        "00000000-0000-4000-80000-00000000000",
        "000000000000-4000-8000-0000-00000000",
        "00000000-0000-4000-8000-00000000000\u0660",
        "00000000-0000-4000-8000-0000000000000",
    )
)


@given(st.lists(st.one_of(st.uuids().map(str), odd), max_size=6))
def test_packed_ids_are_the_same_exactly_where_the_ids_are(ids: list[str]) -> None:
    packed, others = packed_ids(ids)

    told = one_by_one(packed, others)

    known = [each for each in ids if each]
    assert len(told) == len(known)
    assert len(set(told)) == len(set(known))


@given(st.lists(st.uuids().map(str), min_size=1, max_size=6), st.lists(odd, max_size=2))
def test_an_id_has_one_form_whatever_is_beside_it(usual: list[str], beside: list[str]) -> None:
    alone = one_by_one(*packed_ids(usual[:1]))

    together = one_by_one(*packed_ids([*beside, *usual]))

    assert alone[0] in together
