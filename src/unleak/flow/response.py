"""What a changing flow gives back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.model.frozen import dataclass

if TYPE_CHECKING:
    from unleak.errors import ExitCode
    from unleak.model.incident import Incident
    from unleak.model.outcome import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """The incident as it stands in the journal, the word for it, and what to do next."""

    incident: Incident
    status: Status
    next_steps: tuple[str, ...] = ()
    exit_code: ExitCode | None = None
    """Where the command's own success counts, not the incident's status (`undo`, `cleanup`)."""
