"""Every cell of the table in `docs/fights.md`, played; `slow_fight` is left out of `make test`."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.arena import Defence, play
from lab.fight_table import CELLS, DOCUMENT, LAGS, STARTS, Cell
from unleak.model.outcome import Status

HONEST_WITHOUT_ORGANIZATION = {Status.CONTAINED, Status.CONTESTED, Status.PARTIAL, Status.UNPROVEN}


def of(defence: Defence) -> pytest.MarkDecorator:
    cells = [cell for cell in CELLS if cell.defence is defence]
    played = [
        pytest.param(cell, id=cell.name, marks=() if is_telling(cell) else pytest.mark.slow_fight)
        for cell in cells
    ]
    return pytest.mark.parametrize("cell", played)


def is_telling(cell: Cell) -> bool:
    """Whether a cell is played on every run: each thief, start and defence, at two lags.

    At 0 s nothing is late, 4 s is what people have measured, and 1 s lies between.  15 s is longer
    than a hold rests by itself, which has let a thief's last sessions live: so the strongest thief
    is played at it too, where the answer has to be right.
    """
    is_hardest = cell.row == "everything" and cell.defence is Defence.UNLEAK_SCP
    return cell.lag in {0, 4} or (cell.lag == 15 and is_hardest)


@of(Defence.CONSOLE)
def test_the_console_loses_wherever_the_table_says_so(cell: Cell, tmp_path: Path) -> None:
    outcome = play(cell.fight, home=tmp_path)

    assert outcome.is_contained is cell.must_be_contained, outcome


@of(Defence.UNLEAK)
def test_without_an_organization_contained_is_never_false(cell: Cell, tmp_path: Path) -> None:
    outcome = play(cell.fight, home=tmp_path)

    assert outcome.status in HONEST_WITHOUT_ORGANIZATION
    if outcome.status is Status.CONTAINED:
        assert outcome.is_contained, outcome
        assert outcome.alive == ()
    if cell.must_be_contained:
        assert outcome.status is Status.CONTAINED


@of(Defence.UNLEAK_SCP)
def test_with_an_scp_the_thief_is_out_and_unleak_says_so(cell: Cell, tmp_path: Path) -> None:
    outcome = play(cell.fight, home=tmp_path)

    assert outcome.is_contained, outcome
    assert outcome.status is Status.CONTAINED
    assert outcome.alive == ()


def rows_of_document() -> dict[tuple[str, str, str], list[str]]:
    """Return the cells of each row of the tables: by what leaked, thief and lag."""
    found: dict[tuple[str, str, str], list[str]] = {}
    leaked = ""
    for line in DOCUMENT.read_text(encoding="utf-8").splitlines():
        if line.startswith("## What leaked: a "):
            leaked = line.removeprefix("## What leaked: a ").removesuffix(" with all rights")
        parts = [part.strip() for part in line.strip("|").split("|")]
        if leaked and line.startswith("|") and parts[1].removesuffix(" s").isdigit():
            found[leaked, parts[0], parts[1]] = parts[2:]
    return found


def test_the_document_has_a_row_for_every_thief_and_lag() -> None:
    expected = {
        (str(start), row, f"{lag} s")
        for start, rows in STARTS.items()
        for row in rows
        for lag in LAGS
    }

    rows = rows_of_document()

    assert set(rows) == expected
    assert {len(cells) for cells in rows.values()} == {len(Defence)}


@pytest.mark.parametrize("cell", CELLS, ids=[cell.name for cell in CELLS])
def test_the_document_says_what_is_expected(cell: Cell) -> None:
    told = rows_of_document()[str(cell.start), cell.row, f"{cell.lag} s"]
    text = told[list(Defence).index(cell.defence)]

    if cell.must_be_contained is not None:
        assert text.startswith("contained") is cell.must_be_contained
    if "says: contained" in text:
        assert text.startswith("contained")
    assert ("says: " in text) is (cell.defence is not Defence.CONSOLE)
