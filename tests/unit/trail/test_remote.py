"""A trail in a bucket comes to what its files come to, and what was not read is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from fakes.bucket import ORGANIZATION, MemoryBucket, log_key, organization_trail
from fakes.trails import START, assume, call, delivered, key_of, written
from unleak.errors import MissingPermission, UnleakError, Unreachable, WrongUse
from unleak.model.trace import Coverage
from unleak.trail.ferry import GIVEN_UP, Ferry
from unleak.trail.inflate import MOST
from unleak.trail.local import LocalTrail
from unleak.trail.remote import BucketTrail
from unleak.trail.seeds import key_seed
from unleak.trail.tracing import trace

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from unleak.model.trace import Trace

SEED = key_of(0)
DAY = timedelta(days=1)


def traced(
    bucket: MemoryBucket,
    prefix: str = "",
    *,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Trace:
    source = BucketTrail(bucket, prefix, since=since, until=until)
    return trace((key_seed(SEED),), [source], since=since, until=until)


def reasons(found: Trace) -> dict[str, str]:
    return {each.path: each.why for each in found.coverage.skipped}


def test_an_organizations_bucket_comes_to_what_its_files_come_to(tmp_path: Path) -> None:
    objects = organization_trail(6)
    for key, content in objects.items():
        if "/CloudTrail/" in key:
            written((tmp_path / key).parent, key.rpartition("/")[2], content)

    found = traced(MemoryBucket(objects=objects))

    local = trace((key_seed(SEED),), [LocalTrail((tmp_path,))])
    assert replace(found, coverage=Coverage()) == replace(local, coverage=Coverage())
    assert replace(found.coverage, notes=()) == replace(local.coverage, notes=())
    assert len(found.credentials) == 6
    assert found.coverage.duplicates == found.coverage.events / 2


@pytest.mark.parametrize(
    ("prefix", "files"),
    [
        ("", 14),
        ("AWSLogs", 14),
        ("AWSLogs/", 14),
        (f"AWSLogs/{ORGANIZATION}", 7),
        ("AWSLogs/444455556666/", 3),
        ("AWSLogs/444455556666/CloudTrail/us-east-1/", 1),
        (log_key(0, region="eu-central-1", at=START + 6 * DAY).rpartition("/")[0], 1),
        (log_key(0, region="eu-central-1", at=START + 6 * DAY), 1),
    ],
)
def test_a_url_may_point_anywhere_in_the_layout(prefix: str, files: int) -> None:
    assert traced(MemoryBucket(objects=organization_trail(6)), prefix).coverage.files == files


def test_folders_that_hold_no_calls_are_noted_and_not_fetched() -> None:
    bucket = MemoryBucket(objects=organization_trail(1))

    notes = traced(bucket).coverage.notes

    assert all("/CloudTrail/" in key for key in bucket.fetched)
    assert [each for each in notes if each.endswith("were left out")] == [
        "digests and insights were left out",
        "logs of other services were left out",
        "network activity and aggregated events were left out",
    ]


@pytest.mark.parametrize("prefix", ["deep/" * 7, "a/", "logs//"])
def test_a_plain_folder_is_read_at_any_depth(prefix: str) -> None:
    events = [assume(1, SEED, key_of(1))]
    bucket = MemoryBucket(objects={f"{prefix}t.json.gz": delivered(events), "a/x.txt": b"?"})

    found = traced(bucket)

    assert [each.access_key_id for each in found.credentials] == [key_of(1)]
    assert "such as x.txt" in found.coverage.notes[0]


def test_a_folder_of_very_many_folders_is_listed_in_one_go() -> None:
    objects = {f"{n:03}/AWSLogs/x.json.gz": delivered([]) for n in range(300)}
    bucket = MemoryBucket(objects=objects)

    found = traced(bucket)

    assert found.coverage.files == 300
    assert len(bucket.listings) == 2


def test_days_outside_of_the_time_are_neither_listed_nor_fetched() -> None:
    days = {n: log_key(n, at=START + n * DAY) for n in range(10)}
    objects = {key: delivered([call(n * 86_400, "ListBuckets", SEED)]) for n, key in days.items()}
    bucket = MemoryBucket(objects=objects, page=1)

    found = traced(bucket, since=START + 4 * DAY, until=START + 5 * DAY)

    assert bucket.fetched == [days[4], days[5], days[6]]
    assert bucket.listings[-1][1].endswith("us-east-1/2026/11/28")
    assert found.timeline.events == 2
    assert "from 2026-11-28 to 2026-11-30" in " ".join(found.coverage.notes)


def test_what_no_day_can_be_read_from_is_fetched_whatever_the_time() -> None:
    bucket = MemoryBucket(objects={"t.json.gz": delivered([call(1, "ListBuckets", SEED)])})

    found = traced(bucket, since=START, until=START + DAY)

    assert found.timeline.events == 1


def test_a_prefix_that_may_not_be_listed_is_told_and_the_others_are_read() -> None:
    denied = f"AWSLogs/{ORGANIZATION}/444455556666/"
    bucket = MemoryBucket(objects=organization_trail(6), denied=(denied,))

    found = traced(bucket, f"AWSLogs/{ORGANIZATION}/")

    assert reasons(found) == {
        f"s3://trail/{denied}": "it cannot be listed: not allowed to call ListObjectsV2: no"
    }
    assert found.coverage.files == 4


def test_nothing_that_may_be_listed_is_told_as_nothing_read() -> None:
    found = traced(MemoryBucket(objects=organization_trail(1), denied=("",)))

    assert found.coverage.files == 0
    assert [each.why.partition(":")[0] for each in found.coverage.skipped] == [
        "it cannot be listed",
        "no log was found there",
    ]


def test_an_object_is_fetched_by_name_where_nothing_may_be_listed() -> None:
    key = log_key(0)
    objects = {key: delivered([call(1, "ListBuckets", SEED)])}

    assert traced(MemoryBucket(objects=objects, denied=("",)), key).timeline.events == 1


def test_no_log_at_all_is_refused_as_a_mistake() -> None:
    with pytest.raises(WrongUse, match="no log at s3://trail/AWSLogz"):
        traced(MemoryBucket(objects=organization_trail(1)), "AWSLogz")


def test_no_log_in_the_time_asked_for_is_told() -> None:
    found = traced(MemoryBucket(objects=organization_trail(1)), since=START + 100 * DAY)

    assert reasons(found) == {"s3://trail/": "no log was found there from 2027-03-04"}


def test_an_object_that_cannot_be_fetched_or_read_is_told() -> None:
    objects = organization_trail(3)
    gone, cut, *_ = (key for key in objects if ORGANIZATION in key and "/CloudTrail/" in key)
    objects[cut] = objects[cut][:-20]
    bucket = MemoryBucket(objects=objects, failing={gone: UnleakError("it is not there any more")})

    found = traced(bucket)

    assert reasons(found) == {
        f"s3://trail/{gone}": "it cannot be fetched: it is not there any more",
        f"s3://trail/{cut}": "the gzip data is cut off",
    }
    assert len(found.credentials) == 3  # the copies of the account's own trail have them


def test_an_object_that_is_gone_when_it_is_needed_again_is_told() -> None:
    child, parent = log_key(1, at=START), log_key(2, at=START + DAY)
    objects = {
        child: delivered([call(5, "RunInstances", key_of(1))]),
        parent: delivered([assume(1, SEED, key_of(1))]),
    }

    class Vanishing(MemoryBucket):
        def fetch(self, key: str, *, most: int) -> bytes:
            if key in self.fetched:
                message = "it is not there any more"
                raise UnleakError(message)
            return super().fetch(key, most=most)

    found = traced(Vanishing(objects=objects))

    assert {path.removeprefix("s3://trail/") for path in reasons(found)} == {child}
    assert all("not again for what became known later" in why for why in reasons(found).values())


def test_a_hostile_name_is_shown_on_one_line() -> None:
    name = "evil\n\x1b[2J\u202e.json"
    bucket = MemoryBucket(objects={name: b"{"})

    (skipped,) = traced(bucket).coverage.skipped

    assert skipped.path == "s3://trail/evil .json"


def test_many_failures_are_counted_and_the_first_ones_named() -> None:
    objects = {f"{n:04}.json": b"" for n in range(500)}
    failing: dict[str, UnleakError] = {key: MissingPermission("kms:Decrypt") for key in objects}

    skipped = traced(MemoryBucket(objects=objects, failing=failing)).coverage.skipped

    assert len(skipped) == 201
    assert skipped[-1].why.startswith("300 more could not be read")


def test_nobody_is_asked_for_ever_when_nobody_answers() -> None:
    objects = {f"{n:04}.json": b"" for n in range(300)}
    failing: dict[str, UnleakError] = {key: Unreachable("no answer") for key in objects}
    bucket = MemoryBucket(objects=objects, failing=failing)

    found = traced(bucket)

    assert len(bucket.fetched) < 60
    assert found.coverage.skipped[-1].why.endswith(GIVEN_UP)


def test_how_late_logs_came_is_noted() -> None:
    late = log_key(1, at=START + timedelta(minutes=9))
    bucket = MemoryBucket(objects={late: delivered([call(0, "ListBuckets", SEED)])})

    note, *_ = traced(bucket).coverage.notes

    assert "delivered at 2026-11-24T07:09:00Z" in note
    assert "up to 9 minutes after their last event" in note


def test_what_waits_to_be_read_stays_within_bounds() -> None:
    objects = {f"{n:03}.json": bytes(1_000) for n in range(100)}
    bucket = MemoryBucket(objects=objects, page=1_000)
    listed = [each for page in bucket.pages("") for each in page.objects]

    most = 0
    for number, _ in enumerate(Ferry(bucket, in_flight=5_000).parcels(listed), start=1):
        most = max(most, len(bucket.fetched) - number)

    assert most <= 5


def test_an_object_beyond_the_bound_is_not_fetched() -> None:
    (listed,) = (
        each for page in MemoryBucket(objects={"a": b""}).pages("") for each in page.objects
    )
    bucket = MemoryBucket(objects={})

    (parcel,) = Ferry(bucket).parcels([replace(listed, size=MOST + 1)])

    assert "larger than 512 MB" in parcel.why
    assert bucket.fetched == []


def test_much_is_read_by_several_processes_to_the_same_end() -> None:
    objects = organization_trail(4, noise=1_200_000)
    assert sum(map(len, objects.values())) > 10 * 1024 * 1024

    found = traced(MemoryBucket(objects=objects), f"AWSLogs/{ORGANIZATION}")

    assert [each.minted_by for each in found.credentials] == [key_of(n) for n in range(4)]
