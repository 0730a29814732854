"""What a fence shuts out, read independently of the planner that drew it.

Strict on purpose: a statement counts only when it denies every action on every resource under
nothing but the conditions that unleak writes.  What is not understood shuts nobody out.
"""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"

_KEYS = frozenset({"Sid", "Effect", "Action", "Resource", "Condition"})
_CONDITIONS = frozenset({"ArnLike", "ArnNotLike", "Null"})
_NO_ASSUMED_ROOT = {"aws:AssumedRoot": "true"}
"""Lets the organization's own sessions as root through, and nobody else."""
_PRINCIPAL_ARN = "aws:principalarn"


def still_fences(current: str, wanted: str) -> bool:
    """Whether `current` shuts out everybody whom `wanted` does; more is as good.

    A pattern that spares one of them is a hole, whoever made it.
    """
    asked = tuple(_read(wanted))
    there = tuple(_read(current))
    fenced = frozenset[str]().union(*(each[0] for each in asked))
    return bool(fenced) and all(
        any(arn in shut_out and not _spares(spared, arn) for shut_out, spared in there)
        for arn in fenced
    )


def _spares(patterns: Iterable[str], arn: str) -> bool:
    return any(fnmatchcase(arn, each) or fnmatchcase(each, arn) for each in patterns)


def _read(document: str) -> Iterable[tuple[frozenset[str], frozenset[str]]]:
    """Yield whom each full deny shuts out, and whom it spares."""
    try:
        policy: Json = json.loads(document)
    except (ValueError, RecursionError):
        return
    statements = policy.get("Statement") if isinstance(policy, dict) else None
    for each in statements if isinstance(statements, list) else [statements]:
        if not isinstance(each, dict) or set(each) - _KEYS or each.get("Effect") != "Deny":
            continue
        condition = each.get("Condition")
        hits_all = all(each.get(part) in ("*", ["*"]) for part in ("Action", "Resource"))
        if not hits_all or not isinstance(condition, dict) or set(condition) - _CONDITIONS:
            continue
        if condition.get("Null", _NO_ASSUMED_ROOT) != _NO_ASSUMED_ROOT:
            continue
        shut_out = _arns(condition.get("ArnLike"))
        spared = _arns(condition["ArnNotLike"]) if "ArnNotLike" in condition else frozenset[str]()
        if shut_out is not None and spared is not None:
            yield shut_out, spared


def _arns(block: Json) -> frozenset[str] | None:
    """Return the patterns of a condition on the principal's ARN; condition keys ignore case."""
    if not isinstance(block, dict) or [name.lower() for name in block] != [_PRINCIPAL_ARN]:
        return None
    (value,) = block.values()
    listed = value if isinstance(value, list) else [value]
    return frozenset(each for each in listed if isinstance(each, str))
