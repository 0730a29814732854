"""What a policy text denies, as the tests read it."""

from __future__ import annotations

import json
from datetime import datetime

from unleak.contain.deny_policy import plain_cutoff


def policy_cutoff(document: str) -> datetime | None:
    """Return the latest plain cut-off of a policy text, None where it has none."""
    return max(filter(None, map(plain_cutoff, json.loads(document)["Statement"])), default=None)
