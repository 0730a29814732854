"""The records of a trace, each once: all that lead anywhere, and of a busy key's others a number.

A key may make ten million calls.  What links credentials or changes something stays; of
the rest each key's earliest calls stay, and the last one from each place, because the closure
looks at where a key was used; all others are counted and let go.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final, TypeAlias

from unleak.trail.closure import when
from unleak.trail.remembered import Remembered
from unleak.trail.tactics import TAMPERING, plain_name
from unleak.trail.tally import Tally

if TYPE_CHECKING:
    from unleak.trail.record import Record

_Bucket: TypeAlias = tuple[str | None, bool]
MOST_OF_A_KEY: Final = 20_000
"""As many as a timeline lists: so what is listed is the same as if all were kept."""
MOST_PLAIN: Final = 100_000
"""Of all keys together; with more, each key keeps fewer."""
_FEWEST: Final = 50
_MOST_PLACES: Final = 500


class Kept:
    """What was found so far.

    Args:
        most_of_a_key: plain calls of one key that stay.
        most_plain: plain calls of all keys that stay.
    """

    def __init__(self, *, most_of_a_key: int = MOST_OF_A_KEY, most_plain: int = MOST_PLAIN) -> None:
        self._most_of_a_key = most_of_a_key
        self._most_plain = most_plain
        self._telling: dict[object, Record] = {}
        self._plain: dict[_Bucket, dict[object, Record]] = defaultdict(dict)
        self._count = 0
        self._let_go = Remembered()
        self.tallies: dict[str, Tally] = defaultdict(Tally)
        """What was let go, by key id."""
        self.is_cut = False
        """Whether a key was used from more places than are remembered."""

    def __len__(self) -> int:
        """Return how many there were, those that were let go with them."""
        return len(self._telling) + self._count + len(self._let_go)

    def add(self, record: Record) -> bool:
        """Take a record; return whether it is a new one.

        Args:
            record: one that may have come before, from another copy of the trail.
        """
        identity = identity_of(record)
        if self._knows(identity, record):
            return False
        if not _is_plain(record):
            self._telling[identity] = record
            return True
        bucket = _bucket(record)
        mine = self._plain[bucket]
        mine[identity] = record
        self._count += 1
        if len(mine) > 2 * self._most_of_a_key:
            self._thin(bucket)
        while self._count > self._most_plain and self._most_of_a_key > _FEWEST:
            self._most_of_a_key = max(_FEWEST, self._most_of_a_key // 2)
            for each in list(self._plain):
                self._thin(each)
        return True

    def records(self) -> tuple[Record, ...]:
        """Return those that stayed."""
        plain = (each for mine in self._plain.values() for each in mine.values())
        return (*self._telling.values(), *plain)

    def _knows(self, identity: object, record: Record) -> bool:
        if identity in self._telling or identity in self._plain.get(_bucket(record), ()):
            return True
        return len(self._let_go) > 0 and repr(identity) in self._let_go

    def _thin(self, bucket: _Bucket) -> None:
        """Let go of all but the earliest, and the last from each place."""
        ordered = sorted(self._plain[bucket].items(), key=lambda each: when(each[1]))
        stay = dict(ordered[: self._most_of_a_key])
        places: dict[object, tuple[object, Record]] = {}
        for identity, record in reversed(ordered[self._most_of_a_key :]):
            place = _place(record)
            if place in places or len(places) >= _MOST_PLACES:
                self.is_cut = self.is_cut or place not in places
                self._forget(identity, record)
            else:
                places[place] = (identity, record)
        stay.update(places.values())
        self._count += len(stay) - len(ordered)
        self._plain[bucket] = stay

    def _forget(self, identity: object, record: Record) -> None:
        self._let_go.add(repr(identity))
        if record.key_id is not None:
            self.tallies[record.key_id].add(record)


def identity_of(record: Record) -> object:
    """Return what two copies of one event have in common.

    The copies that two accounts get of one call have ids of their own and share `sharedEventID`.
    Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html

    Args:
        record: one of them.
    """
    if record.shared_id is not None and record.key_id is not None:
        return (record.shared_id, record.name, record.key_id)
    return record.event_id or record


def _is_plain(record: Record) -> bool:
    """Whether no credential and no change comes of it."""
    if record.minted or record.changed or record.compute or record.signed_in:
        return False
    # else the answer may be in the other account's copy
    return record.shared_id is None or record.role_arn is None


def _bucket(record: Record) -> _Bucket:
    """Return what is thinned together; what blinds a log is listed, however much else there is."""
    return (record.key_id, plain_name(record.name) in TAMPERING)


def _place(record: Record) -> object:
    return (record.arn, record.source_ip, record.user_agent, record.invoked_by)
