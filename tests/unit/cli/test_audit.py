"""The shell of `audit`: where the text goes, and what it refuses."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest

from unleak.cli.audit import Telling
from unleak.cli.main import run
from unleak.cli.private_file import write_private
from unleak.errors import ExitCode, WrongUse

if TYPE_CHECKING:
    from pathlib import Path


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_file_is_for_its_owner_alone_also_where_it_was_there(tmp_path: Path) -> None:
    new, old = tmp_path / "new", tmp_path / "old"
    old.write_text("a longer text than the new one")
    old.chmod(0o644)

    write_private(str(new), "x\r\n")
    write_private(str(old), "x\r\n")

    assert (mode(new), mode(old)) == (0o600, 0o600)
    assert (new.read_bytes(), old.read_bytes()) == (b"x\r\n", b"x\r\n")


def test_a_file_that_cannot_be_written_is_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="cannot be written"):
        write_private(str(tmp_path / "no" / "such"), "x")


@pytest.mark.parametrize(
    ("form", "as_json", "chosen"),
    [(None, False, "text"), (None, True, "json"), ("json", True, "json"), ("csv", False, "csv")],
)
def test_the_form_is_what_was_asked_for(
    form: str | None,
    as_json: bool,  # noqa: FBT001 - a case
    chosen: str,
) -> None:
    assert Telling(form=form, path=None, fail_on="none").chosen(as_json=as_json) == chosen


def test_two_forms_at_once_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["audit", "--json", "--format", "csv"])

    assert code == ExitCode.REFUSED
    assert "two forms" in capsys.readouterr().out
