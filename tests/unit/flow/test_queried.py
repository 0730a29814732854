"""Which trail is read where, and what is refused before a query is paid for."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from fakes.no_trails import NoTrails
from fakes.sql import STORE, SqlStore
from fakes.trails import assume, call, key_of
from unleak.errors import AwsFailure, MissingPermission, NotInstalled, UnleakError, WrongUse
from unleak.flow.queried import athena_price, lake_price
from unleak.flow.trace import Engine, TraceWish, trace_leak
from unleak.model.credential import FoundCredential
from unleak.model.query import AthenaPlace, LakePlace, Queried, Querier, TableShape
from unleak.trail.ddl import NEEDED

if TYPE_CHECKING:
    from unleak.model.ports import Reader
    from unleak.model.trace import Trace

SEED = key_of(0)
EVENTS = [assume(1, SEED, key_of(1)), call(2, "RunInstances", key_of(1))]
SHAPE = TableShape(
    columns=dict.fromkeys(NEEDED, "string"),
    partition_keys=("day",),
    parameters={"projection.day.format": "yyyy/MM/dd"},
)


@dataclass
class Table:
    """A table whose catalog says what it was told to say."""

    store: SqlStore
    told: TableShape | UnleakError = SHAPE

    def shape(self) -> TableShape:
        if isinstance(self.told, UnleakError):
            raise self.told
        return self.told

    def run(self, statement: str) -> Queried:
        return self.store.run(statement)


@dataclass
class Doors(NoTrails):
    """The doors of a cloud with one table and one store."""

    told: TableShape | UnleakError = SHAPE
    store: SqlStore = field(default_factory=lambda: SqlStore(EVENTS))
    opened: list[AthenaPlace | LakePlace] = field(default_factory=list)

    def reader(self) -> Reader:
        message = "nothing is looked up here"
        raise AssertionError(message)

    def athena(self, place: AthenaPlace) -> Table:
        self.opened.append(place)
        return Table(self.store, self.told)

    def lake(self, place: LakePlace) -> Querier:
        self.opened.append(place)
        return self.store


def traced(doors: Doors, *trails: str, engine: Engine = Engine.LOCAL) -> Trace:
    found = (FoundCredential(access_key_id=SEED),)
    return trace_leak(TraceWish(found=found, trails=trails, engine=engine), doors)


@pytest.mark.parametrize("engine", [Engine.LOCAL, Engine.ATHENA])
def test_a_table_is_queried_whatever_the_engine(engine: Engine) -> None:
    doors = Doors()

    found = traced(doors, "athena:db.trail?workgroup=ir", engine=engine)

    assert [each.access_key_id for each in found.credentials] == [key_of(1)]
    assert doors.opened == [AthenaPlace(database="db", table="trail", workgroup="ir")]
    assert any("list price of 5 USD a TB" in each for each in found.coverage.notes)


def test_a_store_of_the_lake_is_queried() -> None:
    doors = Doors()

    found = traced(doors, f"lake:{STORE}")

    assert [each.access_key_id for each in found.credentials] == [key_of(1)]
    assert doors.opened == [LakePlace(store=STORE)]
    assert any("0.005 USD a GB" in each for each in found.coverage.notes)


def test_a_table_without_the_columns_is_refused_before_a_query_is_paid_for() -> None:
    doors = Doors(told=TableShape(columns={"eventtime": "string"}))

    with pytest.raises(WrongUse, match=r"has no column .*useridentity") as raised:
        traced(doors, "athena:db.trail")

    assert "--print-athena-ddl" in raised.value.hint
    assert doors.store.statements == []


def test_a_table_that_is_not_there_is_refused() -> None:
    failure = AwsFailure("no table", error_code="MetadataException", operation="GetTableMetadata")
    doors = Doors(told=failure)

    with pytest.raises(AwsFailure, match="no table"):
        traced(doors, "athena:db.trail")

    assert doors.store.statements == []


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (MissingPermission("not allowed"), "the catalog could not be read"),
        (TableShape(columns=SHAPE.columns), "each query reads all of it"),
    ],
)
def test_where_the_partitions_are_unknown_everything_is_read_and_that_is_said(
    told: TableShape | UnleakError, words: str
) -> None:
    doors = Doors(told=told)

    found = traced(doors, "athena:db.trail")

    assert len(found.credentials) == 1
    assert any(words in each for each in found.coverage.notes)


def test_the_engine_athena_takes_no_files() -> None:
    with pytest.raises(WrongUse, match="reads trails that are queried"):
        traced(Doors(), "./trail", engine=Engine.ATHENA)


def test_the_engine_spark_says_how_to_install_it() -> None:
    if find_spec("pyspark") is not None:
        pytest.skip("it is installed")

    with pytest.raises(NotInstalled) as raised:
        traced(Doors(), "s3a://bucket/AWSLogs", engine=Engine.SPARK)

    assert "unleak[spark]" in raised.value.hint


def test_ten_terabytes_cost_what_the_price_lists_say() -> None:
    assert athena_price(10**13).startswith("50.00 USD")
    assert lake_price(10**13).startswith("50.00 USD")
