"""What a trace found as rows: the same answer again, further questions, and no secret in it."""

from __future__ import annotations

import stat
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import duckdb
import pytest

from fakes.trails import START, TOKEN, Event, assume, call, create_key, delivered, key_of, written
from unleak.errors import UnleakError, WrongUse
from unleak.model.trace import Coverage
from unleak.trail.local import LocalTrail
from unleak.trail.record import read_record
from unleak.trail.rows.database import NoRows
from unleak.trail.rows.row import record_of, row_of
from unleak.trail.rows.source import RowsTrail
from unleak.trail.rows.writer import RowsFile
from unleak.trail.seeds import key_seed
from unleak.trail.tracing import trace

if TYPE_CHECKING:
    from pathlib import Path

    from unleak.model.trace import Trace
    from unleak.trail.source import Source

SEED, CHILD, GRANDCHILD, STRANGER = (key_of(number) for number in range(4))
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
EVENTS: list[Event] = [
    call(0, "GetCallerIdentity", SEED),
    assume(1, SEED, CHILD),
    create_key(2, CHILD, GRANDCHILD),
    call(3, "RunInstances", GRANDCHILD, awsRegion="eu-west-1"),
    call(4, "GetSecretValue", GRANDCHILD, error="AccessDenied"),
    call(5, "ListBuckets", STRANGER),
    call(
        6,
        "CreateUser",
        CHILD,
        eventSource="iam.amazonaws.com",
        requestParameters={"userName": "spare"},
    ),
]


def asked(source: Source, seed: str = SEED, **times: int) -> Trace:
    span = {name: START + timedelta(seconds=seconds) for name, seconds in times.items()}
    return trace((key_seed(seed),), [source], since=span.get("since"), until=span.get("until"))


def kept(folder: Path, events: list[Event], name: str = "rows.duckdb") -> tuple[Path, Trace]:
    """Trace a trail of these events into a file of rows."""
    log = written(folder / "trail", "a.json.gz", delivered(events))
    path = folder / name
    with RowsFile(path, span={}) as rows:
        return path, trace((key_seed(SEED),), [LocalTrail((log,))], keeper=rows)


def without_coverage(found: Trace) -> Trace:
    return replace(found, coverage=Coverage())


def test_the_rows_give_the_same_answer_again(tmp_path: Path) -> None:
    path, first = kept(tmp_path, EVENTS)

    second = asked(RowsTrail(path))

    assert without_coverage(second) == without_coverage(first)
    assert len(second.credentials) == 2
    assert second.coverage.skipped == ()
    assert second.coverage.events == 6
    assert "found in 1 files with 7 events, 0 of them copies" in second.coverage.notes[0]


def test_another_key_among_those_that_were_followed_can_be_asked_for(tmp_path: Path) -> None:
    path, _ = kept(tmp_path, EVENTS)

    found = asked(RowsTrail(path), CHILD)

    assert [each.access_key_id for each in found.credentials] == [GRANDCHILD]
    assert found.timeline.events == 4
    assert found.coverage.skipped == ()


def test_another_time_can_be_asked_for(tmp_path: Path) -> None:
    path, _ = kept(tmp_path, EVENTS)

    found = asked(RowsTrail(path), since=1, until=3)

    assert found.timeline.events == 3


def test_a_key_that_was_not_followed_is_told_not_taken_for_quiet(tmp_path: Path) -> None:
    path, _ = kept(tmp_path, EVENTS)

    found = asked(RowsTrail(path), STRANGER)

    (gap,) = found.coverage.skipped
    assert gap.why.startswith(f"{STRANGER} was not sought when these rows were written")
    assert found.timeline.events == 0


def test_what_the_first_trace_left_out_the_second_one_tells(tmp_path: Path) -> None:
    folder = tmp_path / "trail"
    written(folder, "bad.json.gz", delivered(EVENTS)[:40])
    written(folder, "good.json.gz", delivered(EVENTS))
    with RowsFile(tmp_path / "rows.duckdb", span={"since": "2026-11-24"}) as rows:
        trace((key_seed(SEED),), [LocalTrail((folder,))], keeper=rows)

    coverage = asked(RowsTrail(tmp_path / "rows.duckdb")).coverage

    assert [each.path for each in coverage.skipped] == [str(folder / "bad.json.gz")]
    assert "it was told to leave out what happened before 2026-11-24" in coverage.notes


def test_anybody_can_ask_with_sql(tmp_path: Path) -> None:
    path, _ = kept(tmp_path, EVENTS)

    with duckdb.connect(path, read_only=True) as database:
        found = database.execute(
            "SELECT name, outcome, standing FROM timeline WHERE key_id = ? AND region = ?",
            [GRANDCHILD, "eu-west-1"],
        ).fetchall()

    assert found == [("RunInstances", "succeeded", "proven")]


def test_parquet_holds_the_timeline(tmp_path: Path) -> None:
    path, found = kept(tmp_path, EVENTS, "rows.parquet")

    names = duckdb.read_parquet(str(path)).project("name").fetchall()

    assert [name for (name,) in names] == [each.name for each in found.timeline.items]


def test_hostile_text_stays_text_and_secrets_stay_out(tmp_path: Path) -> None:
    agent = "'); DROP TABLE calls; -- \x1b[31m\u202e\ud800 \U0001f600"
    events = [
        call(0, agent, SEED, userAgent=agent, sourceIPAddress="\x00" * 40 + "'\"\\"),
        call(1, "Leak", SEED, userAgent=f"aws_secret_access_key={SECRET}"),
        assume(2, SEED, CHILD),
    ]

    path, first = kept(tmp_path, events)

    assert asked(RowsTrail(path)).timeline.events == first.timeline.events == 3
    with duckdb.connect(path, read_only=True) as database:
        text = str(database.execute("SELECT * FROM calls").fetchall())
    assert "DROP TABLE calls; --" in text
    assert "\\x1b" not in text
    assert "\\u202e" not in text
    assert SECRET not in text
    assert TOKEN not in text


