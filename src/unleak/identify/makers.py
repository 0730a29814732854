"""Who made what, as far as CloudTrail can tell it already.

IAM's events are in the history of the partition's home region only, some minutes late: a thing
without an event has no known maker, never no maker.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from unleak.identify.making_event import read_making
from unleak.identify.questions import Failed, Round, Told, explain
from unleak.model.door import DoorKind
from unleak.model.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from unleak.identify.making_event import Maker, Making
    from unleak.model.ports import Reader, TrailEvent

MAKING_EVENTS = (
    "CreateUser",
    "CreateRole",
    "CreateAccessKey",
    "CreateLoginProfile",
    "UpdateLoginProfile",
    "UpdateAssumeRolePolicy",
    "CreatePolicyVersion",
    "SetDefaultPolicyVersion",
    "CreateServiceSpecificCredential",
    "CreateOpenIDConnectProvider",
    "CreateSAMLProvider",
    "POST.iam",  # how an emulator, MiniStack, calls each of them; AWS has nothing of that name
)
_HOPS = 2
"""How many sessions in a row are followed from the leak on: it became a role, that became one."""

_OPERATION = "cloudtrail:LookupEvents"
_ROUNDING = timedelta(seconds=2)
"""IAM's date of a thing and the time of its event are two clocks, each cut to the second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Makers:
    """The events that made or changed something since the leak."""

    makings: tuple[Making, ...] = ()
    """What the leak made is in it, and who opened which role session with it."""
    deleted_keys: frozenset[str] = frozenset()
    """Keys that are in no list any more because somebody deleted them since."""
    unread: tuple[str, ...] = ()

    def of(self, kind: DoorKind, name: str) -> tuple[Maker, ...]:
        """Return everybody who made or changed it, none where the trail does not tell (yet)."""
        wanted = name.lower()  # IAM tells names apart whatever their case
        return tuple(
            each.maker for each in self.makings if each.kind is kind and each.name.lower() == wanted
        )

    @property
    def session_ids(self) -> frozenset[str]:
        """The ids of the role sessions that were opened with the leak: as leaked as it is."""
        return frozenset(each.session_id for each in self.makings if each.session_id)

    def names(self, kind: DoorKind) -> frozenset[str]:
        """Return the names, in lower case, of all things of a kind that were made or changed."""
        return frozenset(each.name.lower() for each in self.makings if each.kind is kind)

    def opened(self, name: str, *, account: str | None) -> bool:
        """Whether a session of a role was opened; one of the same name elsewhere is another role.

        Args:
            name: the role's.
            account: the role's; an event or role that tells none is taken for the same.
        """
        return any(
            each.kind is DoorKind.ROLE_SESSION
            and each.name.lower() == name.lower()
            and (None in (each.account, account) or each.account == account)
            for each in self.makings
        )

    def of_key(self, key_id: str, *, user: str, made_at: datetime | None) -> tuple[Maker, ...]:
        """Return who made an access key; an event without its id counts by user and time."""
        return tuple(
            making.maker
            for making in self.makings
            if making.key_of is not None
            and (
                making.name == key_id
                or (
                    making.name == ""
                    and making.key_of == user
                    and is_close(making.maker.at, made_at)
                )
            )
        )


NO_MAKERS = Makers(unread=("CloudTrail was not asked who made what",))


def is_close(one: datetime | None, other: datetime | None) -> bool:
    """Say whether two instants, each cut to the second, may be the same."""
    return one is not None and other is not None and abs(one - other) <= _ROUNDING


def is_late_enough(event_at: datetime | None, made_at: datetime | None) -> bool:
    """Say whether an event may be the making of a thing, and not of an earlier one of its name."""
    return made_at is None or (event_at is not None and event_at >= made_at - _ROUNDING)


def read_makers(
    reader: Reader, *, since: datetime, region: str, key_ids: Iterable[str] = ()
) -> Makers:
    """Ask CloudTrail who made users, roles, keys, passwords, trust, policies and providers.

    Which roles the leak became is looked for under its key ids, and theirs.

    Args:
        reader: reads only.
        since: what happened before is of no interest.
        region: where the partition records IAM's calls, `lineage.home_region`.
        key_ids: the leaked ids whose role sessions are looked for, here and in our own region.

    Raises:
        ResponderCredentials: our own credentials stopped working.
    """
    regions = dict.fromkeys((region, reader.region))
    lookups = [("EventName", each, region) for each in MAKING_EVENTS]
    lookups += [("AccessKeyId", key_id, where) for key_id in key_ids for where in regions]
    found, unread = _ask(reader, since, lookups)
    known, more, doubts = _follow(reader, since, found, frozenset(key_ids), region)
    recent = tuple(
        each
        for each in (*found, *more)
        if (each.maker.at is None or each.maker.at >= since - _ROUNDING)
        and (each.kind is not DoorKind.ROLE_SESSION or each.maker.access_key_id in known)
    )
    return Makers(
        makings=tuple(dict.fromkeys(each for each in recent if not each.is_deletion)),
        deleted_keys=frozenset(each.name for each in recent if each.is_deletion),
        unread=tuple(dict.fromkeys((*unread, *doubts))),
    )


def _follow(
    reader: Reader, since: datetime, found: tuple[Making, ...], known: frozenset[str], region: str
) -> tuple[frozenset[str], tuple[Making, ...], tuple[str, ...]]:
    """Look for what the sessions did that the leak opened, and for what those opened in turn.

    Returns:
        The ids of the leak and of its sessions, their events, and what could not be asked.
    """
    more: tuple[Making, ...] = ()
    unread: tuple[str, ...] = ()
    for _ in range(_HOPS):
        new = {
            each.session_id
            for each in (*found, *more)
            if each.session_id and each.maker.access_key_id in known
        } - known
        if not new:
            break
        known |= new
        told, doubts = _ask(reader, since, [("AccessKeyId", each, region) for each in sorted(new)])
        more, unread = more + told, unread + doubts
    return known, more, unread


def _ask(
    reader: Reader, since: datetime, lookups: Iterable[tuple[str, str, str]]
) -> tuple[tuple[Making, ...], tuple[str, ...]]:
    """Ask for attribute and value in a region each, and read what came back."""
    with Round(most=4) as asking:  # two calls a second are allowed; more would only be throttled
        asked = [asking.ask(_look_up(reader, since - _ROUNDING, *each)) for each in lookups]
    makings: list[Making] = []
    reasons: dict[str, None] = {}
    for each in asked:
        match each.result():
            case Told(value=events):
                makings += [made for event in events if (made := read_making(event)) is not None]
            case Failed(error=error):
                why = explain(error, operation=_OPERATION)
                reasons[f"who made what: {why}"] = None
    return tuple(makings), tuple(reasons)


def _look_up(
    reader: Reader, since: datetime, attribute: str, value: str, region: str
) -> Callable[[], tuple[TrailEvent, ...]]:
    return partial(
        reader.trail_events, attribute=attribute, value=value, region=region, since=since
    )
