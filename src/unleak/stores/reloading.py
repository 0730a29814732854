"""Workloads that read a place when they start, and only then: what makes them read it anew.

Two protocols, both optional for a destination.  A place may know who reads it (`KnowsReaders`); a
store may be able to let a workload of its own start anew (`Reloader`).  They need not be the same:
containers of ECS get a secret of Secrets Manager injected, and ECS replaces them.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from unleak.model.frozen import dataclass

if TYPE_CHECKING:
    from datetime import datetime

    from unleak.model.rotation import Spot
    from unleak.stores.interface import Reach


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """Something that runs and holds what it has read."""

    spot: Spot
    """The store that can start it anew, and its name there: `k8s` and `web/deployment/api`."""
    impact: str
    """What starting it anew costs, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Readers:
    """Who reads a place when it starts."""

    workloads: tuple[Workload, ...] = ()
    notes: tuple[str, ...] = ()
    """What a person has to see to: readers that nothing can start anew, lists that were refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """What a reload is for; the same ticket twice starts nothing twice."""

    mark: str
    """Names the write that is to be read; holds no secret."""
    since: datetime
    """When the place was written: what has started later has read it already."""


class Progress(StrEnum):
    """How far a workload has come."""

    THROUGH = "through"
    """All that runs has started since."""
    ON_ITS_WAY = "on-its-way"
    FAILED = "failed"
    """It will not get there by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """How far a workload has come, with what a person wants to know of it."""

    progress: Progress
    detail: str


@runtime_checkable
class KnowsReaders(Protocol):
    """A destination that can tell who reads a place of it."""

    @property
    def listens(self) -> tuple[str, ...]:
        """The IAM actions that looking for readers calls."""
        ...

    def readers(self, spot: Spot, reach: Reach) -> Readers:
        """Return who reads the place when it starts; what cannot be listed is a note.

        Raises:
            UnleakError: nothing can be told.
        """
        ...


@runtime_checkable
class Reloader(Protocol):
    """A store that can let its workloads start anew."""

    @property
    def name(self) -> str:
        """As `Store.name`."""
        ...

    @property
    def reloads(self) -> tuple[str, ...]:
        """The IAM actions that starting anew and watching it call."""
        ...

    def reload(self, workload: Spot, ticket: Ticket, reach: Reach) -> None:
        """Let a workload start anew in its own gentle way, unless it has for this ticket.

        Raises:
            UnleakError: it was refused, or got no answer.
        """
        ...

    def rollout(self, workload: Spot, ticket: Ticket, reach: Reach) -> Rollout:
        """Return how far it has come.

        Raises:
            UnleakError: it cannot be looked at.
        """
        ...
