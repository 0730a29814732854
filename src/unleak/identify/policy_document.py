"""The text of a policy, read into statements; a text that is no policy is said to be none."""

from __future__ import annotations

import json
from collections.abc import Mapping

from unleak.model.frozen import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement; actions are in lower case, since IAM does not mind theirs."""

    effect: str
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    not_resources: tuple[str, ...] = ()
    is_conditional: bool = False


def read_policy(document: str) -> tuple[Statement, ...] | None:
    """Return the statements of a policy, None where the text cannot be understood whole.

    A statement that is only half understood would make a wrong yes or no, so it spoils the policy.

    Args:
        document: the JSON text; one statement may stand without its list, as IAM allows.
    """
    try:
        policy: object = json.loads(document)
    except (ValueError, RecursionError):
        return None
    if not isinstance(policy, dict):
        return None
    listed: object = policy.get("Statement")
    entries = listed if isinstance(listed, list) else [listed]
    statements: list[Statement] = []
    for entry in entries:
        statement = _statement(entry) if isinstance(entry, dict) else None
        if statement is None:
            return None
        statements.append(statement)
    return tuple(statements)


def read_trust(document: str) -> tuple[str, ...]:
    """Return the AWS principals that a trust policy lets in, as they stand there; `*` is anybody.

    Conditions are not read: a trust under conditions counts as trust.

    Args:
        document: the JSON text; one that is not understood lets nobody in that we could name.
    """
    try:
        policy: object = json.loads(document)
    except (ValueError, RecursionError):
        return ()
    listed: object = policy.get("Statement") if isinstance(policy, dict) else None
    trusted: list[str] = []
    for entry in listed if isinstance(listed, list) else [listed]:
        if not isinstance(entry, dict) or entry.get("Effect") != "Allow":
            continue
        named: object = entry.get("Principal")
        trusted += _texts(named.get("AWS") if isinstance(named, dict) else named) or ()
    return tuple(dict.fromkeys(trusted))


def _statement(entry: Mapping[object, object]) -> Statement | None:
    effect = entry.get("Effect")
    actions, not_actions = _texts(entry.get("Action")), _texts(entry.get("NotAction"))
    resources, not_resources = _texts(entry.get("Resource")), _texts(entry.get("NotResource"))
    if not isinstance(effect, str) or effect not in {"Allow", "Deny"}:
        return None
    if None in {actions, not_actions, resources, not_resources}:
        return None
    if bool(actions) == bool(not_actions):
        return None
    return Statement(
        effect=effect,
        actions=_lower(actions),
        not_actions=_lower(not_actions),
        resources=resources or (),
        not_resources=not_resources or (),
        is_conditional=bool(entry.get("Condition")),
    )


def _lower(texts: tuple[str, ...] | None) -> tuple[str, ...]:
    return tuple(text.lower() for text in texts or ())


def _texts(node: object) -> tuple[str, ...] | None:
    """Return one text or a list of texts as a tuple, empty when missing, None when neither."""
    if node is None:
        return ()
    entries = node if isinstance(node, list) else [node]
    if not all(isinstance(entry, str) for entry in entries):
        return None
    return tuple(entries)
