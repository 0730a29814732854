"""The table of all fights: strategy by defence by lag, what is expected of each, and its document.

`make fights` plays every cell and writes `docs/fights.md`; `make fights-test` tests the same cells.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lab.arena import AFTERWARDS, Defence, Fight, Outcome, Start, play
from lab.thief import EVERYTHING, Strategy

if TYPE_CHECKING:
    from unleak.model.outcome import Status

DOCUMENT: Final = Path(__file__).parent.parent / "docs" / "fights.md"
LAGS: Final = (0, 1, 4, 15)
ROWS: Final[Mapping[str, frozenset[Strategy]]] = {
    "strip": frozenset({Strategy.STRIP, Strategy.REACTIVATE}),
    "remint": frozenset({Strategy.REMINT}),
    "keys": frozenset({Strategy.KEYS}),
    "users": frozenset({Strategy.USERS}),
    "roles": frozenset({Strategy.ROLES}),
    "login-profiles": frozenset({Strategy.LOGIN_PROFILES}),
    "juggle": frozenset({Strategy.JUGGLE}),
    "backdoor": frozenset({Strategy.BACKDOOR}),
    "everything": EVERYTHING,
}
STARTS: Final[Mapping[Start, tuple[str, ...]]] = {
    Start.ROLE_SESSION: tuple(ROWS),
    Start.USER_KEY: ("strip", "remint", "keys", "everything"),
}
WINS_OF_CONSOLE: Final[frozenset[tuple[Start, str, int]]] = frozenset(
    {
        (Start.ROLE_SESSION, "strip", 0),
        (Start.ROLE_SESSION, "remint", 0),
        (Start.USER_KEY, "strip", 0),
        (Start.USER_KEY, "remint", 0),
    }
)
"""The cells in which the console's button is enough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One fight of the table."""

    start: Start
    row: str
    defence: Defence
    lag: int

    @property
    def fight(self) -> Fight:
        """What is played."""
        return Fight(
            start=self.start, strategies=ROWS[self.row], defence=self.defence, lag=self.lag
        )

    @property
    def name(self) -> str:
        """What to call it in a test's id."""
        return f"{self.start}, {self.row}, {self.defence}, {self.lag} s"

    @property
    def must_be_contained(self) -> bool | None:
        """Whether the thief has to be out in the end; None: either may come, honestly told."""
        match self.defence:
            case Defence.CONSOLE:
                return (self.start, self.row, self.lag) in WINS_OF_CONSOLE
            case Defence.UNLEAK:
                return None
            case Defence.UNLEAK_SCP:
                return True


