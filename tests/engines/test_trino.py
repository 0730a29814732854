"""The statements for Athena and CloudTrail Lake, on Trino itself; `make trino` runs these."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fakes.trails import Event, assume, call, create_key, key_of, lines, written
from lab import trino_server
from lab.trino_sql import Trino, make_tables
from unleak.evidence.trail_time import read_trail_time
from unleak.model.principal import parse_arn
from unleak.model.query import Queried
from unleak.model.trace import Coverage, Trace
from unleak.trail.dialects import AthenaDialect, CalendarPartition, DayPartition, LakeDialect
from unleak.trail.inflate import unpacked
from unleak.trail.local import LocalTrail
from unleak.trail.queried import QueriedTrail, Store
from unleak.trail.seeds import key_seed, principal_seed
from unleak.trail.shape import documents
from unleak.trail.tracing import trace

if TYPE_CHECKING:
    from unleak.trail.dialects import Dialect

PROJECT = Path(__file__).resolve().parents[2]
TRAILS = Path(os.environ.get("UNLEAK_TRAILS") or PROJECT.parent / "shared" / "trails")
STORE = "5a1c2d3e-0000-4000-8000-0123456789ab"
ATHENA = AthenaDialect(
    catalog="memory",
    database="default",
    table="athena_trail",
    partition=DayPartition(key="day", pattern="%Y/%m/%d"),
)
LAKE = LakeDialect(store=STORE)
DIALECTS = pytest.mark.parametrize("dialect", [ATHENA, LAKE], ids=["athena", "lake"])
SEED = key_of(0)
DEPTH = 6

pytestmark = [
    pytest.mark.trino,
    pytest.mark.skipif(not trino_server.is_there(), reason="`make trino` fetches the server"),
]


@dataclass(frozen=True, kw_only=True)
class TrinoStore:
    """Trino as a store."""

    trino: Trino

    def run(self, statement: str) -> Queried:
        # two things are CloudTrail Lake's own: an id without quotes is a table, and a time is
        # compared with a plain text, as in AWS's examples
        named = statement.replace(STORE, '"lake_trail"')
        typed = re.sub(r"eventtime (.=) '([0-9: -]{19})'", r"eventtime \1 TIMESTAMP '\2'", named)
        answer = self.trino.run(typed)
        rows: list[Mapping[str, str]] = [
            {n: str(cell) for n, cell in zip(answer.names, row, strict=True) if cell is not None}
            for row in answer.rows
        ]
        return Queried(rows=rows, scanned_bytes=0)


@pytest.fixture(scope="module")
def trino(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trino]:
    with trino_server.running(tmp_path_factory.mktemp("trino")) as server:
        yield server


def traced(trino: Trino, dialect: Dialect, seed: str) -> Trace:
    source = QueriedTrail(Store(name="store", price=str), dialect, TrinoStore(trino=trino))
    return trace((key_seed(seed),), [source])


def without_coverage(found: Trace) -> Trace:
    """Return the trace without what rests on all that was read: a store is asked for some of it."""
    timeline = replace(found.timeline, new_regions=None)
    return replace(found, coverage=Coverage(), timeline=timeline)


ANSWER: Event = {
    "credentialSet": [
        {
            "credentials": {"accessKeyId": key_of(40), "expiration": "2026-11-24T08:00:00Z"},
            "assumedRoleUser": {"arn": "arn:aws:sts::111122223333:assumed-role/door/x"},
        }
    ]
}
STARTED: Event = {"instancesSet": {"items": [{"instanceId": "i-1"}, {"instanceId": "i-2"}]}}
GENERATED = [
    *(assume(number, key_of(number), key_of(number + 1)) for number in range(DEPTH)),
    assume(20, key_of(DEPTH), SEED),
    *(call(30 + number, "ListBuckets", key_of(number)) for number in range(DEPTH + 1)),
    create_key(50, key_of(2), key_of(60, "AKIA")),
    call(51, "RunInstances", key_of(60, "AKIA"), responseElements=STARTED),
    call(52, "SendCommand", key_of(1), requestParameters={"instanceIds": ["i-7", "i-8"]}),
    call(53, "CreateSession", key_of(3), eventSource="rolesanywhere.amazonaws.com")
    | {"responseElements": ANSWER},
    call(54, "ListBuckets", key_of(40)),
    call(55, "GetObject", key_of(1), requestParameters={"bucketName": "b", "key": "k"}),
    call(56, "PutObject", key_of(1), requestParameters="no object", responseElements=[1]),
    call(57, "DeleteTrail", key_of(1), error="AccessDenied"),
    *(assume(70 + number, key_of(100 + number), key_of(200 + number)) for number in range(9)),
]


@DIALECTS
def test_generated_chains_come_to_what_files_come_to(
    trino: Trino, dialect: Dialect, tmp_path: Path
) -> None:
    make_tables(trino, GENERATED)
    path = written(tmp_path, "events.json", lines(GENERATED))
    local = trace((key_seed(SEED),), [LocalTrail((path,))])

    found = traced(trino, dialect, SEED)

    assert len(local.credentials) == DEPTH + 2
    assert found.coverage.skipped == ()
    assert without_coverage(found) == without_coverage(local)


@DIALECTS
def test_a_span_and_a_name_are_understood(trino: Trino, dialect: Dialect) -> None:
    make_tables(trino, GENERATED)
    since, until = (
        read_trail_time("2026-11-24T07:00:50Z"),
        read_trail_time("2026-11-24T07:00:54Z"),
    )
    seed = principal_seed(parse_arn("arn:aws:iam::111122223333:role/app").principal)
    dialects = [dialect]
    if isinstance(dialect, AthenaDialect):
        dialects.append(replace(dialect, partition=None))

    for each in dialects:
        store = TrinoStore(trino=trino)
        source = QueriedTrail(Store(name="store", price=str), each, store, since=since, until=until)
        found = trace((seed,), [source], since=since, until=until)

        assert found.coverage.events == 5
        assert found.coverage.skipped == ()


def test_three_partition_keys_are_compared_as_one_day(trino: Trino) -> None:
    day = read_trail_time("2026-11-24T00:00:00Z")
    assert day is not None
    condition = CalendarPartition().at_least(day)
    table = "(VALUES (2026, 11, 23), (2026, 11, 24), (2026, 12, 1)) AS t (year, month, day)"

    answer = trino.run(f"SELECT COUNT(*) FROM {table} WHERE {condition}")  # noqa: S608 - our own

    assert answer.rows == ((2,),)


@pytest.mark.skipif(not TRAILS.is_dir(), reason="the real trails are not at hand")
@pytest.mark.parametrize(
    ("folder", "seed"),
    [("invictus", "AKIATFQR7NSC8Q4X20BJ"), ("otrf", "ASIA5FLZVX4OPVKKVBMX")],
)
def test_real_attacks_come_to_what_files_come_to(trino: Trino, folder: str, seed: str) -> None:
    events: list[Event] = []
    for path in LocalTrail((TRAILS / folder,)).files:
        found, _ = documents(unpacked(Path(path).read_bytes()))
        for each in found:
            assert isinstance(each, dict)
            # a store has no field of logstash's
            events.append({"eventTime": each.get("@timestamp"), **each})
    make_tables(trino, events)
    local = trace((key_seed(seed),), [LocalTrail((TRAILS / folder,))])

    for dialect in (ATHENA, LAKE):
        queried = traced(trino, dialect, seed)

        assert queried.coverage.skipped == ()
        assert without_coverage(queried) == without_coverage(local)
