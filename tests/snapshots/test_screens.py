from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from fakes import examples
from fakes.streams import FakeTerminal, Pipe
from fakes.ways_in import whole_user_plan
from unleak.errors import ForeignAccount
from unleak.model.outcome import Status
from unleak.report.json_report import report_document
from unleak.report.json_v1 import to_text
from unleak.report.markdown import incident_markdown
from unleak.report.terminal import Screen

FOLDER = Path(__file__).parent / "screens"
UPDATE = "UNLEAK_UPDATE_SNAPSHOTS"
"""Set it to 1 to write the files anew; then read the difference as a person in a panic would."""

FOREIGN = ForeignAccount(
    "ASIA2E0A8F3B244C9986 belongs to account 123456789012, but you are signed in to 210987654321",
    hint="sign in to 123456789012 (--profile) and run the same command again",
)
SCREENS: dict[str, Callable[[Screen], None]] = {
    "plan-role-session": lambda shown: shown.plan(examples.role_session_plan()),
    "plan-user-key": lambda shown: shown.plan(examples.user_key_plan(), talk=True),
    "plan-self-lockout": lambda shown: shown.plan(examples.self_lockout_plan()),
    "plan-unknown-facts": lambda shown: shown.plan(examples.unknown_facts_plan()),
    "plan-whole-user": lambda shown: shown.plan(whole_user_plan()),
    "plan-doors": lambda shown: shown.plan(examples.doors_plan()),
    "result-doors": lambda shown: shown.result(examples.doors_incident(), Status.UNPROVEN),
    "result-contained": lambda shown: shown.result(examples.contained_incident(), Status.CONTAINED),
    "result-unproven": lambda shown: shown.result(examples.unproven_incident(), Status.UNPROVEN),
    "result-still-alive": lambda shown: shown.result(
        examples.still_alive_incident(), Status.UNPROVEN
    ),
    "result-contested": lambda shown: shown.result(examples.contested_incident(), Status.CONTESTED),
    "result-partial": lambda shown: shown.result(examples.partial_incident(), Status.PARTIAL),
    "result-failed": lambda shown: shown.result(examples.failed_incident(), Status.FAILED),
    "result-cleanup": lambda shown: shown.result(
        examples.cleanup_incident(), Status.CONTAINED, ("a2 waits until 2026-11-25T19:00:00Z",)
    ),
    "error": lambda shown: shown.error(FOREIGN),
    "identify": lambda shown: shown.identified((examples.role_session(), examples.user_key())),
    "identify-unknown": lambda shown: shown.identified((examples.unknown_session(),)),
    "incidents": lambda shown: shown.incidents(examples.summaries()),
}


@pytest.fixture(autouse=True)
def _known_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "COLORTERM", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


def agrees(text: str, name: str) -> None:
    """Compare with the file, line ends of padding left out, escapes made readable."""
    readable = text.replace("\x1b", "<ESC>")
    tidy = "".join(f"{line.rstrip()}\n" for line in readable.splitlines())
    path = FOLDER / name
    if os.environ.get(UPDATE) == "1":
        path.write_text(tidy, encoding="utf-8", newline="\n")
    assert tidy == path.read_text(encoding="utf-8")


def screen(stream: FakeTerminal | Pipe, environ: dict[str, str]) -> Screen:
    return Screen(out=stream, err=stream, environ=environ, width=80)


@pytest.mark.parametrize("name", SCREENS)
def test_the_words_in_a_pipe_are_the_reviewed_ones(name: str) -> None:
    pipe = Pipe()

    SCREENS[name](screen(pipe, {}))

    agrees(pipe.text, f"{name}.txt")


@pytest.mark.parametrize("name", SCREENS)
def test_the_drawing_without_colour_is_the_reviewed_one(name: str) -> None:
    terminal = FakeTerminal()

    SCREENS[name](screen(terminal, {"NO_COLOR": "1"}))

    agrees(terminal.getvalue(), f"{name}.drawn.txt")


@pytest.mark.parametrize("name", ["plan-self-lockout", "result-contained", "result-failed"])
def test_the_drawing_with_colour_is_the_reviewed_one(name: str) -> None:
    terminal = FakeTerminal()

    SCREENS[name](screen(terminal, {}))

    agrees(terminal.getvalue(), f"{name}.colour.txt")


def test_the_markdown_report_is_the_reviewed_one() -> None:
    agrees(incident_markdown(examples.contained_incident()), "report-contained.md")


def test_the_markdown_report_of_a_partial_response_is_the_reviewed_one() -> None:
    agrees(incident_markdown(examples.partial_incident()), "report-partial.md")


def test_the_markdown_report_with_open_doors_is_the_reviewed_one() -> None:
    agrees(incident_markdown(examples.doors_incident()), "report-doors.md")


def test_the_json_report_is_the_reviewed_one() -> None:
    document = report_document(examples.contained_incident(), status=Status.CONTAINED)

    agrees(to_text(document), "report-contained.json")


def test_every_snapshot_file_belongs_to_a_test() -> None:
    drawn = {f"{name}{ending}" for name in SCREENS for ending in (".txt", ".drawn.txt")}
    coloured = {
        f"{name}.colour.txt" for name in ("plan-self-lockout", "result-contained", "result-failed")
    }
    reports = {f"report-{name}.md" for name in ("contained", "partial", "doors")}
    reports.add("report-contained.json")

    assert {path.name for path in FOLDER.iterdir()} == drawn | coloured | reports
