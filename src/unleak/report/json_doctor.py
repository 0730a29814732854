"""The JSON document of `unleak doctor`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.evidence.clean import redact
from unleak.report.json_v1 import VERSION

if TYPE_CHECKING:
    from unleak.model.preflight import Preflight
    from unleak.report.json_v1 import Document


def doctor_document(preflight: Preflight) -> Document:
    """Return the document: every check, and whether all that is needed is known to be there."""
    return {
        "version": VERSION,
        "checks": [
            {
                "name": each.name,
                "outcome": str(each.outcome),
                "detail": redact(each.detail),
                "fix": redact(each.fix),
                "needed": each.is_needed,
            }
            for each in preflight.checks
        ],
        "able": preflight.is_able,
    }
