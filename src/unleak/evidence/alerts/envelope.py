"""What EventBridge writes around an event: where and when it was put on the bus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.evidence.alerts import checked
from unleak.model.frozen import dataclass

if TYPE_CHECKING:
    from datetime import datetime

    from unleak.evidence.alerts.fields import Fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """The account, region and time of an event; all empty for one that came without.

    Source: https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html
    """

    id: str = ""
    account: str | None = None
    region: str | None = None
    at: datetime | None = None


def envelope_of(event: Fields) -> Envelope:
    """Return what an EventBridge event says about itself, checked."""
    return Envelope(
        id=checked.word(event.text("id")),
        account=checked.account(event.text("account")),
        region=checked.region(event.text("region")),
        at=checked.instant(event.get("time")),
    )
