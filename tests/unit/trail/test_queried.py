"""A queried trail: few queries, what is said of them, and what happens when one fails."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from fakes.sql import SqlStore, athena, lake
from fakes.trails import START, Event, assume, call, create_key, key_of
from unleak.errors import AwsFailure
from unleak.model.principal import parse_arn
from unleak.trail.dialects import DayPartition, Dialect
from unleak.trail.queried import QueriedTrail, Store, in_units
from unleak.trail.seeds import key_seed, principal_seed
from unleak.trail.tracing import trace

if TYPE_CHECKING:
    from unleak.model.query import Queried
    from unleak.model.trace import Trace

SEED = key_of(0)
DEPTH = 6
CHAIN = [
    *(assume(number, key_of(number), key_of(number + 1)) for number in range(DEPTH)),
    *(call(20 + number, "RunInstances", key_of(number)) for number in range(DEPTH + 1)),
    *(assume(40 + number, key_of(100 + number), key_of(200 + number)) for number in range(4)),
]
DIALECTS = pytest.mark.parametrize("dialect", [athena(), lake()], ids=["athena", "lake"])
STORE = Store(name="athena db.trail", price=lambda size: f"{size} cents", remarks=("a remark",))


def traced(
    store: SqlStore,
    dialect: Dialect | None = None,
    *,
    most_mints: int = 1_000,
    most_rows: int = 1_000,
) -> Trace:
    source = QueriedTrail(
        STORE, dialect or athena(), store, most_mints=most_mints, most_rows=most_rows
    )
    return trace((key_seed(SEED),), [source])


@DIALECTS
def test_a_chain_of_any_length_costs_two_queries(dialect: Dialect) -> None:
    store = SqlStore(CHAIN)

    found = traced(store, dialect)

    keys = {each.access_key_id for each in found.credentials}
    assert keys == {key_of(number) for number in range(1, DEPTH + 1)}
    assert found.timeline.events == 2 * DEPTH + 1
    assert len(store.statements) == 2
    assert found.coverage.duplicates == 0


def test_where_too_many_credentials_are_handed_out_each_step_costs_a_query() -> None:
    store = SqlStore(CHAIN)

    found = traced(store, most_mints=5)

    assert len(found.credentials) == DEPTH
    assert len(store.statements) == DEPTH + 2
    assert any("each step of the chain cost a query" in each for each in found.coverage.notes)
    assert found.coverage.skipped == ()


def test_an_answer_that_was_cut_off_is_a_gap() -> None:
    store = SqlStore(CHAIN)

    found = traced(store, most_rows=3)

    assert "only 3 events were asked for" in {each.why for each in found.coverage.skipped}


def test_what_was_read_and_what_it_cost_is_said() -> None:
    notes = traced(SqlStore(CHAIN)).coverage.notes

    assert "athena db.trail: 2 queries read 4.00 MB, 4000000 cents" in notes
    assert "athena db.trail: without --since and --until each query reads everything" in notes
    assert "the results of the queries stay in s3://results/queries" in notes
    assert "a remark" in notes


@dataclass
class Broken:
    """A store whose queries fail."""

    why: str
    statements: list[str] = field(default_factory=list)

    def run(self, statement: str) -> Queried:
        self.statements.append(statement)
        raise AwsFailure(self.why, error_code="FAILED", operation="StartQueryExecution")


def test_a_query_that_failed_is_a_gap_with_the_reason() -> None:
    store = Broken("the query ended as FAILED: HIVE_BAD_DATA\x1b[31m in one file")

    found = trace((key_seed(SEED),), [QueriedTrail(STORE, athena(), store)])

    (skipped,) = found.coverage.skipped
    assert skipped.path == "athena db.trail query 1"
    assert "HIVE_BAD_DATA in one file" in skipped.why


def test_a_name_that_cannot_be_asked_for_is_a_gap_and_the_rest_is_asked_for() -> None:
    hostile: Event = {"functionName": "x' OR '1'='1"}
    created = call(
        50,
        "CreateFunction20150331",
        SEED,
        eventSource="lambda.amazonaws.com",
        requestParameters=hostile,
    )
    store = SqlStore([*CHAIN, created])

    found = traced(store)

    assert len(found.credentials) == DEPTH
    (skipped,) = found.coverage.skipped
    assert "was not asked for" in skipped.why


@DIALECTS
def test_a_span_leaves_out_what_was_before_and_after(dialect: Dialect) -> None:
    store = SqlStore(CHAIN)
    since, until = START.replace(second=20), START.replace(second=21)
    source = QueriedTrail(STORE, dialect, store, since=since, until=until)

    found = trace((key_seed(SEED),), [source], since=since, until=until)

    assert found.credentials == ()
    assert found.timeline.events == 1
    assert found.coverage.events == 1


def test_partitions_are_narrowed_and_hide_nothing() -> None:
    store = SqlStore(CHAIN)
    since = datetime(2026, 11, 24, tzinfo=UTC)
    days = athena(DayPartition(key="day", pattern="%Y/%m/%d"))
    source = QueriedTrail(STORE, days, store, since=since)

    found = trace((key_seed(SEED),), [source], since=since)

    assert len(found.credentials) == DEPTH
    assert all("\"day\" >= '2026/11/23'" in each for each in store.statements)


@DIALECTS
def test_a_role_that_leaked_is_found_by_name(dialect: Dialect) -> None:
    store = SqlStore([*CHAIN, create_key(60, key_of(3), key_of(61, "AKIA"))])
    seed = principal_seed(parse_arn("arn:aws:iam::111122223333:role/app").principal)

    found = trace((seed,), [QueriedTrail(STORE, dialect, store)])

    assert key_of(61, "AKIA") in {each.access_key_id for each in found.credentials}


def test_the_credentials_of_roles_anywhere_are_found_by_either_end() -> None:
    answer: Event = {"credentialSet": [{"credentials": {"accessKeyId": SEED}}]}
    session = call(1, "CreateSession", None, eventSource="rolesanywhere.amazonaws.com")
    store = SqlStore([session | {"responseElements": answer}])

    found = traced(store)

    assert found.coverage.events == 1


@pytest.mark.parametrize(
    ("size", "words"),
    [(0, "0 bytes"), (2_500_000, "2.50 MB"), (3 * 10**9, "3.00 GB"), (10**13, "10.00 TB")],
)
def test_sizes_are_said_as_people_say_them(size: int, words: str) -> None:
    assert in_units(size) == words