CELLS: Final = tuple(
    Cell(start=start, row=row, defence=defence, lag=lag)
    for start, rows in STARTS.items()
    for row in rows
    for lag in LAGS
    for defence in Defence
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a cell of the document says."""

    is_contained: bool
    status: Status | None
    served_after_cut: int
    seconds_had: float

    def __str__(self) -> str:
        word = "contained" if self.is_contained else "**not contained**"
        told = "" if self.status is None else f" (says: {self.status})"
        return f"{word}{told}, {_seconds(self)}, {_calls(self.served_after_cut)}"


def result_of(outcome: Outcome) -> Result:
    """Return what the document tells of a fight."""
    return Result(
        is_contained=outcome.is_contained,
        status=outcome.status,
        served_after_cut=outcome.served_after_cut,
        seconds_had=outcome.seconds_had,
    )


def played(cell: Cell) -> Result:
    """Play a cell in a state folder that is thrown away."""
    with tempfile.TemporaryDirectory() as home:
        return result_of(play(cell.fight, home=Path(home)))


def document(results: Mapping[Cell, Result]) -> str:
    """Return the whole document.

    Args:
        results: of every cell.
    """
    sections = "\n".join(_section(start, results) for start in STARTS)
    return f"{_HEAD}\n{sections}\n{_FOOT}"


def _section(start: Start, results: Mapping[Cell, Result]) -> str:
    lines = [
        f"## What leaked: a {start} with all rights\n",
        f"| Thief | Lag | {' | '.join(Defence)} |",
        f"|---|---:|{'---|' * len(Defence)}",
    ]
    for row in STARTS[start]:
        for lag in LAGS:
            told = (
                str(results[Cell(start=start, row=row, defence=defence, lag=lag)])
                for defence in Defence
            )
            lines.append(f"| {row} | {lag} s | {' | '.join(told)} |")
    return "\n".join((*lines, ""))


def _seconds(result: Result) -> str:
    """Round up to what does not change from run to run."""
    if not result.seconds_had:
        return "0 s"
    if not result.is_contained and result.seconds_had >= AFTERWARDS - 10:
        return "to the end"
    return next(
        (f"under {limit} s" for limit in (1, 5, 10, 20, 40, 80) if result.seconds_had < limit),
        "minutes",
    )


def _calls(number: int) -> str:
    limits = ((1, "no call"), (10, "a few calls"), (100, "tens of calls"), (1000, "hundreds"))
    return next((word for limit, word in limits if number < limit), "thousands")


_HEAD: Final = """\
# Who wins

IAM shows a change at once and enforces it seconds later. A thief with IAM rights uses that time.
This table says what became of it, for thief by thief, on a cloud of the lab's own that enforces
late. `make fights` plays it and writes this file. `make fights-test` plays the same cells and fails
when a claim below does not hold; `make test` does so for those at 0 s and 4 s, and at 15 s for who
does everything, against an SCP.

Nothing here was measured on AWS itself. AWS gives no number for its lag; who measured it tells of
[a few seconds](https://hackingthe.cloud/aws/post_exploitation/iam_persistence_eventual_consistency/),
and 15 s is there to be worse than that.

## How to read it

- **Lag**: how long each region goes on by what IAM said before.
- **console, one-off**: the baseline. What *Revoke active sessions* in the console does, and for a
  user turning the key off as well: one deny, and nobody looks again.
- **unleak**: `unleak revoke --cascade --yes` in an account without an organization, holding for
  its default time.
- **unleak with an SCP**: the same with `--org-profile`.
- A cell says whether the thief was **contained**: the cloud's word, not unleak's. After the
  response has ended he goes on for two minutes, and one served call makes it *not contained*.
  Then, in brackets, unleak's own word; then how long calls of his were served, counted from the
  first cut; then how many.
- *contested* means that somebody took away what unleak had put there. Without an organization
  this is the honest answer to a thief who strips: an administrator can take off whatever an
  administrator puts on. Where the thief was out in the end, it still says so, for nobody can tell
  from inside whether he has something left.
- unleak never says *contained* of a thief who was still served. With an SCP the thief is out in
  every cell.

## What each thief does

All look twice a second at policies and every five seconds at what they can still reach, and have
had 20 seconds before anybody noticed.

| Thief | Does |
|---|---|
| strip | deletes inline policies, detaches managed ones, the boundary and groups, turns keys on |
| remint | opens new sessions of the same principal all the time |
| keys | makes access keys, for its own user and for others |
| users | makes users with a key and all rights |
| roles | makes roles that let him in from outside |
| login-profiles | gives a user a password [^1] |
| juggle | makes two roles that may assume one another, and goes round in a circle |
| backdoor | made a role that lets him in, before anybody had noticed |
| everything | all of that at once |
"""
_FOOT: Final = """\
[^1]: The lab has no console to sign in to. Instead of a call that is served, this row counts
    whether a user who was given a password can do anything with a key that the lab makes for him
    when all is over.
"""


def main() -> None:
    """Play everything and write the document."""
    with ProcessPoolExecutor(max_workers=2 * (os.cpu_count() or 1)) as pool:
        results = dict(zip(CELLS, pool.map(played, CELLS), strict=True))
    DOCUMENT.write_text(document(results), encoding="utf-8")


if __name__ == "__main__":
    main()
