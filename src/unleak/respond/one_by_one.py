"""Answer many things in the time that there is, each on its own: none stops another."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from unleak.errors import UnleakError
from unleak.evidence.clean import printable
from unleak.respond.answer import Responded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from unleak.respond.answer import Answer
    from unleak.respond.station import Station

_WORDS = 300
"""How long the reason of a failure may be in an answer."""
SHORTEST = 75.0
"""Seconds that a response may need, beside holding; what is begun with less dies half-way."""


def one_by_one(
    tasks: Iterable[tuple[str, Callable[[], tuple[Answer, ...]]]],
    station: Station,
    *,
    put_off: Callable[[str], None] | None = None,
) -> Responded:
    """Return the answers of all tasks; what broke off or was not begun is named in `failed`.

    The first one is begun in any case: a function whose whole time is short would never work.

    Args:
        tasks: the name of each, and what gives its answers.
        station: how much time is left.
        put_off: called with the name of each that there is no time for.

    Raises:
        ExceptionGroup: some broke off by a fault of unleak; all others were answered.
    """
    responded, faults = Responded(), []
    for number, (name, answers) in enumerate(tasks):
        try:
            if number and station.seconds_left() < SHORTEST:
                if put_off is not None:
                    put_off(name)
                responded = _failed(responded, name, "no time is left; the sweep goes on with it")
                continue
            responded = replace(responded, answers=(*responded.answers, *answers()))
        except UnleakError as error:
            responded = _failed(responded, name, error.message)
        except Exception as fault:  # noqa: BLE001 - the others come first; it is raised below
            fault.add_note(f"while answering {printable(name, limit=_WORDS)}")
            faults.append(fault)
    if faults:
        message = "unleak has a fault"
        raise ExceptionGroup(message, faults)
    return responded


def _failed(responded: Responded, name: str, why: str) -> Responded:
    failure = printable(f"{name}: {why}", limit=_WORDS)
    return replace(responded, failed=(*responded.failed, failure))
