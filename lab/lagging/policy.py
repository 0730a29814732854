"""Policy documents, read once each, and whether a statement speaks of a request."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from lab.lagging.conditions import Context, holds, like
from lab.lagging.refusal import refuse


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement; what it does not say is None."""

    sid: str
    is_deny: bool
    actions: tuple[str, ...] | None
    not_actions: tuple[str, ...] | None
    resources: tuple[str, ...] | None
    not_resources: tuple[str, ...] | None
    principals: tuple[str, ...] | None
    """The AWS principals of a trust policy."""
    condition: Mapping[str, object] = field(compare=False)

    def covers(self, action: str, resource: str) -> bool:
        """Whether it covers a request, if its condition is met."""
        return _covers(self.actions, self.not_actions, action.lower(), _action_like) and _covers(
            self.resources, self.not_resources, resource, _resource_like
        )


def speaking_of(
    document: str, action: str, resource: str, context: Context
) -> tuple[Statement, ...]:
    """Return the statements of a policy document that speak of a request."""
    covering = _covering(document, action, resource)
    return tuple(one for one in covering if holds(one.condition, context))


@lru_cache(maxsize=65536)
def _covering(document: str, action: str, resource: str) -> tuple[Statement, ...]:
    # a fight asks the same of the same few texts ten thousands of times
    return tuple(one for one in read(document) if one.covers(action, resource))


@lru_cache(maxsize=4096)
def read(document: str) -> tuple[Statement, ...]:
    """Read a policy document.

    Raises:
        Refusal: it is none (`MalformedPolicyDocument`).
    """
    try:
        found: object = json.loads(document)
    except ValueError as error:
        message = "Syntax errors in policy."
        raise refuse(400, "MalformedPolicyDocument", message) from error
    if not isinstance(found, dict) or "Statement" not in found:
        message = "Missing required field Statement"
        raise refuse(400, "MalformedPolicyDocument", message)
    statements = found["Statement"]
    rows: list[object] = statements if isinstance(statements, list) else [statements]
    return tuple(_statement(row) for row in rows)


def _statement(row: object) -> Statement:
    if not isinstance(row, dict) or row.get("Effect") not in {"Allow", "Deny"}:
        message = "Missing or wrong field Effect"
        raise refuse(400, "MalformedPolicyDocument", message)
    condition = row.get("Condition")
    return Statement(
        sid=str(row.get("Sid", "")),
        is_deny=row["Effect"] == "Deny",
        actions=_texts(row.get("Action")),
        not_actions=_texts(row.get("NotAction")),
        resources=_texts(row.get("Resource")),
        not_resources=_texts(row.get("NotResource")),
        principals=_principals(row.get("Principal")),
        condition=condition if isinstance(condition, dict) else {},
    )


def _texts(value: object) -> tuple[str, ...] | None:
    if value is None:
        return None
    return tuple(str(one) for one in value) if isinstance(value, list) else (str(value),)


def _principals(value: object) -> tuple[str, ...] | None:
    if isinstance(value, dict):
        return _texts(value.get("AWS")) or ()
    return _texts(value)


def _action_like(pattern: str, action: str) -> bool:
    return like(pattern.lower(), action)


def _resource_like(pattern: str, resource: str) -> bool:
    # a call on "everything" is met by any deny or allow of everything alone
    return pattern == "*" or like(pattern, resource)


def _covers(
    yes: tuple[str, ...] | None,
    no: tuple[str, ...] | None,
    text: str,
    matches: Callable[[str, str], bool],
) -> bool:
    if no is not None:
        return not any(matches(pattern, text) for pattern in no)
    return yes is None or any(matches(pattern, text) for pattern in yes)
