"""What a preflight saw: one check for each thing that a response rests on."""

from __future__ import annotations

from enum import StrEnum

from unleak.model.frozen import dataclass


class Fitness(StrEnum):
    """What one check of a preflight came to."""

    OK = "ok"
    WARNING = "warning"
    """A response works without it, but less well."""
    FAILED = "failed"
    UNKNOWN = "unknown"
    """It could not be looked at; that is not a no."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreflightCheck:
    """One thing that was looked at."""

    name: str
    outcome: Fitness
    detail: str
    fix: str = ""
    """A command or a sentence; empty where there is nothing to do."""
    is_needed: bool = False
    """Whether nobody can respond without it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preflight:
    """All checks, in the order in which a response would need them."""

    checks: tuple[PreflightCheck, ...]

    @property
    def is_able(self) -> bool:
        """Whether everything that is needed is known to be there."""
        return not self.lacking and not self.open

    @property
    def lacking(self) -> tuple[PreflightCheck, ...]:
        """What is needed and is not there."""
        return self._needed(Fitness.FAILED)

    @property
    def open(self) -> tuple[PreflightCheck, ...]:
        """What is needed and could not be looked at."""
        return self._needed(Fitness.UNKNOWN)

    def _needed(self, outcome: Fitness) -> tuple[PreflightCheck, ...]:
        return tuple(each for each in self.checks if each.is_needed and each.outcome is outcome)
