"""What a policy text denies, read independently of the planner that wrote it.

Strict on purpose: a statement counts only when it denies every action on every resource under
nothing but the two conditions that unleak writes.  What is not understood denies nothing.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeAlias

from unleak.errors import WrongUse
from unleak.model.action import (
    AttachPolicy,
    CreatePolicy,
    DeleteRole,
    DetachPolicy,
    LeaveGroup,
    SetBoundary,
    SetInlinePolicy,
)
from unleak.model.frozen import dataclass
from unleak.model.instant import parse_instant

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from unleak.model.action import Action, Holder
    from unleak.model.plan import Step

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"

_PLAIN_KEYS = frozenset({"Sid", "Effect", "Action", "Resource", "Condition"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Deny:
    """One full deny; `cutoff` None: of whatever issue time; `user_id` None: of any session."""

    cutoff: datetime | None
    user_id: str | None = None

    def covers(self, other: Deny) -> bool:
        """Whether all that `other` denies is denied by this one too."""
        if self.user_id is not None and self.user_id != other.user_id:
            return False
        if self.cutoff is None:
            return True
        return other.cutoff is not None and self.cutoff >= other.cutoff


def same_policy(left: str, right: str) -> bool:
    """Whether two texts are the same JSON, blanks and the order of keys aside."""
    if left == right:
        return True
    parsed = _load(left)
    return parsed is not None and parsed == _load(right)


def read_denies(document: str) -> tuple[Deny, ...]:
    """Return the full denies of a policy text, none where it is not understood."""
    policy = _load(document)
    statements = policy.get("Statement") if isinstance(policy, dict) else None
    listed = statements if isinstance(statements, list) else [statements]
    return tuple(deny for each in listed if (deny := _read(each)) is not None)


def denies_on(steps: Iterable[Step], holder: Holder) -> tuple[Deny, ...]:
    """Return the denies that these steps have put on a role or user, managed policies included."""
    actions = [step.action for step in steps]
    inline: dict[str, str | None] = {}
    managed = {each.policy_arn: each.document for each in actions if isinstance(each, CreatePolicy)}
    used: list[str] = []
    for action in actions:
        match action:
            case SetInlinePolicy(holder=on, policy_name=name, after=after) if on == holder:
                inline[name] = after
            case AttachPolicy(holder=on, policy_arn=arn) if on == holder:
                used.append(arn)
            case SetBoundary(holder=on, after=str(arn)) if on == holder:
                used.append(arn)
            case _:
                pass
    texts = [text for text in inline.values() if text is not None]
    texts += [managed[arn] for arn in used if arn in managed]
    return tuple(deny for text in texts for deny in read_denies(text))


def policy_names(steps: Iterable[Step], holder: Holder) -> frozenset[str]:
    """Return the names under which these steps have put denies on a role or user."""
    names: set[str] = set()
    for step in steps:
        match step.action:
            case SetInlinePolicy(holder=on, policy_name=name, after=str()) if on == holder:
                names.add(name)
            case AttachPolicy(holder=on, policy_arn=arn) if on == holder:
                names.add(arn.rpartition("/")[2])
            case SetBoundary(holder=on, after=str(arn)) if on == holder:
                names.add(arn.rpartition("/")[2])
            case _:
                pass
    return frozenset(names)


def spares_new_sessions(steps: Iterable[Step], holder: Holder) -> bool:
    """Whether all that was done to a role or user leaves sessions from after the cut-off alone."""
    listed = tuple(steps)
    denies = denies_on(listed, holder)
    hits_all = any(deny.cutoff is None for deny in denies)
    return bool(denies) and not hits_all and not strips(listed, holder)


def strips(steps: Iterable[Step], holder: Holder) -> bool:
    """Whether permissions were taken from a role or user, so that new sessions lose them too."""
    return any(_strips(step.action, holder) for step in steps)


def _strips(action: Action, holder: Holder) -> bool:
    match action:
        case DetachPolicy(holder=on) | SetInlinePolicy(holder=on, after=None):
            return on == holder
        case LeaveGroup(user=user):
            return holder.label == f"user/{user}"
        case DeleteRole(record=record):
            return holder.label == f"role/{record.name}"
        case _:
            return False


def _load(document: str) -> Json:
    try:
        parsed: Json = json.loads(document)
    except (ValueError, RecursionError):
        return None
    return parsed


def _read(statement: Json) -> Deny | None:
    if not isinstance(statement, dict) or set(statement) - _PLAIN_KEYS:
        return None
    hits_all = all(statement.get(part) in ("*", ["*"]) for part in ("Action", "Resource"))
    if statement.get("Effect") != "Deny" or not hits_all:
        return None
    if "Condition" not in statement:
        return Deny(cutoff=None)
    return _conditional(statement["Condition"])


def _conditional(condition: Json) -> Deny | None:
    if not isinstance(condition, dict) or set(condition) - {"DateLessThan", "StringEquals"}:
        return None
    cutoff = user_id = None
    if "DateLessThan" in condition:
        cutoff = _instant(_only(condition["DateLessThan"], "aws:tokenissuetime"))
        if cutoff is None:
            return None
    if "StringEquals" in condition:
        user_id = _only(condition["StringEquals"], "aws:userid")
        if user_id is None:
            return None
    return Deny(cutoff=cutoff, user_id=user_id) if condition else None


def _only(block: Json, key: str) -> str | None:
    """Return the one value of a block that has the one key; condition keys ignore case in AWS."""
    if not isinstance(block, dict) or [name.lower() for name in block] != [key]:
        return None
    (value,) = block.values()
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    return value if isinstance(value, str) else None


def _instant(value: str | None) -> datetime | None:
    """Read a date; one cloud stores `+00:00` and then denies nothing, so only `Z` counts."""
    if value is None or not value.endswith("Z"):
        return None
    try:
        return parse_instant(value)
    except WrongUse:
        return None
