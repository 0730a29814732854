"""Statements hold what is sought and nothing hostile, and fit into what a store takes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
import sqlglot

from fakes.sql import STORE, athena, lake
from fakes.trails import key_of
from unleak.model.query import TableShape
from unleak.trail.dialects import CalendarPartition, DayPartition, partition_of
from unleak.trail.statements import Question, is_askable, statements_of

if TYPE_CHECKING:
    from unleak.trail.dialects import Dialect

SINCE = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
UNTIL = datetime(2026, 11, 30, 7, 0, tzinfo=UTC)
DAYS = DayPartition(key="day", pattern="%Y/%m/%d")
DIALECTS = pytest.mark.parametrize("dialect", [athena(), lake()], ids=["athena", "lake"])


def words_of(statement: str) -> str:
    """Return what comes after the columns."""
    return statement.partition("\nFROM ")[2]


@DIALECTS
def test_a_statement_is_trinos_sql(dialect: Dialect) -> None:
    question = Question(words=(key_of(1), "role/a_b", "as/i-1"), with_mints=True, most=10)

    (statement,) = statements_of(dialect, question)

    # the id of a store, which AWS does not quote, is no name in anybody else's SQL
    sqlglot.parse_one(statement.replace(STORE, "store"), read="trino")


@pytest.mark.parametrize(
    "word",
    [
        "role/x' OR '1'='1",
        "as/a;b",
        'user/a"b',
        "user/a\\b",
        "as/%",
        "user/a b",
        "user/\u2019",
        "as/a\n--",
        "role/" + "x" * 300,
    ],
)
@DIALECTS
def test_a_hostile_name_gets_into_no_statement(dialect: Dialect, word: str) -> None:
    question = Question(words=(word, key_of(1)), most=10)

    (statement,) = statements_of(dialect, question)

    assert not is_askable(word)
    assert word.partition("/")[2] not in words_of(statement)
    assert statements_of(dialect, Question(words=(word,), most=10)) == ()


def test_a_mark_of_like_in_a_name_stands_for_itself() -> None:
    (statement,) = statements_of(athena(), Question(words=("user/a_b",), most=10))

    assert "LIKE '%:user/a!_b' ESCAPE '!'" in statement


@DIALECTS
def test_many_words_make_several_statements_none_too_long(dialect: Dialect) -> None:
    words = tuple(key_of(number) for number in range(12_000))

    statements = statements_of(dialect, Question(words=words, with_mints=True, most=10))

    assert len(statements) > 1
    assert max(len(each) for each in statements) <= dialect.longest
    assert all(sum(f"'{word}'" in each for each in statements) == 1 for word in words[::700])
    assert sum("k IS NOT NULL" in each for each in statements) == 1


def test_a_span_narrows_the_partitions_by_a_day_more_on_each_side() -> None:
    question = Question(words=(key_of(1),), since=SINCE, until=UNTIL, most=10)

    (statement,) = statements_of(athena(DAYS), question)

    assert "\"day\" >= '2026/11/23'\n" in statement
    assert "eventtime >= '2026-11-24T07:00:00Z'" in statement
    assert "\"day\" <= '2026/12/01'\n" in statement
    assert "eventtime <= '2026-11-30T07:00:00Z'" in statement


def test_the_lake_is_told_the_time_as_in_aws_own_examples() -> None:
    question = Question(words=(key_of(1),), since=SINCE, until=UNTIL, most=10)

    (statement,) = statements_of(lake(), question)

    assert "eventtime >= '2026-11-24 07:00:00'" in statement
    assert "eventtime <= '2026-11-30 07:00:00'" in statement


@pytest.mark.parametrize(
    ("shape", "partition"),
    [
        (
            TableShape(
                partition_keys=("account", "region", "day"),
                parameters={"projection.day.format": "yyyy/MM/dd"},
            ),
            DAYS,
        ),
        (
            TableShape(
                partition_keys=("timestamp",),
                parameters={"projection.timestamp.format": "yyyy-MM-dd"},
            ),
            DayPartition(key="timestamp", pattern="%Y-%m-%d"),
        ),
        (TableShape(partition_keys=("region", "year", "month", "day")), CalendarPartition()),
        (TableShape(partition_keys=("region", "date")), None),
        (TableShape(), None),
    ],
)
def test_the_days_of_a_table_are_found_in_the_catalog(
    shape: TableShape, partition: DayPartition | CalendarPartition | None
) -> None:
    assert partition_of(shape) == partition


def test_year_month_and_day_are_compared_as_one_whatever_their_type() -> None:
    day = CalendarPartition().at_least(SINCE)

    assert "LPAD(CAST(\"month\" AS VARCHAR), 2, '0')" in day
    assert day.endswith(">= '20261124'")
