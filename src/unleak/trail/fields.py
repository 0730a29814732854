"""Take fields out of hostile JSON by type: what is not there, or of another type, is None."""

from __future__ import annotations

from typing import TypeAlias

Json: TypeAlias = object


def text_at(node: Json, *path: str) -> str | None:
    """Return the text at `path`; None where anything on the way is missing, no text, or empty."""
    for step in path:
        if not isinstance(node, dict):
            return None
        node = node.get(step)
    return node if isinstance(node, str) and node else None


def members(node: Json, *path: str) -> tuple[Json, ...]:
    """Return the members of the list at `path`; none where there is no list."""
    for step in path:
        if not isinstance(node, dict):
            return ()
        node = node.get(step)
    return tuple(node) if isinstance(node, list) else ()
