"""One question at a terminal: yes, no, the default, the end."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
import pytest

from unleak.cli.question import ask, confirm

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a pipe cannot be waited for there")


@contextmanager
def typed(text: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Put what somebody types into standard input, then its end."""
    ours, theirs = os.pipe()
    os.write(theirs, text.encode())
    os.close(theirs)
    with os.fdopen(ours) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        yield


@pytest.mark.parametrize(
    ("text", "default", "answer"),
    [
        ("y\n", False, True),
        ("YES\n", False, True),
        ("n\n", True, False),
        ("\n", True, True),
        ("\n", False, False),
    ],
)
def test_an_answer_is_yes_no_or_the_default(
    text: str,
    default: bool,  # noqa: FBT001 - the two defaults
    answer: bool,  # noqa: FBT001 - what is answered
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with typed(text, monkeypatch):
        assert confirm("Do this now?", default=default) is answer


def test_the_end_of_the_input_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    with typed("", monkeypatch), pytest.raises(click.Abort):
        confirm("Do this now?", default=True)


def test_the_question_goes_to_stderr_and_the_line_comes_back(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with typed("  role/deploy \n", monkeypatch):
        assert ask("Whose is it?") == "role/deploy"

    assert capsys.readouterr() == ("", "Whose is it?: ")
