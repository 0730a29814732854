"""What a fence does, in words: an order, and whom the text of the policy shuts out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeAlias

from unleak.model.policy_names import FENCE_PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unleak.model.action import SetFence

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"

_MOST_NAMES = 5


def fence_order(action: SetFence) -> str:
    """Return what the action does, as an order."""
    name = f"service control policy {FENCE_PREFIX}{action.account}"
    if action.after is None:
        return f"Lift the fence of account {action.account} ({name})"
    if action.before is None:
        return f"Put a fence around account {action.account} ({name})"
    return f"Change the fence of account {action.account} ({name})"


def fence_state(account: str, document: str | None) -> str:
    """Return whom the fence of an account shuts out, and whether IAM is frozen."""
    name = f"{FENCE_PREFIX}{account}"
    if document is None:
        return f"no service control policy {name}"
    statements = tuple(_statements(document))
    names = list(dict.fromkeys(each for one in statements for each in _names(one)))
    shown = ", ".join(names[:_MOST_NAMES]) or "nobody that can be read from it"
    if len(names) > _MOST_NAMES:
        shown += f" and {len(names) - _MOST_NAMES} more"
    is_frozen = any(each.get("Sid") == "UnleakFreezeIam" for each in statements)
    return f"{name} shuts out {shown}{', IAM is frozen' if is_frozen else ''}"


def _statements(document: str) -> Iterator[dict[str, Json]]:
    try:
        policy: Json = json.loads(document)
    except (ValueError, RecursionError):
        return
    statements = policy.get("Statement") if isinstance(policy, dict) else None
    for each in statements if isinstance(statements, list) else [statements]:
        if isinstance(each, dict):
            yield each


def _names(statement: dict[str, Json]) -> Iterator[str]:
    """Yield `role/NAME`, `user/NAME` or `root`: the path says nothing to a person in a hurry."""
    match statement:
        case {
            "Sid": "UnleakFence" | "UnleakFenceRoot",
            "Condition": {"ArnLike": {"aws:PrincipalArn": [*arns]}},
        }:
            own = (each for each in arns if isinstance(each, str) and ":iam:" in each)
            for arn in own:
                kind, _, rest = arn.rpartition(":")[2].partition("/")
                yield f"{kind}/{rest.rpartition('/')[2]}" if rest else kind
        case _:
            return
