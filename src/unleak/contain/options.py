"""What the person asked for, beyond whom."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from unleak.errors import WrongUse
from unleak.model.frozen import dataclass
from unleak.model.instant import render_instant, round_up
from unleak.model.plan import Scope, Strategy

if TYPE_CHECKING:
    from collections.abc import Iterable

    from unleak.model.credential import Credential

MARGIN = timedelta(seconds=1)
"""Issue times have a resolution of one second and the comparison is strict, so a session of the
very second of the cut-off would survive without it."""

FUTURE_LIMIT = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The choices of `plan` and `revoke`; `cutoff` None means "now, by AWS's clock"."""

    strategy: Strategy = Strategy.REVOKE_SESSIONS
    scope: Scope = Scope.PRINCIPAL
    cutoff: datetime | None = None
    since: datetime | None = None
    """When it may have leaked; identities that were made later are suspects.  None: worked out."""
    hold_seconds: float | None = None
    """How long to hold; None: as long as the leaked principal's grip asks for."""
    cascade: bool = False
    """Whether the suspects that the sweep finds are contained as well."""
    detach_quarantine: bool = False
    """Whether AWS's own quarantine policy goes too, last, once the containment is proven."""
    trails: tuple[str, ...] = ()
    """Where the cascade follows what leaked: as `trace --trail`; empty: the event history."""
    accounts: tuple[str, ...] = ()
    """Other accounts that may be entered although no organization vouches for them."""
    dismissed: frozenset[str] = frozenset()
    """Suspects that the person knows to be honest: `user/NAME`, `role/NAME`, key ids, ARNs."""


def choose_cutoff(
    options: Options, *, now: datetime, credentials: Iterable[Credential]
) -> datetime:
    """Return the instant before which sessions are denied, a whole second.

    Args:
        options: its `cutoff` is taken where the person gave one.
        now: an upper bound of AWS's time.
        credentials: what leaked; their issue times must lie before the cut-off.

    Raises:
        WrongUse: the chosen cut-off would leave the leaked session alive, or lies in the future.
    """
    if options.cutoff is None:
        return round_up(now) + MARGIN
    cutoff = round_up(options.cutoff)
    if cutoff > now + FUTURE_LIMIT:
        message = f"the cut-off {render_instant(cutoff)} is more than 15 minutes in the future"
        hint = "no new session would work until then; leave --cutoff out to cut off at this moment"
        raise WrongUse(message, hint=hint)
    for credential in credentials:
        if credential.issued_at is not None and cutoff <= credential.issued_at:
            message = (
                f"the cut-off {render_instant(cutoff)} would leave {credential.label} alive: "
                f"it was issued at {render_instant(credential.issued_at)}"
            )
            raise WrongUse(message, hint="leave --cutoff out, or give a later one")
    return cutoff
