"""An alert as the text that its claim keeps, so that whoever goes on knows what it was about."""

from __future__ import annotations

import json

from unleak.apply.codec import Unfit, decode, encode
from unleak.errors import StateFolder
from unleak.model.alert import Alert

_ANSWERED = "answered"
_MOST_ANSWERED = 50


def alert_text(alert: Alert, *, answered: tuple[str, ...] = ()) -> str:
    """Return an alert as compact JSON; it holds no secret, as an alert has none.

    Args:
        alert: what the response is about.
        answered: the ids of the alerts that were responded to before, the oldest first.
    """
    fields = encode(alert)
    if answered and isinstance(fields, dict):
        fields = {**fields, _ANSWERED: list(answered[-_MOST_ANSWERED:])}
    return json.dumps(fields, separators=(",", ":"), sort_keys=True)


def alert_of(text: str) -> Alert:
    """Return the alert that a claim keeps.

    Args:
        text: from `alert_text`.

    Raises:
        StateFolder: it is damaged, or a newer unleak wrote it.
    """
    return _read(text)[0]


def answered_ids(text: str) -> tuple[str, ...]:
    """Return the ids of the alerts that a claim has responded to, its own alert's last.

    Args:
        text: from `alert_text`.

    Raises:
        StateFolder: it is damaged, or a newer unleak wrote it.
    """
    alert, before = _read(text)
    return (*before, alert.id)


def _read(text: str) -> tuple[Alert, tuple[str, ...]]:
    try:
        fields = json.loads(text)
        before = fields.pop(_ANSWERED, []) if isinstance(fields, dict) else []
        return decode(Alert, fields), tuple(str(each) for each in before)
    except (Unfit, ValueError, TypeError) as error:
        message = "a claim holds an alert that cannot be understood"
        hint = "if a newer unleak wrote it, install that; the incident itself is in the journal"
        raise StateFolder(message, hint=hint) from error
