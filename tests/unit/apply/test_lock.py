"""One process at a time; the lock is free again however the holder ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unleak.apply.lock import file_name, hold
from unleak.errors import IncidentBusy, StateFolder

if TYPE_CHECKING:
    from pathlib import Path


def test_a_second_holder_is_refused_at_once(tmp_path: Path) -> None:
    with hold(tmp_path, "one"), pytest.raises(IncidentBusy) as caught, hold(tmp_path, "one"):
        pytest.fail("the lock was given twice")

    assert caught.value.exit_code == 2
    assert caught.value.hint


def test_a_refused_holder_does_not_free_the_lock(tmp_path: Path) -> None:
    """Closing a file drops the locks that a process has on it, unless one takes care."""
    with hold(tmp_path, "one"):
        for _ in range(2):
            with pytest.raises(IncidentBusy), hold(tmp_path, "one"):
                pytest.fail("the lock was given twice")


def test_another_incident_is_another_lock(tmp_path: Path) -> None:
    with hold(tmp_path, "one"), hold(tmp_path, "two"):
        assert len(list((tmp_path / "locks").iterdir())) == 2


def test_the_lock_is_free_after_the_block_even_when_it_failed(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), hold(tmp_path, "one"):
        raise ZeroDivisionError

    with hold(tmp_path, "one"):
        pass


def test_a_lock_folder_that_cannot_be_made_is_an_error_with_a_hint(tmp_path: Path) -> None:
    (tmp_path / "locks").write_text("", encoding="utf-8")

    with pytest.raises(StateFolder) as caught, hold(tmp_path, "one"):
        pytest.fail("there can be no lock")

    assert "UNLEAK_HOME" in caught.value.hint


def test_a_damaged_lock_file_is_an_error_with_a_hint(tmp_path: Path) -> None:
    (tmp_path / "locks").mkdir()
    (tmp_path / "locks" / file_name("one")).write_bytes(b"not a database at all" * 300)

    with pytest.raises(StateFolder) as caught, hold(tmp_path, "one"):
        pytest.fail("there can be no lock")

    assert caught.value.hint


def test_a_folder_in_the_place_of_the_lock_is_an_error_with_a_hint(tmp_path: Path) -> None:
    (tmp_path / "locks" / file_name("one")).mkdir(parents=True)

    with pytest.raises(StateFolder) as caught, hold(tmp_path, "one"):
        pytest.fail("there can be no lock")

    assert "UNLEAK_HOME" in caught.value.hint


@given(st.text(), st.text())
def test_names_become_file_names_that_stay_in_the_folder_and_never_clash(
    one: str, other: str
) -> None:
    name = file_name(one)

    assert name == "".join(
        each for each in name if each in "_abcdefghijklmnopqrstuvwxyz0123456789-."
    )
    assert not name.startswith(".")
    assert (name == file_name(other)) == (one == other)
