"""What was done: by tactic, what persists, what AWS itself did; nothing hostile, nothing secret."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from fakes.cloud import FakeCloud
from fakes.trails import ACCOUNT, TOKEN, assume, call, create_key, delivered, key_of, written
from unleak.model.ports import TrailEvent
from unleak.model.trace import Tactic, Trace
from unleak.report.json_trace import trace_document
from unleak.report.json_v1 import to_text
from unleak.report.plain import lay_out
from unleak.report.trace_words import trace_page
from unleak.trail.fixes import fixes_for
from unleak.trail.local import LocalTrail
from unleak.trail.lookup import EventHistory
from unleak.trail.record import read_record
from unleak.trail.seeds import key_seed
from unleak.trail.tactics import COSTS, DATA, TAMPERING
from unleak.trail.tracing import trace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from unleak.trail.glance import Glance
    from unleak.trail.tokens import Wanted

SEED = key_of(0)
IAM = "iam.amazonaws.com"


def traced(folder: Path, *events: dict[str, object]) -> Trace:
    written(folder, "t.json.gz", delivered(events))
    return trace((key_seed(SEED),), [LocalTrail((folder,))])


def test_attempts_and_successes_are_counted_apart(tmp_path: Path) -> None:
    timeline = traced(
        tmp_path,
        call(1, "GetSecretValue", SEED),
        call(2, "GetSecretValue", SEED, error="AccessDenied"),
        call(3, "GetSecretValue", SEED, error="ThrottlingException"),
        call(4, "CreateFunction20150331", SEED),
    ).timeline

    data = timeline.by_tactic[Tactic.DATA_ACCESS]
    assert (data.attempted, data.succeeded, data.denied, data.failed) == (3, 1, 1, 1)
    assert timeline.by_tactic[Tactic.IMPACT].succeeded == 1
    assert timeline.denied == 1
    assert timeline.data == {"GetSecretValue": 1}
    assert timeline.costs == {"CreateFunction20150331": 1}


def test_aws_s_own_quarantine_is_not_blamed_on_the_thief(tmp_path: Path) -> None:
    asked = {
        "userName": "bob",
        "policyArn": "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3",
    }
    quarantine = call(
        1,
        "AttachUserPolicy",
        SEED,
        eventSource=IAM,
        requestParameters=asked,
        userAgent="AWS Internal",
    )

    found = traced(tmp_path, quarantine, call(2, "ListBuckets", SEED))

    assert (found.timeline.events, len(found.timeline.quarantine)) == (1, 1)
    assert found.persistence == ()


def test_what_was_made_is_listed_and_said_to_be_gone_where_the_trail_shows_it(
    tmp_path: Path,
) -> None:
    gone = {"userName": "spare", "accessKeyId": key_of(1, "AKIA")}
    found = traced(
        tmp_path,
        create_key(1, SEED, key_of(1, "AKIA")),
        create_key(2, SEED, key_of(2, "AKIA")),
        call(3, "DeleteAccessKey", SEED, eventSource=IAM, requestParameters=gone),
        call(4, "ListBuckets", key_of(2, "AKIA")),
    )

    first, second = found.persistence
    assert (first.removed_at is not None, first.was_used) == (True, False)
    assert (second.removed_at is not None, second.was_used) == (False, True)
    assert second.fix == f"unleak revoke {key_of(2, 'AKIA')}"


def test_tampering_with_the_trail_is_told(tmp_path: Path) -> None:
    timeline = traced(tmp_path, call(1, "StopLogging", SEED), call(2, "DeleteUser", SEED)).timeline

    assert [each.name for each in timeline.tampering] == ["StopLogging"]


def test_files_say_where_they_end_and_that_data_events_may_be_missing(tmp_path: Path) -> None:
    without = traced(tmp_path / "a", call(1, "ListBuckets", SEED)).coverage
    with_data = traced(tmp_path / "b", call(1, "GetObject", SEED)).coverage

    assert [each.split(":")[0] for each in without.notes] == [
        "the newest event is of 2026-11-24T07",
        "none of the calls that were sought is a data event",
    ]
    assert len(with_data.notes) == 1


def test_the_arn_of_a_secret_is_no_secret(tmp_path: Path) -> None:
    arn = "arn:aws:secretsmanager:us-east-1:111122223333:secret:orders-AbCdEf"
    asked = {"secretId": arn}

    found = traced(tmp_path, call(1, "GetSecretValue", SEED, requestParameters=asked))

    assert found.timeline.data == {f"GetSecretValue {arn}": 1}


def test_each_harm_that_was_done_has_a_line_that_says_what_to_do(tmp_path: Path) -> None:
    found = traced(
        tmp_path,
        call(1, "StopLogging", SEED),
        call(2, "CreateFunction20150331", SEED),
        call(3, "GetSecretValue", SEED, requestParameters={"secretId": "db"}),
        call(4, "RunInstances", SEED, error="AccessDenied"),
        call(5, "ListBuckets", SEED),
    )

    fixes = found.timeline.fixes
    assert set(fixes) == {"StopLogging", "CreateFunction", "GetSecretValue"}
    assert fixes["StopLogging"] == "aws cloudtrail start-logging --name TRAIL"
    assert "start-logging" in lay_out(trace_page(found), width=100)


def test_every_harm_that_is_known_has_a_line_of_its_own_or_says_where_to_look() -> None:
    known = COSTS | DATA | TAMPERING

    lines = fixes_for(known)

    assert set(lines) == known
    assert all(lines.values())


def test_no_token_and_no_escape_comes_out(tmp_path: Path) -> None:
    secret = "wJalrXUtnFEMIK7MDENGbPxRfiCYzzzzzzzzzzzz"
    found = traced(
        tmp_path,
        assume(1, SEED, key_of(1)),
        call(
            2,
            "List\x1b[31mBuckets",
            SEED,
            userAgent=f"\x1b]0;evil\x07 AWS_SECRET_ACCESS_KEY={secret}",
        ),
        call(3, "GetSecretValue", SEED, requestParameters={"secretId": "\u202eevil\x1b[2J"}),
    )

    shown = to_text(trace_document(found)) + lay_out(trace_page(found), width=100)

    assert TOKEN not in shown
    assert secret not in shown
    assert "\x1b" not in shown
    assert "\\u001b" not in shown
    assert "\u202e" not in shown


def test_a_record_keeps_no_token() -> None:
    record = read_record(assume(1, SEED, key_of(1)))

    assert TOKEN not in repr(record)


def test_the_time_that_counts_bounds_the_timeline_not_the_coverage(tmp_path: Path) -> None:
    events = [call(n, "ListBuckets", SEED) for n in range(5)]
    written(tmp_path, "t.json.gz", delivered(events))
    times = [record.at for event in events if (record := read_record(event)) is not None]

    found = trace((key_seed(SEED),), [LocalTrail((tmp_path,))], since=times[1], until=times[3])

    assert (found.timeline.events, found.coverage.events) == (3, 5)


def test_a_region_is_new_where_nobody_was_before(tmp_path: Path) -> None:
    timeline = traced(
        tmp_path,
        call(1, "ListBuckets", key_of(9), awsRegion="us-east-1"),
        call(2, "ListBuckets", key_of(9), awsRegion="eu-west-1"),
        call(3, "RunInstances", SEED, awsRegion="ap-south-1"),
        call(4, "RunInstances", SEED, awsRegion="eu-west-1"),
        call(5, "ListBuckets", key_of(9), awsRegion="ap-south-1"),
        call(6, "AssumeRole", key_of(9), awsRegion="sa-east-1"),
    ).timeline

    assert timeline.new_regions == ("ap-south-1",)


def test_without_anything_older_no_region_is_called_new(tmp_path: Path) -> None:
    timeline = traced(
        tmp_path,
        call(1, "RunInstances", SEED, awsRegion="ap-south-1"),
        call(2, "ListBuckets", key_of(9), awsRegion="us-east-1"),
    ).timeline

    assert timeline.new_regions is None


def test_a_file_that_is_damaged_before_its_second_reading_is_told(tmp_path: Path) -> None:
    child = written(tmp_path, "1.json.gz", delivered([call(2, "RunInstances", key_of(1))]))
    written(tmp_path, "2.json.gz", delivered([assume(1, SEED, key_of(1))]))

    class Breaking(LocalTrail):
        def again(self, wanted: Wanted) -> Iterator[Glance]:
            child.write_bytes(child.read_bytes()[:-20])
            return super().again(wanted)

    found = trace((key_seed(SEED),), [Breaking((tmp_path,))])

    assert [each.path for each in found.coverage.skipped] == [str(child)]


def test_the_event_history_is_followed_from_key_to_key_in_every_region() -> None:
    cloud = FakeCloud()
    cloud.enabled_regions = ("us-east-1", "eu-west-1")
    first = assume(1, SEED, key_of(1), awsRegion="eu-west-1")
    second = call(2, "RunInstances", key_of(1), awsRegion="us-east-1")
    cloud.events = [
        TrailEvent(
            event_id=str(event["eventID"]),
            event_name=str(event["eventName"]),
            region=str(event["awsRegion"]),
            at=None,
            document=json.dumps(event),
        )
        for event in (first, second)
    ]

    found = trace((key_seed(SEED),), [EventHistory(cloud)])

    assert [each.access_key_id for each in found.credentials] == [key_of(1)]
    assert found.timeline.events == 2
    assert set(found.coverage.regions) == {"us-east-1", "eu-west-1"}
    assert ACCOUNT in str(found.credentials[0].principal)
