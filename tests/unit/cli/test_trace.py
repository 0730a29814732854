"""`unleak trace` from outside: words, JSON, refusals, exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fakes.trails import assume, call, delivered, key_of, written
from unleak.cli.main import run

SEED = key_of(0)


@pytest.fixture
def trail(tmp_path: Path) -> Path:
    events = [assume(1, SEED, key_of(1)), call(2, "RunInstances", key_of(1))]
    return written(tmp_path / "trail", "t.json.gz", delivered(events))


def test_json_has_every_key_of_the_contract(
    trail: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run(["trace", SEED, "--trail", str(trail.parent), "--json"])

    document = json.loads(capsys.readouterr().out)
    assert code == 0
    assert document["seeds"] == [SEED]
    (credential,) = document["credentials"]
    assert credential.keys() >= {
        *("access_key_id", "kind", "principal", "minted_by", "via", "event_id", "time"),
        *("expires_at", "confidence"),
    }
    assert document["timeline"].keys() >= {
        "first",
        "last",
        "events",
        "denied",
        "by_tactic",
        "items",
    }
    assert document["coverage"].keys() >= {
        *("files", "events", "duplicates", "skipped", "from", "to", "regions"),
    }
    assert document.keys() >= {"principals", "persistence"}


def test_words_name_the_child_and_how_much_was_read(
    trail: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run(["trace", SEED, "--trail", str(trail)])

    shown = capsys.readouterr().out
    assert code == 0
    assert key_of(1) in shown
    assert "2 events in 1 files" in shown


@pytest.mark.parametrize(
    "arguments",
    [
        ("--trail", "s3://"),
        ("--trail", "s3:///AWSLogs"),
        ("--trail", "athena:table"),
        ("--trail", "lake:store"),
        ("--engine", "spark"),
        ("--engine", "athena"),
        ("--engine", "athena", "--trail", "tests"),
        ("--print-athena-ddl", "s3://logs"),
        ("--trail", "nowhere"),
        ("--since", "yesterday"),
        ("--since", "2026-11-25T00:00:00Z", "--until", "2026-11-24T00:00:00Z"),
    ],
    ids=" ".join,
)
def test_what_is_not_possible_is_refused(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    code = run(["trace", SEED, *arguments, "--json"])

    assert code == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "wrong-use"


def test_rows_answer_the_next_question(
    trail: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = str(tmp_path / "rows.duckdb")
    run(["trace", SEED, "--trail", str(trail.parent), "--rows", rows, "--since", "2026-11-24"])
    capsys.readouterr()

    code = run(["trace", key_of(1), "--trail", rows, "--json"])

    document = json.loads(capsys.readouterr().out)
    assert code == 0
    assert document["timeline"]["events"] == 1
    assert document["coverage"]["skipped"] == []


def test_rows_that_are_not_there_are_no_empty_trail(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run(["trace", SEED, "--trail", str(tmp_path / "nowhere.duckdb")])

    assert code == 2
    assert "no file of rows" in capsys.readouterr().err


BUCKET = "s3://logs?accounts=111122223333&regions=us-east-1&from=2026/01/01"


def test_the_statement_for_athena_is_printed_without_a_target(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = run(["trace", "--print-athena-ddl", BUCKET])

    shown = capsys.readouterr().out
    assert code == 0
    assert shown.startswith("CREATE EXTERNAL TABLE")
    assert shown.endswith(");\n")


def test_the_statement_for_athena_is_json_where_that_is_wanted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = run(["trace", "--print-athena-ddl", BUCKET, "--json"])

    assert code == 0
    assert json.loads(capsys.readouterr().out)["statement"].startswith("CREATE EXTERNAL TABLE")
