"""The texts of the denies, and merging them without ever weakening one that is there.

Everything is compact JSON: one cloud refuses policy text with blanks, and none minds.  Times end in
`Z`, because one implementation stores `+00:00` and then denies nothing.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import TypeAlias

from unleak.errors import WrongUse
from unleak.model.frozen import dataclass
from unleak.model.instant import parse_instant
from unleak.model.policy_names import DENY_ALL_SID, OLDER_SESSIONS_SID, SESSION_SID_PREFIX

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"
Statement: TypeAlias = "dict[str, Json]"

ISSUE_TIME = "aws:TokenIssueTime"
USER_ID = "aws:userid"

_PLAIN_KEYS = frozenset({"Sid", "Effect", "Action", "Resource", "Condition"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """A policy text and the cut-off that holds once it is in place."""

    document: str
    cutoff: datetime
    is_already_there: bool


class Unmergeable(ValueError):
    """The existing text is no policy document that we understand."""


def render_cutoff(cutoff: datetime) -> str:
    """Return the time as the console writes it: `2026-11-24T07:00:00.000Z`."""
    return cutoff.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def cutoff_statement(cutoff: datetime, *, sid: str = OLDER_SESSIONS_SID) -> Statement:
    """Return the deny that the console writes: everything, for sessions issued before `cutoff`.

    The console's has no id; ours has one, so that a decoded denial can be seen to be our doing.
    Never `DateLessThanIfExists`: long-lived keys have no issue time, and it would lock them out.
    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_revoke-sessions.html
    """
    return {
        "Sid": sid,
        "Effect": "Deny",
        "Action": ["*"],
        "Resource": ["*"],
        "Condition": {"DateLessThan": {ISSUE_TIME: render_cutoff(cutoff)}},
    }


def session_statement(user_id: str, cutoff: datetime) -> Statement:
    """Return the deny of one session by `aws:userid`, sparing a later one of the same name.

    Args:
        user_id: `AROA...:session-name`, or `ACCOUNT:name` for a federated user.
        cutoff: sessions of that name issued before it are denied.
    """
    statement = cutoff_statement(cutoff, sid=session_sid(user_id))
    return statement | {
        "Condition": {
            "StringEquals": {USER_ID: user_id},
            "DateLessThan": {ISSUE_TIME: render_cutoff(cutoff)},
        }
    }


def session_sid(user_id: str) -> str:
    """Return the statement id for one session: letters and digits only, as IAM asks."""
    return SESSION_SID_PREFIX + sha256(user_id.encode()).hexdigest()[:16]


def deny_all_document(*, sid: str = DENY_ALL_SID) -> str:
    """Return the unconditional deny: new sessions are refused as well as old ones.

    Args:
        sid: the statement's id, letters and digits, so that a refusal can name it.
    """
    statement: Statement = {
        "Sid": sid,
        "Effect": "Deny",
        "Action": ["*"],
        "Resource": ["*"],
    }
    return render([statement])


def render(statements: list[Statement], *, version: str = "2012-10-17") -> str:
    """Return a policy document as compact JSON."""
    return json.dumps({"Version": version, "Statement": statements}, separators=(",", ":"))


def merge_cutoff(existing: str | None, cutoff: datetime) -> Merged:
    """Put the plain cut-off into `AWSRevokeOlderSessions`, never moving an existing one back.

    Statements that are not the plain cut-off (somebody else's, or narrower ones) are kept as they
    are; the plain one, the console's without an id as well as ours, is added or moved forward.  A
    narrower statement under our id loses the id, which has to be unique in a policy.

    Args:
        existing: the exact text of the policy, None where there is none.
        cutoff: the new cut-off.

    Raises:
        Unmergeable: `existing` is no policy document.
    """
    if existing is None:
        return Merged(
            document=render([cutoff_statement(cutoff)]), cutoff=cutoff, is_already_there=False
        )
    policy, statements = parse_policy(existing)
    obeyed = max(filter(None, map(plain_cutoff, filter(_is_obeyed, statements))), default=None)
    if obeyed is not None and obeyed >= cutoff:
        return Merged(document=existing, cutoff=obeyed, is_already_there=True)
    latest = max(filter(None, map(plain_cutoff, statements)), default=None)
    newest = cutoff if latest is None else max(cutoff, latest)
    kept = [statement for statement in statements if plain_cutoff(statement) is None]
    document = rebuild_policy(policy, _with_unique_sids(kept, [cutoff_statement(newest)]))
    return Merged(document=document, cutoff=newest, is_already_there=False)


def merge_sessions(existing: str | None, user_ids: tuple[str, ...], cutoff: datetime) -> Merged:
    """Put one statement a session into unleak's own policy, beside those of earlier incidents.

    Raises:
        Unmergeable: `existing` is no policy document.
    """
    policy, statements = (
        ({"Version": "2012-10-17"}, []) if existing is None else parse_policy(existing)
    )
    by_id = dict.fromkeys(user_ids, cutoff)
    kept: list[Statement] = []
    for statement in statements:
        denied = _denied_session(statement)
        if denied is not None and denied[0] in by_id:
            by_id[denied[0]] = max(by_id[denied[0]], denied[1])
        else:
            kept.append(statement)
    added = [session_statement(user_id, instant) for user_id, instant in by_id.items()]
    unchanged = bool(statements) and all(statement in statements for statement in added)
    merged = rebuild_policy(policy, _with_unique_sids(kept, added))
    document = existing if unchanged and existing is not None else merged
    latest = max(by_id.values(), default=cutoff)
    return Merged(document=document, cutoff=latest, is_already_there=unchanged)


def append_statement(existing: str, statement: Statement) -> str:
    """Return `existing` with one more statement (a permissions boundary that also denies).

    An earlier statement under the same id stays, without the id.

    Raises:
        Unmergeable: `existing` is no policy document.
    """
    policy, statements = parse_policy(existing)
    return rebuild_policy(policy, _with_unique_sids(statements, [statement]))


def plain_cutoff(statement: Statement) -> datetime | None:
    """Return the cut-off of the console's statement, None for any other statement.

    Strict on purpose: a statement with one more condition or fewer actions denies less, so it must
    not be mistaken for the full cut-off.
    """
    value = _plain_value(statement)
    return None if value is None else _instant(value)


def _plain_value(statement: Statement) -> str | None:
    if statement.get("Effect") != "Deny" or set(statement) - _PLAIN_KEYS:
        return None
    if not (_is_star(statement.get("Action")) and _is_star(statement.get("Resource"))):
        return None
    match statement.get("Condition"):
        case {"DateLessThan": {**dates}, **others} if not others and len(dates) == 1:
            ((key, value),) = dates.items()
            one = value[0] if isinstance(value, list) and len(value) == 1 else value
            is_issue_time = str(key).lower() == ISSUE_TIME.lower()
            return one if is_issue_time and isinstance(one, str) else None
        case _:
            return None


def billed_size(document: str) -> int:
    """Return the size that IAM's quotas count: white space left out.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    """
    return sum(1 for character in document if not character.isspace())


def _denied_session(statement: Statement) -> tuple[str, datetime] | None:
    match statement.get("Condition"):
        case {"StringEquals": dict(ids), "DateLessThan": dict(dates)} if (
            len(ids) == len(dates) == 1
        ):
            user_id = ids.get(USER_ID)
            instant = _instant(dates.get(ISSUE_TIME))
            if (
                isinstance(user_id, str)
                and instant
                and statement.get("Sid") == session_sid(user_id)
            ):
                return user_id, instant
    return None


def _is_obeyed(statement: Statement) -> bool:
    """Whether the date is spelled in the form that every cloud obeys (`Z`, not `+00:00`)."""
    return (_plain_value(statement) or "").endswith("Z")


def _instant(value: Json) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        return parse_instant(value)
    except WrongUse:
        return None


def _is_star(value: Json) -> bool:
    return value in ("*", ["*"])


def parse_policy(document: str) -> tuple[dict[str, Json], list[Statement]]:
    """Return a policy and its statements, always as a list.

    Raises:
        Unmergeable: the text is no policy document.
    """
    try:
        policy = json.loads(document)
    except ValueError as error:
        raise Unmergeable(str(error)) from error
    if not isinstance(policy, dict):
        msg = "a policy document is a JSON object"
        raise Unmergeable(msg)
    statements = policy.get("Statement", [])
    if isinstance(statements, dict):
        statements = [statements]
    if not isinstance(statements, list) or not all(isinstance(each, dict) for each in statements):
        msg = "a policy document holds a list of statements"
        raise Unmergeable(msg)
    return policy, statements


def _with_unique_sids(kept: list[Statement], added: list[Statement]) -> list[Statement]:
    """Return both, taking the id from what is kept where an added statement has the same one.

    A policy with one id twice is refused, and the id weakens or strengthens nothing.
    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html
    """
    taken = {each.get("Sid") for each in added}
    freed = [
        {key: value for key, value in each.items() if key != "Sid" or value not in taken}
        for each in kept
    ]
    return [*freed, *added]


def rebuild_policy(policy: dict[str, Json], statements: list[Statement]) -> str:
    """Return the compact text of a policy with other statements, all else being kept."""
    return json.dumps({**policy, "Statement": statements}, separators=(",", ":"))
