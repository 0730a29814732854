"""What was done with the credentials: the timeline by tactic, what persists, costs, data."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from unleak.evidence.clean import printable, redact
from unleak.model.trace import (
    Confidence,
    Outcome,
    Persisting,
    Tactic,
    TacticCount,
    Timeline,
    TimelineItem,
)
from unleak.trail.closure import when
from unleak.trail.fixes import fixes_for
from unleak.trail.made import KINDS
from unleak.trail.tactics import TAMPERING, plain_name, tactic_of
from unleak.trail.tally import Tally, outcome_of, tally_of
from unleak.trail.tokens import labels_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from unleak.trail.closure import Closed
    from unleak.trail.record import Record

MOST_ITEMS: Final = 20_000
"""Calls that are listed one by one; more are counted.  Nobody reads them, and memory stays flat."""
_QUARANTINES: Final = ("AWSCompromisedKeyQuarantine", "AWSExposedCredentialPolicy_DO_NOT_REMOVE")
"""The policies that AWS attaches to the user of a key that it found in public.

The event may carry the victim's own key id, with AWS as the user agent.
Source: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSCompromisedKeyQuarantineV3.html
"""
_NOTHING: Final[Mapping[str, Tally]] = MappingProxyType({})
_LONGEST: Final = 200
_READ: Final = 2_000


def is_quarantine(record: Record) -> bool:
    """Whether a call is AWS's own quarantine of a key that leaked."""
    changed = record.changed
    if changed is None or changed.call not in {"AttachUserPolicy", "PutUserPolicy"}:
        return False
    return changed.detail.rpartition("/")[2].startswith(_QUARANTINES)


def timeline_of(
    records: Iterable[Record], closed: Closed, counted: Mapping[str, Tally] = _NOTHING
) -> Timeline:
    """Return what was done with the credentials of the closure.

    Args:
        records: each event once.
        closed: whose calls count.
        counted: further calls, by key id, that are only counted.
    """
    proven, inferred = closed.proven, closed.inferred
    own = sorted((each for each in records if each.key_id in proven), key=when)
    others = sorted((each for each in records if each.key_id in inferred), key=when)
    blamed = [each for each in own if not is_quarantine(each)]
    items = [_item(each) for each in blamed[:MOST_ITEMS]]
    guesses = [replace(_item(each), confidence=Confidence.INFERRED) for each in others[:MOST_ITEMS]]
    mine = _total(tally_of(blamed), *(counted[key] for key in proven & counted.keys()))
    theirs = _total(tally_of(others), *(counted[key] for key in inferred & counted.keys()))
    both = _total(mine, theirs)
    return Timeline(
        first=mine.first,
        last=mine.last,
        events=mine.events,
        inferred_events=theirs.events,
        denied=mine.denied,
        by_tactic=_by_tactic(mine),
        items=tuple(items),
        inferred_items=tuple(guesses),
        items_left_out=both.events - len(items) - len(guesses),
        regions=_named(both.regions),
        tampering=tuple(
            _item(each) for each in (*blamed, *others) if plain_name(each.name) in TAMPERING
        )[:MOST_ITEMS],
        costs=_named(both.costs),
        data=_named(both.data),
        quarantine=tuple(_item(each) for each in records_of_quarantine(own)),
        fixes=_fixes((*blamed, *others), both),
    )


def _fixes(records: Iterable[Record], total: Tally) -> dict[str, str]:
    """Return what to do about what was done; a call that was refused needs nothing."""
    done = {each.name for each in records if each.is_success}
    return fixes_for({*done, *total.costs, *(each.partition(" ")[0] for each in total.data)})


def records_of_quarantine(records: Sequence[Record]) -> Iterator[Record]:
    """Yield AWS's own quarantine among the records."""
    return (each for each in records if is_quarantine(each))


def persistence_of(records: Iterable[Record], closed: Closed) -> tuple[Persisting, ...]:
    """Return what was made or changed and may still be there, oldest first.

    Args:
        records: each event once.
        closed: whose doing counts.
    """
    ordered = sorted(records, key=when)
    keys = closed.proven | closed.inferred
    mine = [
        each
        for each in ordered
        if each.key_id in keys and each.is_success and not is_quarantine(each)
    ]
    made = (each for each in mine if each.changed is not None and each.changed.call in KINDS)
    later = _Later(ordered)
    return tuple(_persisting(each, later) for each in made)


