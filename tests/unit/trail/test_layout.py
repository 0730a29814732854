"""Where CloudTrail puts its logs, and which folders hold what."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from fakes.bucket import log_key
from unleak.trail.layout import (
    Left,
    Stage,
    day_of,
    days_of,
    delivered_at,
    left_out,
    left_out_of,
    region_folder,
    stage_of,
)

ACCOUNT = "111122223333"


@pytest.mark.parametrize(
    ("prefix", "stage"),
    [
        ("", Stage.PLAIN),
        ("logs/", Stage.PLAIN),
        ("AWSLogs/", Stage.ACCOUNTS),
        ("logs//AWSLogs/", Stage.ACCOUNTS),
        ("AWSLogs/o-exampleorg1/", Stage.ACCOUNTS),
        ("o-exampleorg1/AWSLogs/o-exampleorg1/", Stage.ACCOUNTS),
        (f"AWSLogs/{ACCOUNT}/", Stage.SERVICES),
        (f"AWSLogs/o-exampleorg1/{ACCOUNT}/", Stage.SERVICES),
        (f"AWSLogs/{ACCOUNT}/CloudTrail/", Stage.REGIONS),
        (f"AWSLogs/{ACCOUNT}/CloudTrail/us-east-1/", Stage.DAYS),
        (f"AWSLogs/{ACCOUNT}/CloudTrail/us-east-1/2026/", Stage.DAYS),
        ("copy/CloudTrail/us-east-1/2026/11/24/", Stage.DAYS),
        (f"AWSLogs/{ACCOUNT}/Config/", Stage.PLAIN),
        ("AWSLogs/somebody/", Stage.PLAIN),
    ],
)
def test_a_prefix_tells_what_lies_below_it(prefix: str, stage: Stage) -> None:
    assert stage_of(prefix) is stage


def test_only_calls_are_looked_into_below_an_account() -> None:
    names = ("CloudTrail", "CloudTrail-Digest", "CloudTrail-NetworkActivity", "Config")

    assert [left_out(Stage.SERVICES, name) for name in names] == [
        None,
        Left.NO_CALLS,
        Left.OTHER_EVENTS,
        Left.OTHER_SERVICE,
    ]


def test_what_was_asked_for_by_name_is_looked_into_whatever_it_is() -> None:
    start = f"AWSLogs/{ACCOUNT}/CloudTrail-Digest/"

    assert left_out_of(f"{start}us-east-1/x.json.gz", start) is None
    assert left_out_of(f"{start}us-east-1/x.json.gz", "AWSLogs/") is Left.NO_CALLS


def test_a_key_tells_its_region_its_day_and_when_it_was_delivered() -> None:
    key = log_key(1, prefix="logs/", at=datetime(2026, 11, 24, 7, 5, tzinfo=UTC))

    assert region_folder(key) == f"logs/AWSLogs/{ACCOUNT}/CloudTrail/us-east-1/"
    assert day_of(key) == date(2026, 11, 24)
    assert delivered_at(key) == datetime(2026, 11, 24, 7, 5, tzinfo=UTC)


@pytest.mark.parametrize("name", ["2026/13/45", "9999/99/99", "x/y/z", "2026/11"])
def test_a_folder_that_is_no_day_has_none(name: str) -> None:
    key = f"AWSLogs/{ACCOUNT}/CloudTrail/us-east-1/{name}/a_20261345T9999Z_x.json.gz"

    assert day_of(key) is None
    assert delivered_at(key) is None


def test_a_day_more_is_looked_at_than_was_asked_for() -> None:
    days = days_of(datetime(2026, 11, 24, 0, 10, tzinfo=UTC), datetime(2026, 11, 25, 7, tzinfo=UTC))

    assert (days.first, days.last) == (date(2026, 11, 23), date(2026, 11, 26))


def test_there_is_no_day_before_the_first_nor_after_the_last() -> None:
    first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)

    days = days_of(first, last)

    assert (days.first, days.last) == (first.date(), last.date())
