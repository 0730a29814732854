"""What came of one attempt to tell somebody, before it has its destination's name on it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from unleak.errors import Unreachable
from unleak.evidence.clean import printable, redact
from unleak.model.frozen import dataclass
from unleak.model.message import Delivery

if TYPE_CHECKING:
    from unleak.errors import UnleakError


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of it, and why."""

    delivery: Delivery
    why: str = ""
    name: str = ""
    """Of the service, `Slack` for example, where the URL told it."""
    url_number: int | None = None
    """Which of the URLs that a secret holds it was, counted from 1."""

    def of_url(self, number: int) -> Result:
        """Return the same, said of one URL of several."""
        return replace(self, url_number=number)


SENT = Result(delivery=Delivery.SENT)


def of_error(error: UnleakError, otherwise: Delivery) -> Result:
    """Return what an error means for a message.

    Args:
        error: what was raised.
        otherwise: what it means if it was no silence.
    """
    delivery = Delivery.SILENT if isinstance(error, Unreachable) else otherwise
    hint = f" ({error.hint})" if error.hint else ""
    return Result(delivery=delivery, why=printable(redact(f"{error.message}{hint}"), limit=300))
