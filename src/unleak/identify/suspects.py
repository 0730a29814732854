"""Which of all that can act in the account may be the thief's, the strongest suspicion first.

A thing is a suspect if it is newer than the leak, of a kind that the leaked principal could have
made, and not known to be somebody else's work.  Two kinds need no new thing: a role that the leaked
principal may become and that was used since, and a role that lets a suspect in.

Kept quiet on purpose, so that the list is read: trust in a foreign account is common and rightful,
so it counts only without any condition and if the role was used since (CloudTrail names an edited
one); a policy that is new and whole is no identity; roles that only AWS can make are left out.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from unleak.identify.attribution import Standing, Tainted, register_of, standing
from unleak.identify.candidates import Candidate, candidates, is_newer, is_reserved
from unleak.identify.could_make import EVERYTHING
from unleak.identify.makers import is_late_enough
from unleak.identify.old_roles import OldRole, letting_in, old_roles, used_since
from unleak.model.door import Door, DoorKind
from unleak.model.frozen import dataclass
from unleak.model.reading import Known

if TYPE_CHECKING:
    from unleak.identify.leak import Leak
    from unleak.identify.making_event import Maker
    from unleak.identify.sweep import Swept

_ORDER = tuple(DoorKind)
_WHAT = {
    DoorKind.LOGIN_PROFILE: "its password was",
    DoorKind.TRUST_POLICY: "its trust policy was",
    DoorKind.POLICY_VERSION: "what it allows was",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """The suspects, and what was left out."""

    doors: tuple[Door, ...]
    notes: tuple[str, ...] = ()
    cleared: tuple[Door, ...] = ()
    """What somebody else has made: for the `cleared` of later, lighter looks."""


def suspects(swept: Swept, leak: Leak) -> tuple[Door, ...]:
    """Return the ways in that the thief may have made, the strongest suspicion first."""
    return rank(swept, leak).doors


def rank(swept: Swept, leak: Leak) -> Ranking:
    """Return the suspects with notes about what was cleared or left out.

    Who made a thing decides, and the maker may be a suspect himself.  So everything is a suspect at
    first, and the work of known others is cleared, round by round, until nothing changes: two new
    users that made one another stay suspects.

    Args:
        swept: what was read; what could not be read is in its `unread`.
        leak: what leaked, since when, and who made what.
    """
    roles = old_roles(swept, leak)
    kinds = EVERYTHING if any(each.names_leak for each in roles) else leak.could_make()
    trial = _Trial(swept, leak, roles)
    found = candidates(swept, leak, kinds)
    left = found
    while (kept := trial.uncleared(left)) != left:
        left = kept
    doors = list(trial.doors(left))
    taken = {each.target for each in doors}
    doors += [each for each in used_since(roles, leak, kinds) if each.target not in taken]
    return Ranking(
        doors=tuple(
            sorted(doors, key=lambda each: (-each.weight, _ORDER.index(each.kind), each.target))
        ),
        notes=(*_cleared_note(len(found) - len(left)), *_left_out_notes(swept, leak)),
        cleared=(*leak.cleared, *(each.door for each in found if each not in left)),
    )


class _Trial:
    """One look at all makers against those who are under suspicion so far."""

    def __init__(self, swept: Swept, leak: Leak, roles: tuple[OldRole, ...]) -> None:
        self._leak = leak
        self._roles = roles
        self._register = register_of(swept)
        self._names = _names(swept)

    def uncleared(self, pending: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
        """Leave out what is the work of somebody known who is under no suspicion."""
        tainted = self._tainted(pending)
        return tuple(each for each in pending if not self._is_cleared(each, tainted))

    def doors(self, left: tuple[Candidate, ...]) -> tuple[Door, ...]:
        """Return the suspects that are left with their reasons, and the roles that let them in."""
        tainted = self._tainted(left)
        named = [self._named(each, tainted) for each in left]
        edited = {each.target for each in named if each.kind is DoorKind.TRUST_POLICY}
        opened = self._letting_in(left)
        return (*named, *(each for each in opened if each.target not in edited))

    def _is_cleared(self, candidate: Candidate, tainted: Tainted) -> bool:
        makers = candidate.makers
        made_at = candidate.door.made_at
        # An event from before the thing was made is about an earlier one of the same name.
        if not any(is_late_enough(each.at, made_at) for each in makers):
            return False
        return all(self._standing(each, tainted) is Standing.INNOCENT for each in makers)

    def _standing(self, maker: Maker, tainted: Tainted) -> Standing:
        return standing(maker, leak=self._leak, register=self._register, tainted=tainted)

    def _tainted(self, pending: tuple[Candidate, ...]) -> Tainted:
        """Return the names under which the thief may act, if all of these are his."""
        doors = [each.door for each in pending]
        principals = {each.target for each in doors if each.kind in _IDENTITIES}
        principals |= {each.target for each in self._letting_in(pending)}
        principals |= {each.holder.label for each in self._roles if each.is_reachable}
        sessions = {
            each.holder.label
            for each in doors
            if each.holder is not None
            and each.kind in {DoorKind.ACCESS_KEY, DoorKind.LOGIN_PROFILE}
        }
        responder = self._leak.responder
        if responder is not None and any(_is_own_key(each) for each in doors):
            sessions.add(responder.label)
        return Tainted(
            keys=frozenset(each.target for each in doors if each.kind is DoorKind.ACCESS_KEY),
            principals=frozenset(principals),
            sessions=frozenset(sessions),
        )

    def _letting_in(self, pending: tuple[Candidate, ...]) -> tuple[Door, ...]:
        suspected = {each.door.target for each in pending if each.door.kind in _NAMEABLE}
        names = {name: label for name, label in self._names.items() if label in suspected}
        return tuple(letting_in(self._roles, names, self._leak))

    def _named(self, candidate: Candidate, tainted: Tainted) -> Door:
        """Say why it is a suspect, and how strongly."""
        door = candidate.door
        standings = [(self._standing(each, tainted), each) for each in candidate.makers]
        what = _WHAT.get(door.kind, "")
        what = f"{what} {'changed' if what else 'made'} since the leak".strip()
        for each, maker in standings:
            if each is Standing.LEAK:
                who = _who(maker)
                return replace(
                    door,
                    weight=3,
                    reason=f"{what}, and the trail names the leak as its maker: {who}",
                )
        for each, maker in standings:
            if each is Standing.SUSPECT:
                return replace(door, weight=2, reason=f"{what} by {_who(maker)}, a suspect itself")
        by = "by nobody that the trail can tell" if standings else "CloudTrail does not say by whom"
        joint = " " if standings else "; "
        weight = 2 if candidate.is_dated else 1
        return replace(door, weight=weight, reason=f"{what}{joint}{by}")


_IDENTITIES = (DoorKind.USER, DoorKind.ROLE, DoorKind.TRUST_POLICY)
_NAMEABLE = (DoorKind.USER, DoorKind.ROLE, DoorKind.PROVIDER)


def _is_own_key(door: Door) -> bool:
    return door.kind is DoorKind.ACCESS_KEY and door.holder is None


def _who(maker: Maker) -> str:
    label = None if maker.principal is None else maker.principal.label
    return " of ".join(each for each in (maker.access_key_id, label) if each) or "not known"


def _names(swept: Swept) -> dict[str, str]:
    """Return how trust policies may name each user, role and provider, with what we call it."""
    names: dict[str, str] = {}
    if isinstance(swept.details, Known):
        details = swept.details.value
        labelled = [(f"user/{each.name}", each.arn, each.unique_id) for each in details.users]
        labelled += [(f"role/{each.name}", each.arn, each.unique_id) for each in details.roles]
        for label, arn, unique_id in labelled:
            names |= {name: label for name in (arn, unique_id) if name}
    if isinstance(swept.providers, Known):
        names |= {each.arn: each.arn for each in swept.providers.value}
    return names


def _cleared_note(count: int) -> tuple[str, ...]:
    if not count:
        return ()
    things = "1 new thing is" if count == 1 else f"{count} new things are"
    return (f"{things} no suspect: CloudTrail names another maker who is none either",)


def _left_out_notes(swept: Swept, leak: Leak) -> tuple[str, ...]:
    if not isinstance(swept.details, Known):
        return ()
    users, roles = swept.details.value.users, swept.details.value.roles
    reserved = sum(
        each.path.startswith("/aws-reserved/")
        and (is_newer(each.created_at, leak) or is_newer(each.last_used_at, leak))
        for each in roles
    )
    undated = sum(each.created_at is None for each in users)
    undated += sum(each.created_at is None and not is_reserved(each) for each in roles)
    notes = []
    if reserved:
        notes.append(
            f"{reserved} roles of IAM Identity Center are new or were used since the leak: only"
            " its own records tell whether the thief has a user there"
        )
    if undated:
        notes.append(f"when {undated} users or roles were made was not told: they are no suspects")
    return tuple(notes)
