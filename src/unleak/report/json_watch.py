"""The hold as JSON, version 1: what was touched, what appeared, and whether it came to rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from unleak.evidence.clean import redact
from unleak.model.instant import render_instant

if TYPE_CHECKING:
    from unleak.model.watch import Watch

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"


def watch_document(watch: Watch | None) -> Json:
    """Return what was seen while the containment was held, null where it was not.

    Args:
        watch: from the verification.
    """
    if watch is None:
        return None
    return {
        "seconds": watch.seconds,
        "rounds": watch.rounds,
        "enforced_after": watch.enforced_after,
        "contested": watch.is_contested,
        "settled": watch.is_settled,
        "frozen": watch.is_frozen,
        "fenced": watch.is_fenced,
        "touches": [
            {
                "action": each.step_id,
                "target": each.target,
                "what": redact(each.what),
                "at": None if each.at is None else render_instant(each.at),
                "mended": each.is_mended,
            }
            for each in watch.touches
        ],
        "caught": list(watch.caught),
        "unread": [redact(each) for each in watch.unread],
    }
