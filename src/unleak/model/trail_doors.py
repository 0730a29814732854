"""What reading trails needs of the doors to a cloud, as protocols."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from unleak.model.bucket import Bucket
    from unleak.model.ports import Reader
    from unleak.model.query import AthenaDesk, AthenaPlace, LakePlace, Querier


class QueryDoors(Protocol):
    """What a trace in SQL needs of `AwsDoors`."""

    def athena(self, place: AthenaPlace) -> AthenaDesk:
        """Return the door to a table."""
        ...

    def lake(self, place: LakePlace) -> Querier:
        """Return the door to an event data store."""
        ...


class TraceDoors(QueryDoors, Protocol):
    """What a trace needs of `AwsDoors`."""

    def reader(self) -> Reader:
        """Return the door that cannot change a thing."""
        ...

    def trail_bucket(self, name: str) -> Bucket:
        """Return the door to a bucket with a trail."""
        ...
