"""`unleak report` from outside: the three forms, the trace, refusals, the file."""

from __future__ import annotations

import json
import os
import stat
from datetime import timedelta
from pathlib import Path

import pytest

from fakes import examples
from fakes.dom import dom_of
from fakes.thief_trace import key_id, thief_trace
from fakes.trails import assume, call, delivered, key_of, written
from unleak.apply.journal import Journal
from unleak.cli.main import run
from unleak.errors import ExitCode
from unleak.model.outcome import Status
from unleak.report.json_trace import trace_document
from unleak.report.json_v1 import to_text


@pytest.fixture
def incident(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    home = tmp_path / "state"
    monkeypatch.setenv("UNLEAK_HOME", str(home))
    with Journal.open(home, now=lambda: examples.CUTOFF + timedelta(seconds=2)) as journal:
        plan = examples.user_key_plan()
        name = journal.create(plan, examples.RESPONDER, "us-east-1", intents=plan.steps)
        for step in plan.steps:
            journal.outcome(name, examples.done(step.id))
        journal.verified(name, examples.live_verification())
        journal.closed(name, Status.CONTAINED)
    return name


@pytest.fixture
def trace(tmp_path: Path) -> str:
    path = tmp_path / "trace.json"
    path.write_text(to_text(trace_document(thief_trace())), encoding="utf-8")
    return str(path)


def test_html_goes_to_a_file_that_nobody_else_may_read(
    incident: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "incident.html"

    code = run(["report", incident, "--format", "html", "--output", str(path)])

    assert code == ExitCode.DONE
    assert capsys.readouterr().out == ""
    assert f"Incident {incident}: contained" in dom_of(path.read_text("utf-8")).texts
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_html_without_a_path_goes_to_stdout(
    incident: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run(["report", incident, "--format", "html"])

    assert code == ExitCode.DONE
    assert capsys.readouterr().out.startswith("<!doctype html>")


@pytest.mark.parametrize("form", ["html", "md", "json"])
def test_a_trace_shows_in_every_form(
    incident: str, trace: str, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run(["report", incident, "--format", form, "--trace", trace])

    shown = capsys.readouterr().out
    assert code == ExitCode.DONE
    assert key_id(4) in shown
    assert "new-credentials" in shown


def test_json_has_the_chain_the_times_and_the_trace(
    incident: str, trace: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["report", incident, "--json", "--trace", trace])

    document = json.loads(capsys.readouterr().out)
    assert document["version"] == 1
    assert document["times"]["detect"]["seconds"] > 0
    assert {each["id"] for each in document["chain"]["nodes"]} >= {key_id(0), key_id(5)}
    assert document["trace"]["timeline"]["events"] == 30


def test_what_trace_prints_is_what_report_takes(
    incident: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    events = [assume(1, key_of(0), key_of(1)), call(2, "RunInstances", key_of(1))]
    written(tmp_path / "trail", "t.json.gz", delivered(events))
    run(["trace", key_of(0), "--trail", str(tmp_path / "trail"), "--json"])
    path = tmp_path / "trace.json"
    path.write_text(capsys.readouterr().out, encoding="utf-8")

    code = run(["report", incident, "--format", "html", "--trace", str(path)])

    data = json.loads(dom_of(capsys.readouterr().out).data["timeline-data"])
    assert code == ExitCode.DONE
    assert "RunInstances" in data["texts"]
    assert key_of(1) in data["texts"]


@pytest.mark.parametrize("content", [None, b"\xff\xfe", b"{}"], ids=["missing", "bytes", "other"])
def test_a_trace_that_is_none_is_refused(
    incident: str, content: bytes | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "other.json"
    if content is not None:
        path.write_bytes(content)

    code = run(["report", incident, "--trace", str(path)])

    told = capsys.readouterr()
    assert code == ExitCode.REFUSED
    assert told.out == ""
    assert "unleak trace TARGET --json" in told.err


def test_a_path_that_cannot_be_written_is_refused(
    incident: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run(["report", incident, "--output", str(tmp_path / "no" / "such" / "folder.html")])

    assert code == ExitCode.REFUSED
    assert "cannot be written" in capsys.readouterr().err
