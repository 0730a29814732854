"""A request over HTTPS that is answered first and worked on afterwards, by another run."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

PUT_OFF = "web"
"""The mark of such a request among the events of a function."""


def put_off(event: Mapping[str, object]) -> dict[str, object]:
    """Return what a run of the function hands to the next one.

    The whole request goes along, signature or token included: the next run believes it for the same
    reason as this one, and not because somebody could invoke it.

    Args:
        event: the request.
    """
    return {"unleak": PUT_OFF, "request": dict(event)}
