"""Each rung of the ladder with its own word, and each region: what was seen there and no more."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from unleak.model.frozen import dataclass
from unleak.model.proof import EVERY_REGION, TRAIL_PREFIX, CheckOutcome, Level
from unleak.report.verdict import is_about_new_sessions
from unleak.report.wording import join_words, sentence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unleak.model.proof import Check, Verification

TRAIL = "trail"


class RungOutcome(StrEnum):
    """What one rung has shown."""

    PROVEN = "proven"
    REFUTED = "refuted"
    NOT_PROVEN = "not-proven"
    NOT_TRIED = "not-tried"

    @property
    def words(self) -> str:
        """The word in a sentence."""
        return self.replace("-", " ")


_NOT_TRIED = {
    Level.READ_BACK: "nothing was changed that could be read again",
    Level.SIMULATED: "not asked for",
    Level.CANARY: "no session of ours was minted before the cut-off",
    Level.LIVE: "no leaked secret was there to sign with",
}
_TRAIL_NOT_TRIED = "`unleak verify --watch` looks into CloudTrail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One rung with its word, and why it is not a better one."""

    name: str
    outcome: RungOutcome
    why: str = ""


def rungs_of(verification: Verification | None) -> tuple[Rung, ...]:
    """Return the five rungs, weakest first; one rung's word says nothing of another.

    Args:
        verification: what was measured; None where nothing was.
    """
    checks = () if verification is None else verification.checks
    own = [
        _rung(
            str(level),
            [each for each in checks if each.level is level and _is_about_death(each)],
            _NOT_TRIED[level],
        )
        for level in _NOT_TRIED
    ]
    trail = _rung(TRAIL, [each for each in checks if is_trail(each)], _TRAIL_NOT_TRIED)
    return (*own, trail)


def is_trail(check: Check) -> bool:
    """Whether the check is about what CloudTrail told."""
    return check.name.startswith(TRAIL_PREFIX)


def rung_line(verification: Verification) -> str:
    """Return all rungs in one sentence."""
    words = [f"{rung.name} {rung.outcome.words}" for rung in rungs_of(verification)]
    return sentence(f"Each rung by itself: {'; '.join(words)}")


def region_line(verification: Verification) -> str:
    """Return in how many regions it was seen to be refused, empty where one alone was asked."""
    regions = verification.regions
    if len(regions) < _SEVERAL:
        return ""
    proven = sum(each.outcome is CheckOutcome.PROVEN for each in regions)
    is_listed = not any(check.name == EVERY_REGION for check in verification.checks)
    kind = "enabled regions" if is_listed else "regions that were asked"
    line = f"Refused in {proven} of {len(regions)} {kind}"
    for outcome, words in _REGION_WORDS.items():
        names = [each.region for each in regions if each.outcome is outcome]
        if names:
            line += f"; {words} {join_words(names)}"
    return sentence(line)


def trail_lines(verification: Verification) -> tuple[str, ...]:
    """Return what CloudTrail told of each, one sentence a finding."""
    return tuple(
        sentence(f"CloudTrail, {check.target}: {check.detail}")
        for check in verification.checks
        if is_trail(check)
    )


_SEVERAL = 2
_REGION_WORDS = {
    CheckOutcome.REFUTED: "NOT YET REFUSED in",
    CheckOutcome.INCONCLUSIVE: "nothing telling in",
    CheckOutcome.SKIPPED: "not reached:",
}


def _is_about_death(check: Check) -> bool:
    return not is_trail(check) and not is_about_new_sessions(check)


def _rung(name: str, checks: Sequence[Check], why_not: str) -> Rung:
    if not checks:
        return Rung(name=name, outcome=RungOutcome.NOT_TRIED, why=why_not)
    by_target: dict[str, set[CheckOutcome]] = {}
    for check in checks:
        by_target.setdefault(check.target, set()).add(check.outcome)
    refuted = _first(checks, CheckOutcome.REFUTED)
    if refuted is not None:
        return Rung(name=name, outcome=RungOutcome.REFUTED, why=refuted)
    tried = [each for each in by_target.values() if each != {CheckOutcome.SKIPPED}]
    if not tried:
        why = _first(checks, CheckOutcome.SKIPPED) or why_not
        return Rung(name=name, outcome=RungOutcome.NOT_TRIED, why=why)
    if all(CheckOutcome.PROVEN in each for each in tried):
        return Rung(name=name, outcome=RungOutcome.PROVEN)
    why = _first(checks, CheckOutcome.INCONCLUSIVE) or ""
    return Rung(name=name, outcome=RungOutcome.NOT_PROVEN, why=why)


def _first(checks: Sequence[Check], outcome: CheckOutcome) -> str | None:
    return next((each.detail for each in checks if each.outcome is outcome), None)
