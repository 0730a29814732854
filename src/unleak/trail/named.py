"""What the sketches of one file name: gathered in one go, since this is where a trace's time goes.

The sketches of a file are more than a processor's nearest memory holds.  To go over them once for
each thing that is sought takes twice as long as to go over them once for all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.evidence.trail_time import read_trail_time
from unleak.model.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from unleak.trail.quick import Answer, KeyMember, Sketch


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What they name."""

    keys: set[str]
    """The key ids that signed."""
    arns: set[str]
    """Who called, and the roles that were asked for."""
    times: set[str | None]
    """None or an empty text is among them where an event has none; so with regions."""
    regions: set[str | None]
    made: list[str]
    """The key ids in the answers, each as often as it is there."""


def named_in(found: Sequence[Sketch]) -> Named:
    """Return what they name.

    Args:
        found: the sketches of one file.
    """
    keys: set[str | None] = set()
    arns: set[str | None] = set()
    times: set[str | None] = set()
    regions: set[str | None] = set()
    answers: list[Answer] = []
    for each in found:
        times.add(each.time)
        regions.add(each.region)
        identity = each.identity
        if identity is not None:
            keys.add(identity.key_id)
            arns.add(identity.arn)
        asked = each.asked
        if asked is not None and asked.role_arn is not None:
            arns.add(asked.role_arn)
        answer = each.answer
        if answer is not None:
            answers.append(answer)
    made = [key for each in answers for key in keys_in(each) if key]
    return Named(keys=_told(keys), arns=_told(arns), times=times, regions=regions, made=made)


def _told(texts: set[str | None]) -> set[str]:
    return {each for each in texts if each}


def keys_in(answer: Answer) -> list[str | None]:
    """Return the key ids in one answer."""
    several = answer.several
    keys: list[str | None] = [] if several is None else [*_several(several)]
    if answer.credentials is not None:
        keys.append(answer.credentials.key_id)
    if answer.key is not None:
        keys.append(answer.key.key_id)
    if answer.service_key is not None:
        keys.append(answer.service_key.key_id)
    return keys


def _several(members: list[KeyMember]) -> Iterator[str | None]:
    return (each.credentials.key_id for each in members if each.credentials is not None)


def span_of(times: Iterable[str | None]) -> tuple[datetime | None, datetime | None]:
    """Return the first time and the last; what is no time does not count."""
    known = {each for each in times if each}
    if not known:
        return None, None
    if all(len(each) == _USUAL and each[-1] == "Z" for each in known):
        first, last = read_trail_time(min(known)), read_trail_time(max(known))
        if first is not None and last is not None:
            return first, last
    read = [at for each in known if (at := read_trail_time(each)) is not None]
    return min(read, default=None), max(read, default=None)


_USUAL = len("2026-11-24T07:00:00Z")
