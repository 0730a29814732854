"""AWS's time from `Date` headers: an upper bound, whatever the local clock says."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from unleak.aws.clock import AwsClock, parse_date_header

SEVEN = datetime(2026, 11, 24, 7, tzinfo=UTC)
HEADER = "Tue, 24 Nov 2026 07:00:00 GMT"


def test_before_any_answer_the_time_is_unknown_and_so_is_the_skew() -> None:
    clock = AwsClock()

    assert clock.now() is None
    assert clock.skew_seconds() is None


def test_the_time_is_the_header_plus_its_resolution_plus_what_has_gone_by() -> None:
    clock = AwsClock()

    clock.observe(HEADER, asked_at=time.monotonic() - 5)

    now = clock.now()
    assert now is not None
    assert timedelta(seconds=6) <= now - SEVEN < timedelta(seconds=7)


def test_a_slow_answer_makes_the_bound_later_never_too_early() -> None:
    quick, slow = AwsClock(), AwsClock()
    received = time.monotonic()

    quick.observe(HEADER, asked_at=received - 0.1)
    slow.observe(HEADER, asked_at=received - 3)

    quick_now, slow_now = quick.now(), slow.now()
    assert quick_now is not None
    assert slow_now is not None
    assert slow_now - quick_now >= timedelta(seconds=2.8)


def test_the_newest_request_wins_even_if_its_answer_came_first() -> None:
    clock = AwsClock()
    sent = time.monotonic()
    clock.observe("Tue, 24 Nov 2026 07:00:10 GMT", asked_at=sent)
    before = clock.skew_seconds()

    clock.observe("Tue, 24 Nov 2026 09:00:00 GMT", asked_at=sent - 1)

    assert clock.skew_seconds() == before


def test_a_header_that_is_no_date_changes_nothing() -> None:
    clock = AwsClock()

    for header in ("", "soon", "Tue, 99 Nov 2026 07:00:00 GMT"):
        clock.observe(header, asked_at=time.monotonic())

    assert clock.now() is None


def test_the_skew_is_local_minus_aws() -> None:
    clock = AwsClock()
    two_hours_ago = datetime.now(UTC) - timedelta(hours=2)

    clock.observe(two_hours_ago.strftime("%a, %d %b %Y %H:%M:%S GMT"), asked_at=time.monotonic())

    skew = clock.skew_seconds()
    assert skew is not None
    assert abs(skew - 7200) < 3


@given(st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2090, 1, 1)))  # noqa: DTZ001 - hypothesis wants naive bounds
def test_every_date_header_reads_back_to_its_second(instant: datetime) -> None:
    whole = instant.replace(microsecond=0, tzinfo=UTC)

    assert parse_date_header(whole.strftime("%a, %d %b %Y %H:%M:%S GMT")) == whole


@given(st.lists(st.tuples(st.integers(0, 60), st.floats(0, 60)), min_size=2, max_size=6))
def test_the_clock_never_goes_back(answers: list[tuple[int, float]]) -> None:
    clock = AwsClock()
    shown: list[datetime] = []

    for second, ago in answers:
        header = (SEVEN + timedelta(seconds=second)).strftime("%a, %d %b %Y %H:%M:%S GMT")
        clock.observe(header, asked_at=time.monotonic() - ago)
        now = clock.now()
        assert now is not None
        shown.append(now)

    assert shown == sorted(shown)
