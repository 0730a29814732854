"""An alert as the text that its claim keeps, so that whoever goes on knows what it was about."""

from __future__ import annotations

import json

from unleak.apply.codec import Unfit, decode, encode
from unleak.errors import StateFolder
from unleak.model.alert import Alert


def alert_text(alert: Alert) -> str:
    """Return an alert as compact JSON; it holds no secret, as an alert has none."""
    return json.dumps(encode(alert), separators=(",", ":"), sort_keys=True)


def alert_of(text: str) -> Alert:
    """Return the alert that a claim keeps.

    Args:
        text: from `alert_text`.

    Raises:
        StateFolder: it is damaged, or a newer unleak wrote it.
    """
    try:
        return decode(Alert, json.loads(text))
    except (Unfit, ValueError) as error:
        message = "a claim holds an alert that cannot be understood"
        hint = "if a newer unleak wrote it, install that; the incident itself is in the journal"
        raise StateFolder(message, hint=hint) from error
