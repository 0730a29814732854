"""Where a trail is queried, as a person writes it; and the table that is made of a bucket."""

from __future__ import annotations

import pytest
import sqlglot

from unleak.errors import WrongUse
from unleak.model.query import AthenaPlace, LakePlace
from unleak.trail.ddl import parse_bucket, table_statement
from unleak.trail.places import parse_athena, parse_lake

STORE = "5a1c2d3e-0000-4000-8000-0123456789ab"
ARN = f"arn:aws:cloudtrail:eu-west-1:111122223333:eventdatastore/{STORE}"
BUCKET = (
    "s3://logs/trails?accounts=111122223333,444455556666"
    "&regions=us-east-1,eu-west-1&from=2024/01/01&organization=o-abcdefghij"
)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("athena:db.trail", AthenaPlace(database="db", table="trail")),
        ("athena:cat.db.trail", AthenaPlace(catalog="cat", database="db", table="trail")),
        (
            "athena:db.trail?workgroup=ir&output=s3://results/here/",
            AthenaPlace(database="db", table="trail", workgroup="ir", output="s3://results/here/"),
        ),
    ],
)
def test_a_table_is_named_with_what_the_query_needs(text: str, place: AthenaPlace) -> None:
    assert parse_athena(text) == place


@pytest.mark.parametrize(
    "text",
    [
        "athena:trail",
        "athena:a.b.c.d",
        "athena:db.",
        'athena:db.x"; DROP TABLE y; --',
        "athena:db.trail'",
        "athena:db.tra il",
        "athena:db.trail?workgroup=a b",
        "athena:db.trail?workgroup=a&workgroup=b",
        "athena:db.trail?output=https://example.com/",
        "athena:db.trail?output=s3://x",
        "athena:db.trail?output=s3://results/'",
        "athena:db.trail?role=admin",
        "athena:db.trail?workgroup=",
        "athena:db.trail?workgroup",
    ],
)
def test_what_is_no_table_is_refused(text: str) -> None:
    with pytest.raises(WrongUse):
        parse_athena(text)


def test_a_store_is_named_by_its_id_or_its_arn() -> None:
    assert parse_lake(f"lake:{STORE}") == LakePlace(store=STORE)
    assert parse_lake(f"lake:{ARN}") == LakePlace(
        store=STORE, region="eu-west-1", owner="111122223333"
    )


@pytest.mark.parametrize(
    "text", ["lake:", "lake:x", f"lake:{STORE} OR 1=1", f"lake:{ARN}x", f"lake:{ARN[:-1]}-"]
)
def test_what_is_no_store_is_refused(text: str) -> None:
    with pytest.raises(WrongUse):
        parse_lake(text)


def test_the_statement_for_a_bucket_names_every_account_and_region() -> None:
    statement = table_statement(parse_bucket(BUCKET))

    sqlglot.parse_one(statement.rstrip().rstrip(";"), read="athena")
    assert "'projection.account.values' = '111122223333,444455556666'" in statement
    assert "'projection.region.values' = 'us-east-1,eu-west-1'" in statement
    assert "'projection.day.range' = '2024/01/01,NOW'" in statement
    folder = "s3://logs/trails/AWSLogs/o-abcdefghij"
    assert f"LOCATION '{folder}/'" in statement
    assert f"'{folder}/${{account}}/CloudTrail/${{region}}/${{day}}'" in statement
    assert "useridentity STRUCT<type: STRING, arn: STRING" in statement
    assert "requestparameters STRING" in statement


@pytest.mark.parametrize(
    "text",
    [
        "s3://logs",
        "https://logs?accounts=111122223333&regions=us-east-1&from=2024/01/01",
        "s3://lo'gs?accounts=111122223333&regions=us-east-1&from=2024/01/01",
        "s3://logs?accounts=1111&regions=us-east-1&from=2024/01/01",
        "s3://logs?accounts=111122223333&regions=us-east-1'&from=2024/01/01",
        "s3://logs?accounts=111122223333&regions=us-east-1&from=2024-01-01",
        "s3://logs?accounts=111122223333&regions=us-east-1",
        "s3://logs?accounts=111122223333&regions=us-east-1&from=2024/01/01&organization=x",
        "s3://logs?accounts=111122223333&regions=us-east-1&from=2024/01/01&table=x",
    ],
)
def test_a_bucket_that_is_not_told_in_full_is_refused(text: str) -> None:
    with pytest.raises(WrongUse):
        parse_bucket(text)
