"""Many sightings of one session make one story: the best told one, filled up by the others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from unleak.model.credential import CredentialKind
from unleak.model.frozen import dataclass

if TYPE_CHECKING:
    from unleak.identify.trail_event import Sighting
    from unleak.model.principal import Principal

T = TypeVar("T")

_LATEST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Whose session it is, as CloudTrail tells it."""

    kind: CredentialKind
    principal: Principal
    parent: Principal | None
    session_name: str | None
    issued_at: datetime | None
    expires_at: datetime | None
    event_id: str
    region: str
    notes: tuple[str, ...] = ()

    @property
    def is_deniable(self) -> bool:
        """Whether it names the principal that a deny has to sit on."""
        return self.kind is not CredentialKind.FEDERATED_SESSION or self.parent is not None


def tell(sightings: Iterable[Sighting]) -> Story | None:
    """Fold the sightings of one key id into one story; None when there are none.

    The owner comes from the sighting that tells most, the earliest of these; another owner is a
    conflict (an `ASIA` id is unique only together with its secret) and is noted.
    """
    ranked = sorted(sightings, key=_rank)
    if not ranked:
        return None
    best = ranked[0]
    same = [sighting for sighting in ranked if _owner(sighting) == _owner(best)]
    own = [sighting for sighting in same if not sighting.is_minting]
    # the creation date of a call is the issue time itself; the minting event's time is close to it
    issued = _first([s.issued_at for s in own] + [s.issued_at for s in same])
    return Story(
        kind=best.kind,
        principal=_fullest([sighting.principal for sighting in same]),
        parent=_first([sighting.parent for sighting in same]),
        session_name=best.session_name,
        issued_at=issued,
        expires_at=_first([sighting.expires_at for sighting in same]),
        event_id=best.event_id,
        region=best.region,
        notes=_conflicts(best, ranked),
    )


def _rank(sighting: Sighting) -> tuple[int, datetime, str]:
    told = (
        sighting.principal.arn,
        sighting.principal.unique_id,
        sighting.parent,
        sighting.session_name,
    )
    missing = sum(part is None for part in told)
    return missing, sighting.at or _LATEST, sighting.event_id


def _owner(sighting: Sighting) -> tuple[object, ...]:
    principal = sighting.principal
    return (
        sighting.kind,
        principal.type,
        principal.name,
        principal.account,
        sighting.session_name,
    )


def _first(values: Iterable[T | None]) -> T | None:
    return next((value for value in values if value is not None), None)


def _fullest(principals: Sequence[Principal]) -> Principal:
    """Fill the best principal's gaps (path in the ARN, unique id) from its other sightings."""
    return replace(
        principals[0],
        arn=_first(principal.arn for principal in principals),
        unique_id=_first(principal.unique_id for principal in principals),
    )


def _conflicts(best: Sighting, ranked: Sequence[Sighting]) -> tuple[str, ...]:
    others = {
        f"CloudTrail also shows this id as a {other.kind} of {other.principal.label}"
        f" (account {other.principal.account}, event {other.event_id}); the best told was taken"
        for other in ranked
        if _owner(other) != _owner(best)
    }
    return tuple(sorted(others))
