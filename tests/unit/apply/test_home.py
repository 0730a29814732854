"""The state folder is private and writable, or the message says what to do."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from unleak.apply.home import prepare_home, state_home
from unleak.errors import StateFolder

posix_only = pytest.mark.skipif(os.name != "posix", reason="Windows has no modes")


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_named_folder_wins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("UNLEAK_HOME", str(tmp_path / "mine"))

    assert state_home() == tmp_path / "mine"


def test_an_empty_name_means_the_folder_of_the_platform(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNLEAK_HOME", "")

    assert state_home().name == "unleak"


@posix_only
def test_a_new_folder_belongs_to_one_person(tmp_path: Path) -> None:
    home = prepare_home(tmp_path / "a" / "b")

    assert mode_of(home) == 0o700


@posix_only
def test_a_folder_that_others_may_read_is_closed(tmp_path: Path) -> None:
    home = tmp_path / "open"
    home.mkdir()
    home.chmod(0o755)

    prepare_home(home)

    assert mode_of(home) == 0o700


@pytest.mark.parametrize("below", [".", "deeper/still"])
def test_a_file_in_the_place_of_the_folder_is_refused_with_a_hint(
    tmp_path: Path, below: str
) -> None:
    (tmp_path / "taken").write_text("not a folder", encoding="utf-8")

    with pytest.raises(StateFolder) as caught:
        prepare_home(tmp_path / "taken" / below)

    assert "UNLEAK_HOME" in caught.value.hint
    assert caught.value.exit_code == 2


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs /proc, which is read-only")
def test_a_place_where_nothing_can_be_made_is_refused_with_a_hint() -> None:
    with pytest.raises(StateFolder) as caught:
        prepare_home(Path("/proc/unleak-state"))

    assert "UNLEAK_HOME" in caught.value.hint


def test_a_hostile_folder_name_is_shown_without_its_escapes(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("", encoding="utf-8")

    with pytest.raises(StateFolder) as caught:
        prepare_home(tmp_path / "taken" / "\x1b[2Jx\u202e")

    assert "\x1b" not in caught.value.message
    assert "\u202e" not in caught.value.message