class _Later:
    """What came after something was made: its removals, and the uses of new identities.

    Args:
        ordered: each event once, oldest first.
    """

    def __init__(self, ordered: Sequence[Record]) -> None:
        self._removals = [each for each in ordered if each.changed and each.changed.is_removal]
        self._keys = {each.key_id for each in ordered}
        self._labels = {label for each in ordered for label in labels_of(each.arn or "")}
        self._signed_in = {
            label for each in ordered if each.signed_in for label in labels_of(each.arn or "")
        }

    def removal_of(self, record: Record) -> Record | None:
        """Return the call that took it away again, None where the trail shows none."""
        return next(
            (
                each
                for each in self._removals
                if when(each) > when(record) and _removes(each, record)
            ),
            None,
        )

    def shows_use_of(self, record: Record) -> bool:
        """Whether the key, user, role or password that was made is seen in use."""
        made = record.changed
        if made is None:
            return False
        match made.call:
            case "CreateAccessKey":
                return made.detail in self._keys
            case "CreateLoginProfile" | "UpdateLoginProfile":
                return f"user/{made.name}" in self._signed_in
            case "CreateUser":
                return f"user/{made.name}" in self._labels
            case "CreateRole" | "UpdateAssumeRolePolicy":
                return f"role/{made.name}" in self._labels
            case _:
                return False


def _persisting(record: Record, later: _Later) -> Persisting:
    changed = record.changed
    if changed is None:
        raise AssertionError
    kind = KINDS[changed.call]
    name = changed.detail if changed.call == "CreateAccessKey" else changed.name
    name = name or changed.name or ", ".join(record.compute)
    shown = _shown(name)
    what = f"{kind.noun} {shown}".strip()
    if changed.call == "CreateAccessKey":
        what += f" of user {_shown(changed.name)}"
    elif changed.detail and not changed.detail.startswith("arn:aws:iam::aws:policy/"):
        what += f" ({_shown(changed.detail)})"
    elif changed.detail:
        what += f" ({_shown(changed.detail.rpartition('/')[2])})"
    removal = later.removal_of(record)
    return Persisting(
        via=record.name,
        what=what,
        region=_shown(record.region),
        event_id=_shown(record.event_id),
        at=record.at,
        by=record.key_id,
        fix=kind.fix.format(_argument(name)),
        was_used=later.shows_use_of(record),
        removed_at=None if removal is None else removal.at,
        call=changed.call,
        name=changed.name,
        detail=changed.detail,
        account=record.account,
    )


def _removes(later: Record, record: Record) -> bool:
    made, gone = record.changed, later.changed
    if made is None or gone is None or not later.is_success:
        return False
    if gone.call not in KINDS[made.call].removed_by or later.account != record.account:
        return False
    if gone.call in {"DeleteUser", "DeleteRole"} or not (gone.detail and made.detail):
        return gone.name == made.name
    return gone.detail == made.detail


def _argument(name: str) -> str:
    """Return a name fit for a command line; what is not plain is left for the reader to fill in."""
    is_plain = bool(name) and all(each.isalnum() or each in "+=,.@_/:-" for each in name)
    return name if is_plain and name.isascii() and not name.startswith("-") else "NAME"


def _item(record: Record) -> TimelineItem:
    return TimelineItem(
        at=record.at,
        event_id=_shown(record.event_id),
        name=_shown(record.name),
        source=_shown(record.source),
        region=_shown(record.region),
        key_id=record.key_id,
        tactic=tactic_of(record.name),
        outcome=outcome_of(record),
        error_code=None if record.error_code is None else _shown(record.error_code),
        source_ip=_shown(record.source_ip),
        user_agent=_shown(record.user_agent),
        target=_shown(record.target),
    )


def _total(*tallies: Tally) -> Tally:
    total = Tally()
    for each in tallies:
        total.add_all(each)
    return total


def _by_tactic(tally: Tally) -> dict[Tactic, TacticCount]:
    counts = tally.outcomes
    return {
        tactic: TacticCount(
            succeeded=counts[tactic, Outcome.SUCCEEDED],
            denied=counts[tactic, Outcome.DENIED],
            failed=counts[tactic, Outcome.FAILED],
        )
        for tactic in Tactic
    }


def _named(counts: Counter[str]) -> dict[str, int]:
    """Return the counts by what may be shown of the names; two may look the same then."""
    shown: Counter[str] = Counter()
    for name, count in counts.items():
        call, space, target = name.partition(" ")  # each by itself, or an ARN is not seen as one
        shown[f"{_shown(call)}{space}{_shown(target)}"] += count
    return dict(shown.most_common(MOST_ITEMS))


@lru_cache(maxsize=8_192)
def _shown(text: str) -> str:
    """Return hostile text fit to be shown: no escapes, nothing that looks like a secret."""
    if text.isascii() and text.isprintable() and len(text) <= _PLAIN:
        return text
    text = text[:_READ]
    if text.startswith("arn:"):  # the name of a service, `secretsmanager`, labels no secret
        return printable(":".join(redact(part) for part in text.split(":")), limit=_LONGEST)
    return printable(redact(text), limit=_LONGEST)


_PLAIN: Final = 36
"""Up to here a text is too short for a secret access key, which has forty characters."""
