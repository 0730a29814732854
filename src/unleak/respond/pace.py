"""How long a response may hold and measure, in the time that its process has left."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from unleak.contain.options import Options
from unleak.flow.hold_again import is_unsettled
from unleak.model.plan import Scope
from unleak.respond.recognise import is_single_session

if TYPE_CHECKING:
    from unleak.model.incident import Incident
    from unleak.respond.policy import RuleOptions
    from unleak.respond.recognise import Leaked
    from unleak.respond.station import Station

PROOF_SECONDS = 60.0
"""How long to measure at most; IAM usually takes effect within four seconds."""
RESERVE_SECONDS = 45.0
"""Kept back of a function's time for messages and the last entries of the journal."""


def options_for(chosen: RuleOptions, leaked: Leaked, station: Station) -> Options:
    """Return how to contain: a rule's words, else the narrowest that the alert allows.

    Args:
        chosen: what the rule says.
        leaked: one session is cut alone where the alert names it.
        station: its time bounds the holding.
    """
    options = Options()
    narrow = Scope.SESSION if is_single_session(leaked.alert) else Scope.PRINCIPAL
    room = _room(station)
    wanted = chosen.hold_seconds
    if room != float("inf"):
        wanted = room if wanted is None and room < _LONGEST_HOLD else wanted
        wanted = None if wanted is None else min(wanted, room)
    return replace(
        options,
        scope=chosen.scope or narrow,
        strategy=chosen.strategy or options.strategy,
        cascade=options.cascade if chosen.cascade is None else chosen.cascade,
        hold_seconds=wanted,
    )


def _room(station: Station) -> float:
    """Return for how many seconds the time that is left allows to hold."""
    return max(0.0, station.seconds_left() - PROOF_SECONDS - RESERVE_SECONDS)


_LONGEST_HOLD = 120.0
"""Above this much room the grip of what leaked decides how long to hold, as on the command line."""


def hurried(before: Incident, station: Station) -> Options | None:
    """Return that it is held no longer than there is time for; None leaves it as it was planned.

    Args:
        before: what is gone on with.
        station: its time bounds the holding.
    """
    room, wanted = _room(station), before.plan.hold_wish
    is_enough = room >= (_LONGEST_HOLD if wanted is None else wanted)
    return None if is_enough or not is_unsettled(before) else Options(hold_seconds=room)


def proof_seconds(station: Station) -> float:
    """Return how long to measure at most.

    Args:
        station: its time bounds the measuring.
    """
    return min(PROOF_SECONDS, max(0.0, station.seconds_left() - RESERVE_SECONDS))