@pytest.mark.parametrize("event", EVENTS)
def test_a_row_read_back_is_the_record(event: Event) -> None:
    record = read_record(event)
    assert record is not None

    row = {**row_of(record), "event_time": record.at}

    assert record_of(row) == record


def test_a_row_of_the_wrong_types_is_no_disaster() -> None:
    row: dict[str, object] = {"minted": "[[1], {}]", "changed": "no JSON", "compute": 7, "name": 5}

    record = record_of(row)

    assert (record.name, record.changed, record.compute) == ("", None, ())


def test_more_rows_than_one_batch_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("unleak.trail.rows.writer._BATCH", 3)

    path, first = kept(tmp_path, [call(number, "ListBuckets", SEED) for number in range(10)])

    assert asked(RowsTrail(path)).timeline == first.timeline


def test_the_file_is_ours_alone_and_nothing_else_is_left(tmp_path: Path) -> None:
    path, _ = kept(tmp_path, EVENTS)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert sorted(each.name for each in tmp_path.iterdir()) == ["rows.duckdb", "trail"]


@pytest.mark.parametrize("name", ["rows.duckdb", "rows.parquet"])
def test_an_older_file_of_rows_is_replaced(name: str, tmp_path: Path) -> None:
    kept(tmp_path, EVENTS[:1], name)

    path, _ = kept(tmp_path, EVENTS, name)

    source = "timeline" if name.endswith("duckdb") else f"'{path}'"
    with duckdb.connect(path if source == "timeline" else ":memory:") as database:
        (count,) = database.execute(f"SELECT count(*) FROM {source}").fetchall()[0]  # noqa: S608 - a path of the test's
    assert count == 6


def looks(folder: Path) -> set[tuple[str, int, int, int]]:
    """Return what would change with a file: whichever it is, how large, and when it was written."""
    stats = [(each.name, each.lstat()) for each in folder.iterdir()]
    return {(name, found.st_ino, found.st_size, found.st_mtime_ns) for name, found in stats}


def other_database(path: Path) -> None:
    with duckdb.connect(path) as database:
        database.execute("CREATE TABLE about (name VARCHAR, value VARCHAR)")


def other_parquet(path: Path) -> None:
    duckdb.sql(f"COPY (SELECT 1 AS a) TO '{path}' (FORMAT parquet)")


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("a.duckdb", lambda path: path.write_text("notes")),
        ("a.duckdb", lambda path: path.touch()),
        ("a.duckdb", lambda path: path.mkdir()),
        ("a.duckdb", lambda path: path.symlink_to("/dev/null")),
        ("a.duckdb", other_database),
        ("a.parquet", other_parquet),
        ("a.parquet", lambda path: path.write_text("notes")),
        ("a.csv", lambda _: None),
        ("nowhere/a.duckdb", lambda _: None),
    ],
)
def test_nothing_else_is_replaced(name: str, make: object, tmp_path: Path) -> None:
    assert callable(make)
    make(tmp_path / name)
    before = looks(tmp_path)

    with pytest.raises(WrongUse):
        RowsFile(tmp_path / name, span={})

    assert looks(tmp_path) == before


def test_a_trace_that_fails_leaves_no_half_a_file(tmp_path: Path) -> None:
    path, _ = kept(tmp_path, EVENTS)
    before = path.read_bytes()

    with pytest.raises(WrongUse), RowsFile(path, span={}) as rows:
        trace((key_seed(SEED),), [LocalTrail((tmp_path / "nowhere",))], keeper=rows)

    assert path.read_bytes() == before
    assert sorted(each.name for each in tmp_path.iterdir()) == ["rows.duckdb", "trail"]


@pytest.mark.parametrize("content", [b"", b"no database", b"\x00" * 20_000])
def test_what_is_no_file_of_rows_is_refused_as_a_trail(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "rows.duckdb"
    path.write_bytes(content)

    with pytest.raises(NoRows, match="DuckDB cannot read or write"):
        RowsTrail(path)


def test_another_database_is_refused_as_a_trail(tmp_path: Path) -> None:
    other_database(tmp_path / "rows.duckdb")

    with pytest.raises(WrongUse, match="no rows that this unleak can read"):
        RowsTrail(tmp_path / "rows.duckdb")


def test_a_file_from_somebody_else_reaches_no_other_file(tmp_path: Path) -> None:
    path, _ = kept(tmp_path, EVENTS)
    (tmp_path / "secret.txt").write_text("secret", encoding="ascii")
    with duckdb.connect(path) as database:
        database.execute("DROP TABLE notes")
        database.execute(
            f"CREATE VIEW notes AS SELECT content AS note FROM read_text('{tmp_path}/secret.txt')"  # noqa: S608 - a path of the test's
        )

    with pytest.raises(UnleakError):
        asked(RowsTrail(path))


WITHOUT_DUCKDB = """
import sys
sys.modules["duckdb"] = None
from pathlib import Path
from unleak.errors import NotInstalled
from unleak.trail.rows.writer import RowsFile
try:
    RowsFile(Path(sys.argv[1]), span={})
except NotInstalled as error:
    print(error.message, error.hint)
"""


def test_without_the_extra_it_says_what_to_install(tmp_path: Path) -> None:
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", WITHOUT_DUCKDB, str(tmp_path / "rows.duckdb")],
        check=True,
        capture_output=True,
        text=True,
    )

    assert "pip install 'unleak[rows]'" in done.stdout
    assert list(tmp_path.iterdir()) == []
